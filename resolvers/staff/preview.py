"""Previewing the effect of changing or deleting a role."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.desk.refunds import Ceiling, effective_ceiling
from domain.permissions import Permission
from models.queries import staff
from resolvers.context import Context
from resolvers.staff.unchanged import Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The permissions that one employee would gain and lose, and the ceilings of refunds."""

    employee_id: int
    name: str
    gains: Sequence[Permission]
    loses: Sequence[Permission]
    ceiling_before: Ceiling
    ceiling_after: Ceiling


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePreview:
    """The affected employees, and the permissions that only the main account would still hold."""

    effects: Sequence[Effect]
    orphaned: Sequence[Permission]


async def preview_role(
    context: Context,
    id_: int,
    permissions: Sequence[Permission] | None,
    refund_ceiling: Ceiling | Unchanged,
) -> RolePreview:
    """The effect of setting the role's permissions and ceiling, or of deleting it (None).

    Raises Refused for an unknown role.
    """
    async with context.read() as connection:
        role = await staff.get_role(connection, context.merchant_id, id_)
        rows = await staff.holdings(connection, context.merchant_id)
    ceiling = role.refund_ceiling if isinstance(refund_ceiling, Unchanged) else refund_ceiling
    names: dict[int, str] = {}
    before, after = Holdings(), Holdings()
    for row in rows:
        names[row.id] = row.name
        for holdings in (before, after):
            holdings.add(row.id, row.extra_permissions, row.refund_ceiling)
        before.add(row.id, row.role_permissions or (), row.role_refund_ceiling)
        if row.role_id == id_:
            after.add(row.id, permissions or (), ceiling)
        else:
            after.add(row.id, row.role_permissions or (), row.role_refund_ceiling)
    effects = [
        Effect(
            employee_id=employee_id,
            name=name,
            gains=sorted(after.permissions[employee_id] - before.permissions[employee_id]),
            loses=sorted(before.permissions[employee_id] - after.permissions[employee_id]),
            ceiling_before=before.ceiling(employee_id),
            ceiling_after=after.ceiling(employee_id),
        )
        for employee_id, name in names.items()
        if before.permissions[employee_id] != after.permissions[employee_id]
        or before.ceiling(employee_id) != after.ceiling(employee_id)
    ]
    held, will_be_held = before.permissions.values(), after.permissions.values()
    orphaned = set[Permission]().union(*held) - set[Permission]().union(*will_be_held)
    return RolePreview(effects=effects, orphaned=sorted(orphaned))


class Holdings:
    """What each employee holds: the permissions, and the ceilings with which they may refund."""

    def __init__(self) -> None:
        self.permissions: dict[int, set[Permission]] = {}
        self._ceilings: dict[int, list[Ceiling]] = {}

    def add(self, employee_id: int, permissions: Iterable[str], ceiling: Ceiling) -> None:
        """Add a grant: a role's, or the employee's own."""
        granted = {Permission(value) for value in permissions}
        self.permissions.setdefault(employee_id, set()).update(granted)
        if Permission.REFUND in granted:
            self._ceilings.setdefault(employee_id, []).append(ceiling)

    def ceiling(self, employee_id: int) -> Ceiling:
        """The effective ceiling; 0 for an employee who may not refund."""
        return effective_ceiling(self._ceilings.get(employee_id, ()))
