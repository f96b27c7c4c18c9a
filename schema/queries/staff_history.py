"""Queries of the staff history, of the holders of permissions, and of what a change would do."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from domain.permissions import Permission
from domain.words import at_most
from execution.sources import page_source
from models.staff_event import staff_events
from projection.conditions import Condition, equals
from projection.pages import Order
from resolvers.staff.employee_preview import coverage, preview_employee
from resolvers.staff.unchanged import UNCHANGED
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.mutations.staff import MAX_ROLES
from schema.scalars import Money
from schema.types.employee_preview import EmployeePreview, PermissionCoverage, employee_preview_of
from schema.types.node import Connection
from schema.types.staff import ceiling_or_unchanged
from schema.types.staff_history import StaffEvent

_HISTORY = Order("staff history", (staff_events.c.sequence,), descending=True)
_OF_MERCHANT = equals(staff_events.c.merchant_id)
_OF_EMPLOYEE = equals(staff_events.c.employee_id)
_OF_ROLE = equals(staff_events.c.role_id)


@strawberry.type
class StaffHistoryQueries:
    """Queries about changes of staff."""

    @query(Permission.STAFF_MANAGE)
    def staff_history(
        self,
        info: Info,
        employee_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Return only changes of this employee."),
        ] = None,
        role_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Return only changes of this role, which may have been deleted."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StaffEvent]:
        """员工变更记录. Returns who granted, changed and disabled what, latest first."""
        merchant = info.context.merchant_id
        where: Sequence[Condition] = (_OF_MERCHANT(merchant),)
        if employee_id is not None:
            row = ids.within(merchant, "Employee", employee_id, "employeeId")
            where = (*where, _OF_EMPLOYEE(row))
        if role_id is not None:
            where = (*where, _OF_ROLE(ids.within(merchant, "Role", role_id, "roleId")))
        arguments = window(first, after, last, before)
        return page_source("StaffEvent", tuple(where), _HISTORY, arguments)

    @query(Permission.STAFF_MANAGE)
    async def employee_preview(
        self,
        info: Info,
        employee_id: Annotated[
            strawberry.ID, strawberry.argument(description="The id of the employee.")
        ],
        role_ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(
                description=f"The new roles, at most {MAX_ROLES}. Leave out to keep them."
            ),
        ] = None,
        extra_permissions: Annotated[
            list[Permission] | None,
            strawberry.argument(
                description="补充权限. The new extra permissions. Leave out to keep them."
            ),
        ] = None,
        refund_ceiling: Annotated[
            Money | None,
            strawberry.argument(
                description="The new refund ceiling. Null removes it; leave out to keep it."
            ),
        ] = strawberry.UNSET,
    ) -> EmployeePreview:
        """员工变更预览. Returns what disabling or moving an employee would change.

        With an id alone it previews `disableEmployee`, otherwise `updateEmployee` with the same
        fields. Changes nothing.
        """
        merchant = info.context.merchant_id
        roles = None
        if role_ids is not None:
            at_most(role_ids, "roleIds", most=MAX_ROLES)
            roles = [
                ids.within(merchant, "Role", id_, "roleIds", str(index))
                for index, id_ in enumerate(role_ids)
            ]
        ceiling = ceiling_or_unchanged(refund_ceiling)
        preview = await preview_employee(
            info.context,
            ids.within(merchant, "Employee", employee_id, "employeeId"),
            role_ids=roles,
            extra_permissions=extra_permissions,
            refund_ceiling=ceiling,
            disable=roles is None and extra_permissions is None and ceiling is UNCHANGED,
        )
        return employee_preview_of(preview)

    @query(Permission.STAFF_MANAGE)
    async def coverage(self, info: Info) -> list[PermissionCoverage]:
        """权限覆盖. Returns how many active employees hold each permission that can be granted.

        The main account, which holds them all, does not count.
        """
        holders = await coverage(info.context)
        return [
            PermissionCoverage(permission=permission, holders=number)
            for permission, number in holders.items()
        ]
