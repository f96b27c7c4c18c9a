"""What disabling or moving an employee would change, and who holds which permission."""

import strawberry

from domain.money import yuan
from domain.permissions import Permission
from resolvers.staff import employee_preview
from schema import ids
from schema.scalars import Money


@strawberry.type(description="A connector that would lose scopes, because its owner would.")
class ConnectorEffect:
    """A connector."""

    connector_id: strawberry.ID = strawberry.field(description="The id of the connector.")
    name: str = strawberry.field(description="The name of the connector.")
    loses: list[Permission] = strawberry.field(
        description="The scopes that would stop to work until somebody else takes it over."
    )


@strawberry.type(description="The effects of disabling or moving an employee.")
class EmployeePreview:
    """The preview."""

    gains: list[Permission] = strawberry.field(
        description="The permissions that the employee would gain."
    )
    loses: list[Permission] = strawberry.field(
        description="The permissions that the employee would lose."
    )
    refund_ceiling_before: Money | None = strawberry.field(
        description=(
            'The present refund ceiling of the employee, in yuan: "0.00" without the permission '
            "`REFUND`. Null: no ceiling."
        )
    )
    refund_ceiling_after: Money | None = strawberry.field(
        description="The refund ceiling that the employee would have."
    )
    connectors: list[ConnectorEffect] = strawberry.field(
        description="The connectors of the employee that would lose scopes."
    )
    orphaned: list[Permission] = strawberry.field(
        description=(
            "The permissions that no active employee except the main account would hold any more."
        )
    )
    open_orders: int = strawberry.field(
        description="The number of unfinished orders that are assigned to the employee."
    )


@strawberry.type(description="How many active employees hold a permission.")
class PermissionCoverage:
    """The holders of a permission."""

    permission: Permission = strawberry.field(description="The permission.")
    holders: int = strawberry.field(
        description=(
            "The number of active employees who hold it, without the main account. 0: only the "
            "main account can do what it allows."
        )
    )


def employee_preview_of(preview: employee_preview.EmployeePreview) -> EmployeePreview:
    return EmployeePreview(
        gains=list(preview.gains),
        loses=list(preview.loses),
        refund_ceiling_before=_money(preview.ceiling_before),
        refund_ceiling_after=_money(preview.ceiling_after),
        connectors=[
            ConnectorEffect(
                connector_id=strawberry.ID(ids.encode("Connector", effect.connector_id)),
                name=effect.name,
                loses=list(effect.loses),
            )
            for effect in preview.connectors
        ],
        orphaned=list(preview.orphaned),
        open_orders=preview.open_orders,
    )


def _money(ceiling: int | None) -> Money | None:
    return None if ceiling is None else Money(yuan(ceiling))
