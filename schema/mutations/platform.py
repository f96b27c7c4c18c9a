"""Mutations of the platform's staff, and of the sandbox clock."""

from datetime import datetime, timedelta

import strawberry

from domain.passwords import MAX_PASSWORD, MIN_PASSWORD, new_password
from domain.permissions import Permission
from domain.words import MAX_NAME, between, line, reference
from execution.sources import object_source
from resolvers.platform.advance_clock import MAX_STEP, advance_clock
from resolvers.platform.register_merchant import register_merchant
from schema.fields import SIGNED_IN, Info, mutation
from schema.types.merchant import Merchant
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal


@strawberry.input(description="The merchant to register and its main account.")
class RegisterMerchantInput:
    """A merchant."""

    name: str = strawberry.field(
        description=f"The name of the merchant. At most {MAX_NAME} characters."
    )
    login: str = strawberry.field(
        description=f"The login of the main account (主账号). At most {MAX_NAME} characters."
    )
    password: str = strawberry.field(
        description=(
            f"The password of the main account, {MIN_PASSWORD} to {MAX_PASSWORD} characters."
        )
    )
    main_account_name: str = strawberry.field(
        description=f"The name of the main account's user. At most {MAX_NAME} characters."
    )


@strawberry.type(description="The registered merchant.")
class RegisterMerchantPayload:
    """A new merchant."""

    merchant: Merchant | None = strawberry.field(
        default=None, description="The merchant. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="The time by which to advance the sandbox clock.")
class AdvanceClockInput:
    """A step in time."""

    seconds: int = strawberry.field(description="The number of seconds, at most 31 days.")


@strawberry.type(description="The advanced time.")
class AdvanceClockPayload:
    """The new time."""

    server_time: datetime | None = strawberry.field(
        default=None,
        description="The server's time after the change. Null if the request was refused.",
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class PlatformMutations:
    """Mutations of the platform."""

    @mutation(Permission.ENROLMENT_REVIEW)
    async def register_merchant(
        self, info: Info, input: RegisterMerchantInput
    ) -> RegisterMerchantPayload:
        """Registers a merchant with its main account and the standard roles."""
        merchant = await register_merchant(
            info.context,
            name=line(input.name, "name", longest=MAX_NAME),
            login=reference(input.login, "login", longest=MAX_NAME),
            password=new_password(input.password, "password", login=input.login),
            main_account_name=line(input.main_account_name, "mainAccountName", longest=MAX_NAME),
        )
        return RegisterMerchantPayload(merchant=object_source("Merchant", (merchant,)))

    @mutation(SIGNED_IN)
    async def advance_clock(self, info: Info, input: AdvanceClockInput) -> AdvanceClockPayload:
        """Advances the sandbox clock, for example past a deadline. Refused outside a sandbox."""
        most = int(MAX_STEP.total_seconds())
        seconds = between(input.seconds, "seconds", least=1, most=most)
        now = await advance_clock(info.context, timedelta(seconds=seconds))
        return AdvanceClockPayload(server_time=now)
