"""Who asks, and the merchant's staff."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from execution.sources import list_source, object_source, page_source
from models.staff import employees, roles
from projection.conditions import equals
from projection.pages import Order
from resolvers.context import Context
from resolvers.staff.preview import preview_role
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import PUBLIC, Info, query
from schema.types.node import Connection
from schema.types.staff import Employee, HeldPermission, Role, RoleEffect, RolePreview, Viewer

_EMPLOYEES = Order("hired", (employees.c.id,))
_HAS_ROLE = equals(roles.c.merchant_id)
_EMPLOYS = equals(employees.c.merchant_id)


def viewer_of(context: Context) -> Viewer | None:
    """The viewer as the API says it."""
    viewer = context.viewer_or_none
    if viewer is None:
        return None
    merchant = object_source("Merchant", (viewer.merchant_id,)) if viewer.merchant_id else None
    return Viewer(
        kind=viewer.kind,
        name=viewer.name,
        merchant=merchant,
        permissions=[
            HeldPermission(
                permission=permission, through_roles=list(grant.roles), direct=grant.direct
            )
            for permission, grant in viewer.grants.items()
        ],
    )


@strawberry.type
class StaffQueries:
    """Queries about people."""

    @query(PUBLIC)
    async def viewer(self, info: Info) -> Viewer | None:
        """Who asks; null if nobody is signed in. An expired token is an error, not a null."""
        await info.context.authenticate(fresh=False)
        return viewer_of(info.context)

    @query(Permission.STAFF_MANAGE)
    def roles(self, info: Info) -> list[Role]:
        """The merchant's roles, by name."""
        mine = (_HAS_ROLE(info.context.merchant_id),)
        return list_source("Role", mine, roles.c.name)

    @query(Permission.STAFF_MANAGE)
    def employees(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Employee]:
        """The merchant's employees, the main account included, in the order they came."""
        mine = (_EMPLOYS(info.context.merchant_id),)
        return page_source("Employee", mine, _EMPLOYEES, window(first, after, last, before))

    @query(Permission.STAFF_MANAGE)
    async def role_preview(
        self,
        info: Info,
        role_id: Annotated[strawberry.ID, strawberry.argument(description="Which role.")],
        permissions: Annotated[
            list[Permission] | None,
            strawberry.argument(
                description="What the role would allow; leave it out to preview its deletion."
            ),
        ] = None,
    ) -> RolePreview:
        """What a change of a role would do: who gains and who loses what. Changes nothing."""
        merchant = info.context.merchant_id
        role = ids.within(merchant, "Role", role_id, "roleId")
        found = await preview_role(info.context, role, permissions)
        return RolePreview(
            effects=[
                RoleEffect(
                    employee_id=strawberry.ID(ids.encode("Employee", merchant, one.employee_id)),
                    name=one.name,
                    gains=list(one.gains),
                    loses=list(one.loses),
                )
                for one in found.effects
            ],
            orphaned=list(found.orphaned),
        )
