"""Signing in and out, and acting for a customer."""

from datetime import datetime
from typing import Any

import strawberry

from auth.passwords import MAX_PASSWORD
from domain.permissions import Permission
from domain.words import MAX_NAME, MAX_REF, optional_words, words
from resolvers.sign_in.customers import issue_customer_token
from resolvers.sign_in.refresh import refresh
from resolvers.sign_in.session import Tokens, sign_out
from resolvers.sign_in.sign_in import sign_in
from schema import ids
from schema.fields import PUBLIC, SIGNED_IN, TRIES_PASSWORD, Info, mutation
from schema.queries.staff import viewer_of
from schema.types.payload import DonePayload, refusals_field
from schema.types.refusal import Refusal
from schema.types.staff import Viewer

_MAX_TOKEN = 256


@strawberry.input(description="A login and its password.")
class SignInInput:
    """Credentials."""

    login: str = strawberry.field(description="The login.")
    password: str = strawberry.field(description="The password.")
    device_token: str | None = strawberry.field(
        default=None,
        description=(
            "The `deviceToken` of an earlier sign-in on this device. With it, failed sign-ins of "
            "others do not make this one wait."
        ),
    )


@strawberry.input(description="A refresh token.")
class RefreshSessionInput:
    """A refresh token."""

    refresh_token: str = strawberry.field(
        description=(
            "The newest refresh token. If the answer was lost, send the same one again: within 30 "
            "seconds it gives the same new pair."
        )
    )


@strawberry.type(description="A session and its tokens.")
class RefreshSessionPayload:
    """A session."""

    access_token: str | None = strawberry.field(
        default=None,
        description="Send it as `Authorization: Bearer …`; good for 15 minutes.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When the access token stops being good."
    )
    refresh_token: str | None = strawberry.field(
        default=None,
        description=(
            "Trade it for the next pair with `refreshSession`, within 30 days. Using one again "
            "later than 30 seconds after it was traded ends the session."
        ),
    )
    viewer: Viewer | None = strawberry.field(default=None, description="Who is signed in now.")
    refusals: list[Refusal] = refusals_field()


@strawberry.type(description="A session and its tokens.")
class SignInPayload(RefreshSessionPayload):
    """A session that has just begun."""

    device_token: str | None = strawberry.field(
        default=None,
        description=(
            "Keep it on the device, past signing out, and send it with the next `signIn`. It is no "
            "credential."
        ),
    )


@strawberry.input(description="Which customer to act for.")
class IssueCustomerTokenInput:
    """A customer."""

    customer_ref: str = strawberry.field(description="How the storefront calls the customer.")
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="With which merchant; for a storefront that serves several it must be given.",
    )


@strawberry.type(description="A token with which a customer acts.")
class CustomerTokenPayload:
    """A customer's token."""

    access_token: str | None = strawberry.field(
        default=None, description="Send it as `Authorization: Bearer …`; good for 15 minutes."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it stops being good."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class SignInMutations:
    """Mutations about who asks."""

    @mutation(TRIES_PASSWORD)
    async def sign_in(self, info: Info, input: SignInInput) -> SignInPayload:
        """Sign in with a login and a password. A request can hold one `signIn`."""
        login = words(input.login, "login", longest=MAX_NAME)
        password = words(input.password, "password", longest=MAX_PASSWORD)
        device_token = optional_words(input.device_token, "deviceToken", longest=_MAX_TOKEN)
        signed_in = await sign_in(info.context, login, password, device_token)
        return SignInPayload(**_session(info, signed_in), device_token=signed_in.device_token)

    @mutation(PUBLIC)
    async def refresh_session(
        self, info: Info, input: RefreshSessionInput
    ) -> RefreshSessionPayload:
        """Trade a refresh token for a new pair of tokens."""
        token = words(input.refresh_token, "refreshToken", longest=_MAX_TOKEN)
        return RefreshSessionPayload(**_session(info, await refresh(info.context, token)))

    @mutation(SIGNED_IN)
    async def sign_out(self, info: Info) -> DonePayload:
        """End the session: its tokens are refused from now on."""
        await sign_out(info.context)
        return DonePayload(done=True)

    @mutation(Permission.CUSTOMER_ACT)
    async def issue_customer_token(
        self, info: Info, input: IssueCustomerTokenInput
    ) -> CustomerTokenPayload:
        """Get a token with which one of the storefront's customers can act and see their orders."""
        ref = words(input.customer_ref, "customerRef", longest=MAX_REF)
        merchant = ids.optional_merchant(input.merchant_id, "merchantId")
        token = await issue_customer_token(info.context, ref, merchant)
        return CustomerTokenPayload(access_token=token.token, expires_at=token.expires_at)


def _session(info: Info, tokens: Tokens) -> dict[str, Any]:
    """What both payloads have. Any: fields of several types."""
    return {
        "access_token": tokens.access.token,
        "expires_at": tokens.access.expires_at,
        "refresh_token": tokens.refresh_token,
        "viewer": viewer_of(info.context),
    }
