"""Queries of the viewer and of the merchant's roles and employees."""

from typing import Annotated

import strawberry

from auth.viewer import Viewer as Principal
from domain.actors import ActorKind
from domain.desk.refunds import Ceiling
from domain.money import yuan
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
from schema.scalars import Money
from schema.types.actor import actor_id
from schema.types.node import Connection
from schema.types.staff import (
    Employee,
    HeldPermission,
    Role,
    RoleEffect,
    RolePreview,
    Viewer,
    ceiling_or_unchanged,
)

_EMPLOYEES = Order("hired", (employees.c.id,))
_ROLE_OF = equals(roles.c.merchant_id)
_EMPLOYEE_OF = equals(employees.c.merchant_id)


def viewer_of(context: Context) -> Viewer | None:
    """The request's viewer, None if nobody is signed in."""
    viewer = context.viewer_or_none
    if viewer is None:
        return None
    merchant = object_source("Merchant", (viewer.merchant_id,)) if viewer.merchant_id else None
    return Viewer(
        id=_id_of(context, viewer),
        kind=viewer.kind,
        name=viewer.name,
        merchant=merchant,
        permissions=[
            HeldPermission(
                permission=permission, through_roles=list(grant.roles), direct=grant.direct
            )
            for permission, grant in viewer.grants.items()
        ],
        refund_ceiling=_money(viewer.refund_ceiling),
    )


def _id_of(context: Context, viewer: Principal) -> strawberry.ID:
    if viewer.kind is ActorKind.CUSTOMER:  # the number of its reference, which is the storefront's
        return strawberry.ID(ids.encode("Customer", viewer.number))
    own = actor_id(context, viewer.kind, viewer.id, viewer.merchant_id)
    return own or strawberry.ID(ids.encode("Viewer", viewer.id))


def _money(ceiling: Ceiling) -> Money | None:
    return None if ceiling is None else Money(yuan(ceiling))


@strawberry.type
class StaffQueries:
    """Queries of people."""

    @query(PUBLIC)
    async def viewer(self, info: Info) -> Viewer | None:
        """Returns the viewer. Null if nobody is signed in. An expired token is an error."""
        await info.context.authenticate(fresh=False)
        return viewer_of(info.context)

    @query(Permission.STAFF_MANAGE)
    def roles(self, info: Info) -> list[Role]:
        """Returns the roles of the viewer's merchant, sorted by name."""
        where = (_ROLE_OF(info.context.merchant_id),)
        return list_source("Role", where, roles.c.name)

    @query(Permission.STAFF_MANAGE)
    def employees(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Employee]:
        """Returns the employees of the viewer's merchant and its main account, oldest first."""
        where = (_EMPLOYEE_OF(info.context.merchant_id),)
        return page_source("Employee", where, _EMPLOYEES, window(first, after, last, before))

    @query(Permission.STAFF_MANAGE)
    async def role_preview(
        self,
        info: Info,
        role_id: Annotated[strawberry.ID, strawberry.argument(description="The id of the role.")],
        permissions: Annotated[
            list[Permission] | None,
            strawberry.argument(
                description="The new permissions of the role. Leave out to preview its deletion."
            ),
        ] = None,
        refund_ceiling: Annotated[
            Money | None,
            strawberry.argument(
                description=(
                    "The new refund ceiling of the role. Null removes it; leave out to keep it."
                )
            ),
        ] = strawberry.UNSET,
    ) -> RolePreview:
        """Returns who would gain or lose permissions by a change of a role. Changes nothing."""
        merchant = info.context.merchant_id
        role = ids.within(merchant, "Role", role_id, "roleId")
        ceiling = ceiling_or_unchanged(refund_ceiling)
        preview = await preview_role(info.context, role, permissions, ceiling)
        return RolePreview(
            effects=[
                RoleEffect(
                    employee_id=strawberry.ID(ids.encode("Employee", merchant, effect.employee_id)),
                    name=effect.name,
                    gains=list(effect.gains),
                    loses=list(effect.loses),
                    refund_ceiling_before=_money(effect.ceiling_before),
                    refund_ceiling_after=_money(effect.ceiling_after),
                )
                for effect in preview.effects
            ],
            orphaned=list(preview.orphaned),
        )
