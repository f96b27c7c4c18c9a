"""Previewing the effect of changing or deleting a role."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.permissions import Permission
from models.queries import staff
from resolvers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The permissions that one employee would gain and lose."""

    employee_id: int
    name: str
    gains: Sequence[Permission]
    loses: Sequence[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePreview:
    """The affected employees, and the permissions that only the main account would still hold."""

    effects: Sequence[Effect]
    orphaned: Sequence[Permission]


async def preview_role(
    context: Context, id_: int, permissions: Sequence[Permission] | None
) -> RolePreview:
    """The effect of setting the role's permissions, or of deleting it (None).

    Raises Refused for an unknown role.
    """
    async with context.read() as connection:
        await staff.get_role(connection, context.merchant_id, id_)
        rows = await staff.holdings(connection, context.merchant_id)
    names: dict[int, str] = {}
    before: dict[int, set[Permission]] = {}
    after: dict[int, set[Permission]] = {}
    for row in rows:
        names[row.id] = row.name
        extra = {Permission(value) for value in row.extra_permissions}
        held = {Permission(value) for value in row.role_permissions or ()}
        will_hold = set(permissions or ()) if row.role_id == id_ else held
        before.setdefault(row.id, set()).update(extra | held)
        after.setdefault(row.id, set()).update(extra | will_hold)
    effects = [
        Effect(
            employee_id=employee_id,
            name=name,
            gains=sorted(after[employee_id] - before[employee_id]),
            loses=sorted(before[employee_id] - after[employee_id]),
        )
        for employee_id, name in names.items()
        if before[employee_id] != after[employee_id]
    ]
    orphaned = set().union(*before.values()) - set().union(*after.values())
    return RolePreview(effects=effects, orphaned=sorted(orphaned))
