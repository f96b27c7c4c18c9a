"""The histories of a merchant's staff and of the platform's accounts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry

from domain.money import yuan
from domain.permissions import Permission
from domain.staff_history import PlatformAccountEventKind, StaffEventKind, StaffField
from domain.text import Text
from models.staff_event import platform_account_events, staff_events
from resolvers.context import Context
from schema import ids
from schema.acting import acting
from schema.enums import described
from schema.fields import column, computed, projected
from schema.scalars import Money
from schema.types.actor import Actor

described(
    StaffEventKind,
    "The kind of a change in the staff history (员工变更记录).",
    {
        StaffEventKind.EMPLOYEE_CREATED: Text("新增员工", "An employee was added"),
        StaffEventKind.EMPLOYEE_CHANGED: Text("更改员工", "An employee was changed"),
        StaffEventKind.EMPLOYEE_DISABLED: Text("停用员工", "An employee was disabled"),
        StaffEventKind.EMPLOYEE_ENABLED: Text("启用员工", "An employee was enabled again"),
        StaffEventKind.ROLE_CREATED: Text("新增角色", "A role was created"),
        StaffEventKind.ROLE_CHANGED: Text("更改角色", "A role was changed"),
        StaffEventKind.ROLE_DELETED: Text(
            "删除角色", "A role was deleted, and taken from its employees"
        ),
        StaffEventKind.PASSWORD_RESET_ISSUED: Text(
            "签发重置码", "A one-time code for a new password was issued"
        ),
        StaffEventKind.PASSWORD_RESET: Text(
            "重置密码", "A password was replaced with a one-time code"
        ),
        StaffEventKind.PASSWORD_CHANGED: Text(
            "修改密码", "The owner of the account changed its password"
        ),
        StaffEventKind.SINGLE_SIGN_ON_CHANGED: Text(
            "更改单点登录", "The person set or removed the identity provider of single sign-on"
        ),
        StaffEventKind.IDENTITY_LINKED: Text(
            "关联单点登录", "An identity of the provider was linked to the account"
        ),
        StaffEventKind.IDENTITY_UNLINKED: Text(
            "解除单点登录", "The link of an identity to the account was removed"
        ),
    },
)
described(
    PlatformAccountEventKind,
    "The kind of a change in the history of the platform's accounts (平台账号变更记录).",
    {
        PlatformAccountEventKind.ACCOUNT_CREATED: Text("新增账号", "An account was created"),
        PlatformAccountEventKind.ACCOUNT_CHANGED: Text("更改账号", "An account was changed"),
        PlatformAccountEventKind.ACCOUNT_DISABLED: Text("停用账号", "An account was disabled"),
        PlatformAccountEventKind.PASSWORD_RESET: Text("重置密码", "A password was reset"),
        PlatformAccountEventKind.PASSWORD_RESET_ISSUED: Text(
            "签发重置码", "A one-time code for a new password was issued"
        ),
        PlatformAccountEventKind.PASSWORD_CHANGED: Text(
            "修改密码", "The owner of the account changed its password"
        ),
        PlatformAccountEventKind.SINGLE_SIGN_ON_CHANGED: Text(
            "更改单点登录", "The person set or removed the identity provider of single sign-on"
        ),
        PlatformAccountEventKind.IDENTITY_LINKED: Text(
            "关联单点登录", "An identity of the provider was linked to the account"
        ),
        PlatformAccountEventKind.IDENTITY_UNLINKED: Text(
            "解除单点登录", "The link of an identity to the account was removed"
        ),
    },
)
described(
    StaffField,
    "Something that a change of staff changes.",
    {
        StaffField.NAME: Text("名称", "The name"),
        StaffField.LOGIN: Text("登录名", "The login"),
        StaffField.PERMISSIONS: Text(
            "权限", "The permissions of a role or account, or the extra permissions of an employee"
        ),
        StaffField.ROLES: Text("角色", "The roles of an employee"),
        StaffField.EMPLOYEES: Text("员工", "The employees who had a role that was deleted"),
        StaffField.REFUND_CEILING: Text("退款上限", "The refund ceiling"),
        StaffField.DISABLED: Text("停用", "Whether the account is disabled"),
    },
)


@strawberry.type(
    description=(
        "What changed, on one side of the change. Fields that did not change are null; `changed` "
        "of the event names those that did."
    )
)
class StaffState:
    """One side of a change."""

    name: str | None = strawberry.field(description="The name.")
    login: str | None = strawberry.field(description="The login.")
    permissions: list[Permission] | None = strawberry.field(
        description="The permissions, or the extra permissions (补充权限) of an employee."
    )
    roles: list[str] | None = strawberry.field(
        description="The names of the employee's roles at the time."
    )
    employees: list[str] | None = strawberry.field(
        description="The names of the employees who had the deleted role."
    )
    refund_ceiling: Money | None = strawberry.field(
        description="退款上限, in yuan. Null also if there was no ceiling."
    )
    disabled: bool | None = strawberry.field(description="Whether the account was disabled.")


Details = dict[str, dict[str, Any]]  # Any: JSON


def _state(side: str) -> Callable[[Context, Details], StaffState]:
    def state(_context: Context, details: Details) -> StaffState:
        values = details.get(side) or {}
        ceiling: int | None = values.get("REFUND_CEILING")
        return StaffState(
            name=values.get("NAME"),
            login=values.get("LOGIN"),
            permissions=_permissions(values.get("PERMISSIONS")),
            roles=_names(values.get("ROLES")),
            employees=_names(values.get("EMPLOYEES")),
            refund_ceiling=None if ceiling is None else Money(yuan(ceiling)),
            disabled=values.get("DISABLED"),
        )

    return state


def _permissions(stored: list[str] | None) -> list[Permission] | None:
    # A permission may have been retired since.
    return None if stored is None else [Permission(value) for value in stored if value in _KNOWN]


_KNOWN = frozenset(Permission)


def _names(stored: list[dict[str, str]] | None) -> list[str] | None:
    return None if stored is None else [row["name"] for row in stored]


def _changed(_context: Context, details: Details) -> list[StaffField]:
    names = {name for side in details.values() for name in side}
    return [field for field in StaffField if field in names]


def _added(to: str, beyond: str) -> Callable[[Context, Details], list[Permission]]:
    def added(_context: Context, details: Details) -> list[Permission]:
        before = set((details.get(beyond) or {}).get("PERMISSIONS") or ())
        after = (details.get(to) or {}).get("PERMISSIONS") or ()
        return [Permission(value) for value in after if value in _KNOWN and value not in before]

    return added


def _id_of(type_name: str) -> Callable[[Context, int, int | None], strawberry.ID | None]:
    def id_of(_context: Context, merchant_id: int, row: int | None) -> strawberry.ID | None:
        return None if row is None else strawberry.ID(ids.encode(type_name, merchant_id, row))

    return id_of


def _fields(table: sa.Table) -> tuple[Any, ...]:  # Any: fields, as ``computed`` returns them
    details = (table.c.details,)
    return (
        column(table.c.sequence, "The position in the history, from 1, without gaps."),
        column(table.c.at, "When the change was made."),
        acting(
            table.c.actor_kind,
            table.c.actor_name,
            table.c.actor_id,
            "The actor who made the change.",
            *(column for column in table.c if column.key == "merchant_id"),
        ),
        column(table.c.subject, "The name of what was changed, after the change."),
        computed(_changed, details, "What changed."),
        computed(_state("before"), details, "What changed, before the change."),
        computed(_state("after"), details, "What changed, after the change."),
        computed(_added("after", "before"), details, "The permissions that were granted."),
        computed(_added("before", "after"), details, "The permissions that were withdrawn."),
    )


_OF_STAFF = _fields(staff_events)
_OF_ACCOUNTS = _fields(platform_account_events)


@projected(staff_events)
@strawberry.type(description="员工变更记录. A change of a merchant's employees or roles.")
class StaffEvent:
    """A change of staff."""

    sequence: int = _OF_STAFF[0]
    kind: StaffEventKind = column(staff_events.c.kind, "The kind of change.")
    at: datetime = _OF_STAFF[1]
    actor: Actor = _OF_STAFF[2]
    employee_id: strawberry.ID | None = computed(
        _id_of("Employee"),
        (staff_events.c.merchant_id, staff_events.c.employee_id),
        "The id of the employee. Null for a change of a role.",
    )
    role_id: strawberry.ID | None = computed(
        _id_of("Role"),
        (staff_events.c.merchant_id, staff_events.c.role_id),
        "The id of the role, which may have been deleted. Null for a change of an employee.",
    )
    subject: str = _OF_STAFF[3]
    changed: list[StaffField] = _OF_STAFF[4]
    before: StaffState = _OF_STAFF[5]
    after: StaffState = _OF_STAFF[6]
    granted: list[Permission] = _OF_STAFF[7]
    withdrawn: list[Permission] = _OF_STAFF[8]


@projected(platform_account_events)
@strawberry.type(description="平台账号变更记录. A change of the platform's accounts.")
class PlatformAccountEvent:
    """A change of an account."""

    sequence: int = _OF_ACCOUNTS[0]
    kind: PlatformAccountEventKind = column(platform_account_events.c.kind, "The kind of change.")
    at: datetime = _OF_ACCOUNTS[1]
    actor: Actor = _OF_ACCOUNTS[2]
    account_id: strawberry.ID = computed(
        ids.of_itself("PlatformAccount"),
        (platform_account_events.c.account_id,),
        "The id of the account.",
    )
    subject: str = _OF_ACCOUNTS[3]
    changed: list[StaffField] = _OF_ACCOUNTS[4]
    before: StaffState = _OF_ACCOUNTS[5]
    after: StaffState = _OF_ACCOUNTS[6]
    granted: list[Permission] = _OF_ACCOUNTS[7]
    withdrawn: list[Permission] = _OF_ACCOUNTS[8]
