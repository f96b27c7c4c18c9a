"""Mutations of the accounts of the platform's own people."""

import strawberry

from domain.passwords import MAX_PASSWORD, MIN_PASSWORD, new_password
from domain.permissions import Permission
from domain.words import MAX_NAME, line, optional_line, reference
from execution.sources import object_source
from resolvers.platform.accounts import (
    create_platform_account,
    disable_platform_account,
    issue_platform_reset,
    reset_platform_password,
    update_platform_account,
)
from schema import ids
from schema.fields import Info, mutation
from schema.mutations.accounts import PasswordResetPayload, reset_payload
from schema.types.payload import refusals_field
from schema.types.platform_account import PLATFORM_ACCOUNTS, PlatformAccount
from schema.types.refusal import Refusal

_PASSWORD = f"The password, {MIN_PASSWORD} to {MAX_PASSWORD} characters."
_PERMISSIONS = (
    "permissions with the `holder` `PLATFORM` in the query `permissions`. The viewer must hold "
    "every permission that is added."
)


@strawberry.input(description="The platform account to create.")
class CreatePlatformAccountInput:
    """An account."""

    login: str = strawberry.field(
        description=f"The login, unique within the platform. At most {MAX_NAME} characters."
    )
    password: str = strawberry.field(description=_PASSWORD)
    name: str = strawberry.field(description=f"The name. At most {MAX_NAME} characters.")
    permissions: list[Permission] = strawberry.field(
        description=f"The permissions of the account: {_PERMISSIONS}"
    )


@strawberry.input(
    description="The changes to a platform account. Fields that are left out do not change."
)
class UpdatePlatformAccountInput:
    """A change."""

    id: strawberry.ID = strawberry.field(description="The id of the account.")
    name: str | None = strawberry.field(
        default=None, description=f"The new name. At most {MAX_NAME} characters."
    )
    permissions: list[Permission] | None = strawberry.field(
        default=None,
        description=f"The new permissions, which replace the current ones: {_PERMISSIONS}",
    )


@strawberry.input(description="The platform account to disable.")
class DisablePlatformAccountInput:
    """An account."""

    id: strawberry.ID = strawberry.field(description="The id of the account.")


@strawberry.input(description="The platform account and its new password.")
class ResetPlatformPasswordInput:
    """A password."""

    id: strawberry.ID = strawberry.field(description="The id of the account.")
    password: str = strawberry.field(description=_PASSWORD)


@strawberry.input(description="The platform account to issue a code for.")
class IssuePlatformPasswordResetInput:
    """An account."""

    id: strawberry.ID = strawberry.field(description="The id of the account.")


@strawberry.type(description="The saved platform account.")
class PlatformAccountPayload:
    """An account's payload."""

    account: PlatformAccount | None = strawberry.field(
        default=None, description="The account. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


def _number(id_: str) -> int:
    return ids.global_number("PlatformAccount", id_, "id")


def _payload(id_: int) -> PlatformAccountPayload:
    source = object_source("PlatformAccount", (id_,), (PLATFORM_ACCOUNTS(),))
    return PlatformAccountPayload(account=source)


@strawberry.type
class PlatformAccountMutations:
    """Mutations of platform accounts."""

    @mutation(Permission.PLATFORM_ACCOUNT_MANAGE)
    async def create_platform_account(
        self, info: Info, input: CreatePlatformAccountInput
    ) -> PlatformAccountPayload:
        """新增平台账号. Creates a platform account with single permissions."""
        id_ = await create_platform_account(
            info.context,
            login=reference(input.login, "login", longest=MAX_NAME),
            password=new_password(input.password, "password", login=input.login),
            name=line(input.name, "name", longest=MAX_NAME),
            permissions=input.permissions,
        )
        return _payload(id_)

    @mutation(Permission.PLATFORM_ACCOUNT_MANAGE)
    async def update_platform_account(
        self, info: Info, input: UpdatePlatformAccountInput
    ) -> PlatformAccountPayload:
        """更改平台账号. Renames a platform account or changes its permissions.

        An account that loses a permission is signed out. The last enabled account with
        `PLATFORM_ACCOUNT_MANAGE` keeps that permission.
        """
        id_ = await update_platform_account(
            info.context,
            _number(input.id),
            name=optional_line(input.name, "name", longest=MAX_NAME),
            permissions=input.permissions,
        )
        return _payload(id_)

    @mutation(Permission.PLATFORM_ACCOUNT_MANAGE)
    async def disable_platform_account(
        self, info: Info, input: DisablePlatformAccountInput
    ) -> PlatformAccountPayload:
        """停用平台账号. Disables a platform account and ends its sessions."""
        return _payload(await disable_platform_account(info.context, _number(input.id)))

    @mutation(Permission.PLATFORM_ACCOUNT_MANAGE)
    async def reset_platform_password(
        self, info: Info, input: ResetPlatformPasswordInput
    ) -> PlatformAccountPayload:
        """重置平台账号密码. Sets a new password and ends the account's sessions.

        The viewer must hold every permission of the account, and changes an own password with
        `changePassword`.
        """
        password = new_password(input.password, "password")
        return _payload(await reset_platform_password(info.context, _number(input.id), password))

    @mutation(Permission.PLATFORM_ACCOUNT_MANAGE)
    async def issue_platform_password_reset(
        self, info: Info, input: IssuePlatformPasswordResetInput
    ) -> PasswordResetPayload:
        """签发平台账号重置码. Issues a code with which an account's owner sets a new password.

        Unlike `resetPlatformPassword`, nobody else learns the password. The viewer must hold every
        permission of the account.
        """
        return reset_payload(await issue_platform_reset(info.context, _number(input.id)))
