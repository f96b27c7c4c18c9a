"""What the platform's own people do, and the sandbox's clock."""

from datetime import datetime, timedelta

import strawberry

from auth.passwords import MAX_PASSWORD, MIN_PASSWORD
from domain.permissions import Permission
from domain.words import MAX_NAME, between, words
from execution.answers import one
from resolvers.platform.advance_clock import MAX_STEP, advance_clock
from resolvers.platform.calendar import declare_pause
from resolvers.platform.register_merchant import register_merchant
from schema.fields import SIGNED_IN, Info, mutation
from schema.queries.enrolment import PauseWindow
from schema.types.merchant import Merchant
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal


@strawberry.input(description="A merchant to register, and its main account.")
class RegisterMerchantInput:
    """A merchant."""

    name: str = strawberry.field(
        description=f"What the merchant is called, up to {MAX_NAME} characters."
    )
    login: str = strawberry.field(description="What its main account (主账号) signs in with.")
    password: str = strawberry.field(
        description=f"The main account's password, {MIN_PASSWORD} to {MAX_PASSWORD} characters."
    )
    main_account_name: str = strawberry.field(description="The name of the merchant's owner.")


@strawberry.type(description="A merchant that was registered.")
class RegisterMerchantPayload:
    """A new merchant."""

    merchant: Merchant | None = strawberry.field(
        default=None, description="The merchant; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="A pause to declare. Windows may not overlap.")
class DeclarePauseWindowInput:
    """A pause."""

    name: str = strawberry.field(description="What it is for, such as 国庆.")
    start_at: datetime = strawberry.field(description="From when; not in the past.")
    end_at: datetime = strawberry.field(description="Until when.")


@strawberry.type(description="A pause that was declared.")
class DeclarePauseWindowPayload:
    """A new pause."""

    pause_window: PauseWindow | None = strawberry.field(
        default=None, description="The window; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="How far to move the sandbox clock.")
class AdvanceClockInput:
    """A step in time."""

    seconds: int = strawberry.field(description="How far, in seconds; 31 days at most.")


@strawberry.type(description="The time after the step.")
class AdvanceClockPayload:
    """The new time."""

    server_time: datetime | None = strawberry.field(
        default=None, description="The time of the desk now; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class PlatformMutations:
    """Mutations of the platform."""

    @mutation(Permission.ENROLMENT_REVIEW)
    async def register_merchant(
        self, info: Info, input: RegisterMerchantInput
    ) -> RegisterMerchantPayload:
        """Register a merchant with its main account and the usual role groups."""
        merchant = await register_merchant(
            info.context,
            name=words(input.name, "name", longest=MAX_NAME),
            login=words(input.login, "login", longest=MAX_NAME),
            password=words(input.password, "password", shortest=MIN_PASSWORD, longest=MAX_PASSWORD),
            main_account_name=words(input.main_account_name, "mainAccountName", longest=MAX_NAME),
        )
        return RegisterMerchantPayload(merchant=one("Merchant", (merchant,)))

    @mutation(Permission.CALENDAR_MANAGE)
    async def declare_pause_window(
        self, info: Info, input: DeclarePauseWindowInput
    ) -> DeclarePauseWindowPayload:
        """Declare a time in which no clock runs; every clock that runs into it moves."""
        id_ = await declare_pause(
            info.context,
            name=words(input.name, "name", longest=MAX_NAME),
            start_at=input.start_at,
            end_at=input.end_at,
        )
        return DeclarePauseWindowPayload(pause_window=one("PauseWindow", (id_,)))

    @mutation(SIGNED_IN)
    async def advance_clock(self, info: Info, input: AdvanceClockInput) -> AdvanceClockPayload:
        """On a sandbox, move the time on, to watch 48 hours pass. Refused everywhere else."""
        most = int(MAX_STEP.total_seconds())
        seconds = between(input.seconds, "seconds", least=1, most=most)
        now = await advance_clock(info.context, timedelta(seconds=seconds))
        return AdvanceClockPayload(server_time=now)
