"""What a change of a role would do, before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.permissions import Permission
from models.queries import staff
from resolvers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one employee would gain and lose."""

    employee_id: int
    name: str
    gains: Sequence[Permission]
    loses: Sequence[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePreview:
    """Who is affected, and which permissions would have no active holder but the main account."""

    effects: Sequence[Effect]
    orphaned: Sequence[Permission]


async def preview_role(
    context: Context, id_: int, permissions: Sequence[Permission] | None
) -> RolePreview:
    """The effect of giving the role these permissions; None stands for deleting it.

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
        extra = {Permission(one) for one in row.extra_permissions}
        held = {Permission(one) for one in row.role_permissions or ()}
        will_hold = set(permissions or ()) if row.role_id == id_ else held
        before.setdefault(row.id, set()).update(extra | held)
        after.setdefault(row.id, set()).update(extra | will_hold)
    effects = [
        Effect(
            employee_id=one,
            name=names[one],
            gains=sorted(after[one] - before[one]),
            loses=sorted(before[one] - after[one]),
        )
        for one in names
        if before[one] != after[one]
    ]
    orphaned = set().union(*before.values()) - set().union(*after.values())
    return RolePreview(effects=effects, orphaned=sorted(orphaned))
