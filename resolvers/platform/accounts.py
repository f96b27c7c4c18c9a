"""Creating, changing and disabling the accounts of the platform's own people."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.passwords import hash_password
from database.advisory_lock import lock
from domain.actors import ActorKind
from domain.passwords import check_not_login
from domain.permissions import PLATFORM, Permission
from domain.refusals.general import MissingPermission, NotFound, NotYours
from domain.refusals.platform import LastAccountManager
from domain.refusals.refusal import Refused
from domain.refusals.staff import PermissionNotHeld
from domain.staff_history import PlatformAccountEventKind, Values
from domain.staffing import check_grant
from models.accounts import IS_PLATFORM_ACCOUNT, Account, accounts
from models.ids import new_id
from models.journal.staff import record_platform_account
from models.queries.accounts import end_sessions
from models.tables import add
from resolvers.accounts import reset_codes
from resolvers.accounts.reset_codes import ResetCode
from resolvers.context import Context
from resolvers.staff.employees import check_login

_MANAGE = Permission.PLATFORM_ACCOUNT_MANAGE


@dataclass(frozen=True, slots=True)
class _Change:
    """A transaction that changes platform accounts, one at a time on the whole platform.

    ``active`` are the enabled accounts, ``held`` the viewer's permissions, both as of now.
    """

    connection: AsyncConnection
    active: Mapping[int, sa.Row[Any]]
    held: frozenset[Permission]

    def check_another_manager(self, id_: int) -> None:
        """Somebody else must be able to manage the accounts. Raises Refused."""
        others = (row for row in self.active.values() if row.id != id_)
        if not any(_MANAGE in row.permissions for row in others):
            raise Refused(LastAccountManager(path=("id",)))


@asynccontextmanager
async def _change(context: Context) -> AsyncIterator[_Change]:
    """Raises Refused if the viewer was disabled or limited while it waited for its turn."""
    async with context.write() as connection:
        await lock(connection, "platform accounts")
        rows = await connection.execute(
            sa.select(accounts).where(IS_PLATFORM_ACCOUNT, accounts.c.disabled_at.is_(None))
        )
        active = {row.id: row for row in rows}
        own = active.get(context.viewer.id)
        if own is None or _MANAGE not in own.permissions:
            raise Refused(MissingPermission(permission=_MANAGE))
        held = frozenset(Permission(value) for value in own.permissions)
        yield _Change(connection, active, held)
    context.services.authenticator.forget()


async def create_platform_account(
    context: Context, *, login: str, password: str, name: str, permissions: Sequence[Permission]
) -> int:
    """Raises Refused."""
    id_ = new_id()
    password_hash = await hash_password(password)
    granted: list[Permission] = sorted(set(permissions))
    async with _change(context) as change:
        await check_login(change.connection, login)
        check_grant(granted, held=change.held, path=("permissions",), grantable=PLATFORM)
        account = Account(
            id=id_,
            login=login,
            password_hash=password_hash,
            kind=ActorKind.PLATFORM,
            name=name,
            permissions=[*granted],
            created_at=context.now,
        )
        await add(change.connection, account)
        await _record(
            change,
            context,
            PlatformAccountEventKind.ACCOUNT_CREATED,
            account,
            before={},
            after={"LOGIN": login, **_values(name, granted)},
        )
    return id_


async def update_platform_account(
    context: Context, id_: int, *, name: str | None, permissions: Sequence[Permission] | None
) -> int:
    """Change the given fields. Raises Refused.

    An account that loses a permission is signed out, so that no copy of its rights goes on.
    """
    async with _change(context) as change:
        account = _get(change, id_)
        granted, new_name = account.permissions, account.name if name is None else name
        if permissions is not None:
            added, granted = set(permissions) - set(granted), sorted(set(permissions))
            check_grant(added, held=change.held, path=("permissions",), grantable=PLATFORM)
        if lost := set(account.permissions) - set(granted):
            if _MANAGE in lost:
                change.check_another_manager(id_)
            await end_sessions(change.connection, id_, context.services.wall.now())
        await change.connection.execute(
            sa.update(accounts)
            .where(accounts.c.id == id_)
            .values(name=new_name, permissions=granted)
        )
        await _record(
            change,
            context,
            PlatformAccountEventKind.ACCOUNT_CHANGED,
            account,
            before=_values(account.name, account.permissions),
            after=_values(new_name, granted),
        )
    return id_


async def disable_platform_account(context: Context, id_: int) -> int:
    """Disable the account and end its sessions. Idempotent. Raises Refused."""
    async with _change(context) as change:
        account = change.active.get(id_)
        if account is None:
            await _check_exists(change, id_)
            return id_
        change.check_another_manager(id_)
        await change.connection.execute(
            sa.update(accounts).where(accounts.c.id == id_).values(disabled_at=context.now)
        )
        await end_sessions(change.connection, id_, context.services.wall.now())
        await _record(
            change,
            context,
            PlatformAccountEventKind.ACCOUNT_DISABLED,
            account,
            before={"DISABLED": False},
            after={"DISABLED": True},
        )
    return id_


async def reset_platform_password(context: Context, id_: int, password: str) -> int:
    """Give the account another password and end its sessions. Raises Refused."""
    password_hash = await hash_password(password)
    async with _change(context) as change:
        account = _get_below(change, context, id_)
        check_not_login(password, account.login, "password")
        await change.connection.execute(
            sa.update(accounts).where(accounts.c.id == id_).values(password_hash=password_hash)
        )
        await end_sessions(change.connection, id_, context.services.wall.now())
        await reset_codes.withdraw(change.connection, id_)
        kind = PlatformAccountEventKind.PASSWORD_RESET
        await _record(change, context, kind, account, before=None, after=None)
    return id_


async def issue_platform_reset(context: Context, id_: int) -> ResetCode:
    """Issue a code with which the account's owner chooses a new password. Raises Refused."""
    async with _change(context) as change:
        account = _get_below(change, context, id_)
        code = await reset_codes.issue(change.connection, context, id_)
        kind = PlatformAccountEventKind.PASSWORD_RESET_ISSUED
        await _record(change, context, kind, account, before=None, after=None)
    return code


