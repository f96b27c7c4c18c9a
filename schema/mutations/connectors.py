"""Connectors: what a merchant makes of them, and what the platform lets them do."""

from datetime import datetime

import strawberry

from domain.permissions import Permission
from domain.words import MAX_NAME, words
from execution.answers import one
from resolvers.platform.connector_scopes import grant_connector_scopes
from resolvers.settings.connectors import (
    create_connector,
    disable_connector,
    hand_over_connector,
)
from schema import ids
from schema.fields import Info, mutation
from schema.queries.enrolment import Connector
from schema.types.payload import DonePayload, refusals_field
from schema.types.refusal import Refusal


@strawberry.input(description="A connector to create.")
class CreateConnectorInput:
    """A connector."""

    name: str = strawberry.field(description=f"What to call it, up to {MAX_NAME} characters.")
    scopes: list[Permission] = strawberry.field(
        description=(
            "What its token may do, of what the query `permissions` lists with the `scopeGiver` "
            "`MERCHANT`. Nobody gives what they do not hold."
        )
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description="When its token ends, two years ahead at most; a year if left out.",
    )


@strawberry.type(description="A connector that was created.")
class CreateConnectorPayload:
    """A new connector."""

    connector: Connector | None = strawberry.field(
        default=None, description="The connector; null if it was refused."
    )
    token: str | None = strawberry.field(
        default=None, description="Its token. It is not kept: this is the only time it is shown."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="Which connector to hand over, and to whom.")
class HandOverConnectorInput:
    """A connector and its new owner."""

    id: strawberry.ID = strawberry.field(description="Which connector.")
    employee_id: strawberry.ID | None = strawberry.field(
        default=None, description="The new owner; whoever asks, if left out."
    )


@strawberry.input(description="What the platform lets a connector do.")
class GrantConnectorScopesInput:
    """A connector and the platform's scopes."""

    id: strawberry.ID = strawberry.field(description="Which connector.")
    scopes: list[Permission] = strawberry.field(
        description=(
            "All that it gets from the platform, of what the query `permissions` lists with the "
            "`scopeGiver` `PLATFORM`; an empty list takes back what it had. What its merchant "
            "gave it stays."
        )
    )


@strawberry.type(description="A connector that was changed.")
class ConnectorPayload:
    """A connector."""

    connector: Connector | None = strawberry.field(
        default=None, description="The connector; null if it was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="Which connector to disable.")
class DisableConnectorInput:
    """A connector."""

    id: strawberry.ID = strawberry.field(description="Which connector.")


@strawberry.type
class ConnectorMutations:
    """Mutations of connectors."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def create_connector(
        self, info: Info, input: CreateConnectorInput
    ) -> CreateConnectorPayload:
        """Create a machine account for an ERP or a storefront of the merchant.

        Whoever creates it is its owner. `CUSTOMER_ACT` is the platform's to give, afterwards.
        """
        name = words(input.name, "name", longest=MAX_NAME)
        id_, token = await create_connector(info.context, name, input.scopes, input.expires_at)
        return CreateConnectorPayload(connector=one("Connector", (id_,)), token=token)

    @mutation(Permission.SETTINGS_MANAGE)
    async def hand_over_connector(
        self, info: Info, input: HandOverConnectorInput
    ) -> ConnectorPayload:
        """Give a connector another owner, or take it over. Its token stays the same.

        Both have to hold what its scopes take.
        """
        context = info.context
        employee = None
        if input.employee_id is not None:
            merchant = context.merchant_id
            employee = ids.within(merchant, "Employee", input.employee_id, "employeeId")
        number = ids.global_number("Connector", input.id, "id")
        id_ = await hand_over_connector(context, number, employee)
        return ConnectorPayload(connector=one("Connector", (id_,)))

    @mutation(Permission.ENROLMENT_REVIEW)
    async def grant_connector_scopes(
        self, info: Info, input: GrantConnectorScopesInput
    ) -> ConnectorPayload:
        """Let a merchant's connector act for customers, or no longer."""
        number = ids.global_number("Connector", input.id, "id")
        id_ = await grant_connector_scopes(info.context, number, input.scopes)
        return ConnectorPayload(connector=one("Connector", (id_,)))

    @mutation(Permission.SETTINGS_MANAGE)
    async def disable_connector(self, info: Info, input: DisableConnectorInput) -> DonePayload:
        """Refuse a connector's token from now on, and those of the customers it acts for."""
        await disable_connector(info.context, ids.global_number("Connector", input.id, "id"))
        return DonePayload(done=True)
