"""Mutations of single sign-on: signing in at a provider, linking an identity, and the settings."""

from datetime import datetime

import strawberry

from domain.passwords import MAX_PASSWORD
from domain.permissions import Permission
from domain.words import (
    MAX_NAME,
    at_most,
    between,
    optional_line,
    optional_secret,
    reference,
    secret,
)
from models.single_sign_on import MAX_CLIENT_ID, MAX_ISSUER, PLATFORM_OWNER
from resolvers.single_sign_on.begin import begin_single_sign_on
from resolvers.single_sign_on.complete import (
    complete_single_sign_on,
    link_single_sign_on,
    unlink_single_sign_on,
)
from resolvers.single_sign_on.identify import Returned
from resolvers.single_sign_on.settings import (
    ProviderValues,
    remove_single_sign_on,
    set_single_sign_on,
)
from resolvers.single_sign_on.transactions import MAX_TRANSACTION
from schema import ids
from schema.access import Requires
from schema.fields import CHANGES_PASSWORD, PUBLIC, SIGNED_IN, TRIES_PASSWORD, Info, mutation
from schema.mutations.sign_in import MAX_TOKEN, SignInPayload, session_fields
from schema.types.payload import DonePayload, refusals_field
from schema.types.refusal import Refusal
from schema.types.single_sign_on import SingleSignOn, single_sign_on_of

SETS_PROVIDER = Requires(
    Permission.STAFF_MANAGE, Permission.PLATFORM_ACCOUNT_MANAGE, once_per_operation=True
)
MAX_REDIRECT_URI = 500
MAX_REDIRECT_URIS = 10
_MAX_CODE = 4_096
_MAX_SECRET = 512
_MOST_VERSIONS = 2**31 - 1
_STATE = "The `state` that the provider sent back."
_CODE = "The `code` that the provider sent back."
_ISSUER = (
    "The `iss` that the provider sent back (RFC 9207), if it did. That of another provider is "
    "refused, before the code goes anywhere."
)
_TRANSACTION = "The `transaction` of `beginSingleSignOn`."
_PROOF = "The present password of the viewer. A wrong one counts as a failed sign-in."
_VERSION = "The version that the viewer has seen. 0 if it was not set up."


@strawberry.input(description="Where to sign in, and where to come back.")
class BeginSingleSignOnInput:
    """A beginning."""

    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the merchant whose provider to use. Leave out for the platform's.",
    )
    redirect_uri: str = strawberry.field(
        description="回调地址. One of the `redirectUris` of the single sign-on, exactly."
    )


@strawberry.type(description="A sign-in that was begun.")
class BeginSingleSignOnPayload:
    """An address and a transaction."""

    authorization_url: str | None = strawberry.field(
        default=None,
        description=(
            "Where to send the person: the provider's page, with state, nonce and code challenge. "
            "Null if the request was refused."
        ),
    )
    transaction: str | None = strawberry.field(
        default=None,
        description=(
            "What to keep on this device until the person comes back, and to send with "
            "`completeSingleSignOn` or `linkSingleSignOn`. Null if the request was refused."
        ),
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description="By when the person must be back. Null if the request was refused.",
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="What came back from the provider.")
class CompleteSingleSignOnInput:
    """An end."""

    transaction: str = strawberry.field(description=_TRANSACTION)
    code: str = strawberry.field(description=_CODE)
    state: str = strawberry.field(description=_STATE)
    issuer: str | None = strawberry.field(default=None, description=_ISSUER)
    device_token: str | None = strawberry.field(
        default=None, description="The `deviceToken` of an earlier sign-in on this device."
    )
    label: str | None = strawberry.field(
        default=None, description=f"设备名称. As with `signIn`. At most {MAX_NAME} characters."
    )


@strawberry.input(description="What came back from the provider.")
class LinkSingleSignOnInput:
    """An end."""

    transaction: str = strawberry.field(description=_TRANSACTION)
    code: str = strawberry.field(description=_CODE)
    state: str = strawberry.field(description=_STATE)
    issuer: str | None = strawberry.field(default=None, description=_ISSUER)
    current_password: str = strawberry.field(description=_PROOF)


@strawberry.input(description="The provider of single sign-on. It replaces the present one.")
class SetSingleSignOnInput:
    """A provider."""

    issuer: str = strawberry.field(
        description=(
            "The issuer, an `https://` address. Its `/.well-known/openid-configuration` must name "
            f"it exactly so. At most {MAX_ISSUER} characters."
        )
    )
    client_id: str = strawberry.field(
        description=f"The id of this server at the provider. At most {MAX_CLIENT_ID} characters."
    )
    client_secret: str | None = strawberry.field(
        default=None,
        description=(
            "The client secret, which is stored encrypted. Leave out to keep that of the same "
            "issuer and client id, or for a public client."
        ),
    )
    redirect_uris: list[str] = strawberry.field(
        description=(
            f"回调地址. The addresses to come back to, 1 to {MAX_REDIRECT_URIS}, such as those of "
            "the web page and of the app, as they are registered at the provider."
        )
    )
    link_by_email: bool = strawberry.field(
        default=False,
        description=(
            "Whether a verified e-mail address that is the login of an account links an identity "
            "to it. Otherwise people link their identities while they are signed in."
        ),
    )
    expected_version: int = strawberry.field(description=_VERSION)
    current_password: str = strawberry.field(description=_PROOF)