def _get_below(change: _Change, context: Context, id_: int) -> sa.Row[Any]:
    """Another enabled account, whose every permission the viewer must hold. Raises Refused.

    A new password opens all of them. One's own is changed with the present one: a stolen session
    must not be enough.
    """
    if id_ == context.viewer.id:
        raise Refused(NotYours(path=("id",)))
    account = _get(change, id_)
    if above := {Permission(value) for value in account.permissions} - change.held:
        raise Refused(PermissionNotHeld(permissions=tuple(sorted(above)), path=("id",)))
    return account


def _get(change: _Change, id_: int) -> sa.Row[Any]:
    """The enabled account. Raises Refused."""
    account = change.active.get(id_)
    if account is None:
        raise Refused(NotFound(kind="PlatformAccount", path=("id",)))
    return account


async def _check_exists(change: _Change, id_: int) -> None:
    """Raises Refused for what is no platform account at all."""
    found = await change.connection.scalar(
        sa.select(accounts.c.id).where(accounts.c.id == id_, IS_PLATFORM_ACCOUNT)
    )
    if found is None:
        raise Refused(NotFound(kind="PlatformAccount", path=("id",)))


def _values(name: str, permissions: Sequence[str]) -> Values:
    return {"NAME": name, "PERMISSIONS": sorted(permissions)}


async def _record(
    change: _Change,
    context: Context,
    kind: PlatformAccountEventKind,
    account: Account | sa.Row[Any],
    *,
    before: Values | None,
    after: Values | None,
) -> None:
    await record_platform_account(
        change.connection,
        kind,
        context.viewer.actor,
        context.now,
        account_id=account.id,
        subject=(after or {}).get("NAME", account.name),
        before=before,
        after=after,
    )
