"""Mutations that start, refresh and end sessions, and that issue tokens for customers."""

from datetime import datetime
from typing import Any

import strawberry

from domain.passwords import MAX_PASSWORD
from domain.permissions import Permission
from domain.words import MAX_NAME, MAX_REF, optional_line, optional_secret, reference, secret
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

MAX_TOKEN = 256


@strawberry.input(description="The credentials to sign in with.")
class SignInInput:
    """Credentials."""

    login: str = strawberry.field(description="The login.")
    password: str = strawberry.field(description="The password.")
    device_token: str | None = strawberry.field(
        default=None,
        description=(
            "The `deviceToken` of an earlier sign-in on this device. With it, failed sign-ins "
            "from other devices do not delay this one."
        ),
    )
    label: str | None = strawberry.field(
        default=None,
        description=(
            f"设备名称. What `sessions` calls this session, for example `iPhone`. At most "
            f"{MAX_NAME} characters."
        ),
    )


@strawberry.input(description="The refresh token to exchange.")
class RefreshSessionInput:
    """A refresh token."""

    refresh_token: str = strawberry.field(
        description=(
            "The latest refresh token. If the answer is lost, send the same token again: within "
            "30 seconds, the answer is the same new pair."
        )
    )


@strawberry.type(description="A session and its tokens.")
class RefreshSessionPayload:
    """A session."""

    access_token: str | None = strawberry.field(
        default=None,
        description=(
            "The access token, to send as `Authorization: Bearer …`. Valid for 15 minutes. Null "
            "if the request was refused."
        ),
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When the access token expires. Null if the request was refused."
    )
    refresh_token: str | None = strawberry.field(
        default=None,
        description=(
            "The refresh token, to exchange with `refreshSession` within 30 days. Using it again "
            "more than 30 seconds after the exchange ends the session. Null if the request was "
            "refused."
        ),
    )
    viewer: Viewer | None = strawberry.field(
        default=None, description="The viewer. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type(description="A session and its tokens.")
class SignInPayload(RefreshSessionPayload):
    """A new session."""

    device_token: str | None = strawberry.field(
        default=None,
        description=(
            "A token that identifies the device. Store it on the device, also after signing out, "
            "and send it with the next `signIn`. It is not a credential. Null if the request was "
            "refused."
        ),
    )


@strawberry.input(description="The customer to issue a token for.")
class IssueCustomerTokenInput:
    """A customer."""

    customer_ref: str = strawberry.field(
        description="The storefront's own identifier of the customer."
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the merchant. Required for a storefront that serves several.",
    )


@strawberry.type(description="An access token for a customer.")
class CustomerTokenPayload:
    """A customer's token."""

    access_token: str | None = strawberry.field(
        default=None,
        description=(
            "The access token, to send as `Authorization: Bearer …`. Valid for 15 minutes. Null "
            "if the request was refused."
        ),
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When the access token expires. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class SignInMutations:
    """Mutations of sessions and tokens."""

    @mutation(TRIES_PASSWORD)
    async def sign_in(self, info: Info, input: SignInInput) -> SignInPayload:
        """Signs in with a login and a password. An operation can contain only one `signIn`."""
        login = secret(input.login, "login", longest=MAX_NAME)
        password = secret(input.password, "password", longest=MAX_PASSWORD)
        device_token = optional_secret(input.device_token, "deviceToken", longest=MAX_TOKEN)
        label = optional_line(input.label, "label", longest=MAX_NAME)
        signed_in = await sign_in(info.context, login, password, device_token, label)
        return SignInPayload(**session_fields(info, signed_in), device_token=signed_in.device_token)

    @mutation(PUBLIC)
    async def refresh_session(
        self, info: Info, input: RefreshSessionInput
    ) -> RefreshSessionPayload:
        """Exchanges a refresh token for a new pair of tokens."""
        token = secret(input.refresh_token, "refreshToken", longest=MAX_TOKEN)
        return RefreshSessionPayload(**session_fields(info, await refresh(info.context, token)))

    @mutation(SIGNED_IN)
    async def sign_out(self, info: Info) -> DonePayload:
        """Ends the session. Its tokens stop working."""
        await sign_out(info.context)
        return DonePayload(done=True)

    @mutation(Permission.CUSTOMER_ACT)
    async def issue_customer_token(
        self, info: Info, input: IssueCustomerTokenInput
    ) -> CustomerTokenPayload:
        """Issues an access token with which a customer can see and act on their own orders."""
        ref = reference(input.customer_ref, "customerRef", longest=MAX_REF)
        merchant = ids.optional_merchant(input.merchant_id, "merchantId")
        token = await issue_customer_token(info.context, ref, merchant)
        return CustomerTokenPayload(access_token=token.token, expires_at=token.expires_at)


def session_fields(info: Info, tokens: Tokens) -> dict[str, Any]:
    """The fields that both payloads share. Any: fields of several types."""
    return {
        "access_token": tokens.access.token,
        "expires_at": tokens.access.expires_at,
        "refresh_token": tokens.refresh_token,
        "viewer": viewer_of(info.context),
    }