@strawberry.input(description="The single sign-on to remove.")
class RemoveSingleSignOnInput:
    """A version."""

    expected_version: int = strawberry.field(description=_VERSION)


@strawberry.type(description="The saved single sign-on.")
class SingleSignOnPayload:
    """A provider."""

    single_sign_on: SingleSignOn | None = strawberry.field(
        default=None, description="The single sign-on. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class SingleSignOnMutations:
    """Mutations of single sign-on."""

    @mutation(PUBLIC)
    async def begin_single_sign_on(
        self, info: Info, input: BeginSingleSignOnInput
    ) -> BeginSingleSignOnPayload:
        """开始单点登录. Returns where a person signs in, by OpenID Connect with PKCE.

        The provider sends the person back to `redirectUri` with `code` and `state`.
        """
        owner = ids.optional_merchant(input.merchant_id, "merchantId") or PLATFORM_OWNER
        redirect_uri = reference(input.redirect_uri, "redirectUri", longest=MAX_REDIRECT_URI)
        begun = await begin_single_sign_on(info.context, owner, redirect_uri)
        return BeginSingleSignOnPayload(
            authorization_url=begun.url, transaction=begun.transaction, expires_at=begun.expires_at
        )

    @mutation(TRIES_PASSWORD)
    async def complete_single_sign_on(
        self, info: Info, input: CompleteSingleSignOnInput
    ) -> SignInPayload:
        """完成单点登录. Signs in the account that the person is linked to.

        Nobody gets a new account. An operation can contain only one mutation that tries a password
        or a code.
        """
        device_token = optional_secret(input.device_token, "deviceToken", longest=MAX_TOKEN)
        label = optional_line(input.label, "label", longest=MAX_NAME)
        signed_in = await complete_single_sign_on(
            info.context, _returned(input), device_token, label
        )
        return SignInPayload(**session_fields(info, signed_in), device_token=signed_in.device_token)

    @mutation(CHANGES_PASSWORD)
    async def link_single_sign_on(self, info: Info, input: LinkSingleSignOnInput) -> DonePayload:
        """关联单点登录. Links the person at the provider to the viewer's account.

        From then on, `completeSingleSignOn` signs in this account. An earlier link is replaced. An
        operation can contain only one mutation that tries a password or a code.
        """
        await link_single_sign_on(info.context, _password(input), _returned(input))
        return DonePayload(done=True)

    @mutation(SIGNED_IN)
    async def unlink_single_sign_on(self, info: Info) -> DonePayload:
        """解除单点登录. Removes the link of the viewer's account. Its password stays."""
        await unlink_single_sign_on(info.context)
        return DonePayload(done=True)

    @mutation(SETS_PROVIDER)
    async def set_single_sign_on(
        self, info: Info, input: SetSingleSignOnInput
    ) -> SingleSignOnPayload:
        """设置单点登录. Sets the provider of the viewer's merchant, or that of the platform.

        The provider is asked for its configuration at once. Links to another issuer stop working.
        For the platform, the viewer must hold every permission of its people. An operation can
        contain only one mutation that tries a password or a code.
        """
        row = await set_single_sign_on(
            info.context, _password(input), _values(input), _version(input.expected_version)
        )
        return SingleSignOnPayload(single_sign_on=single_sign_on_of(row))

    @mutation(Permission.STAFF_MANAGE, Permission.PLATFORM_ACCOUNT_MANAGE)
    async def remove_single_sign_on(
        self, info: Info, input: RemoveSingleSignOnInput
    ) -> DonePayload:
        """移除单点登录. Removes the provider and all links to it. Sessions and passwords stay."""
        await remove_single_sign_on(info.context, _version(input.expected_version))
        return DonePayload(done=True)


def _version(value: int) -> int:
    return between(value, "expectedVersion", least=0, most=_MOST_VERSIONS)


def _password(input: LinkSingleSignOnInput | SetSingleSignOnInput) -> str:
    return secret(input.current_password, "currentPassword", longest=MAX_PASSWORD)


def _returned(input: CompleteSingleSignOnInput | LinkSingleSignOnInput) -> Returned:
    return Returned(
        transaction=secret(input.transaction, "transaction", longest=MAX_TRANSACTION),
        code=secret(input.code, "code", longest=_MAX_CODE),
        state=secret(input.state, "state", longest=MAX_TOKEN),
        issuer=optional_secret(input.issuer, "issuer", longest=MAX_ISSUER),
    )


def _values(input: SetSingleSignOnInput) -> ProviderValues:
    at_most(input.redirect_uris, "redirectUris", most=MAX_REDIRECT_URIS, least=1)
    return ProviderValues(
        issuer=reference(input.issuer, "issuer", longest=MAX_ISSUER),
        client_id=reference(input.client_id, "clientId", longest=MAX_CLIENT_ID),
        client_secret=optional_secret(input.client_secret, "clientSecret", longest=_MAX_SECRET),
        redirect_uris=[
            reference(uri, "redirectUris", str(index), longest=MAX_REDIRECT_URI)
            for index, uri in enumerate(input.redirect_uris)
        ],
        links_by_email=input.link_by_email,
    )
