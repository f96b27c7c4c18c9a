"""Mutations of connectors, by the merchant and by the platform."""

from datetime import datetime

import strawberry

from domain.permissions import Permission
from domain.words import MAX_NAME, line
from execution.sources import object_source
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


@strawberry.input(description="The connector to create.")
class CreateConnectorInput:
    """A connector."""

    name: str = strawberry.field(description=f"The name. At most {MAX_NAME} characters.")
    scopes: list[Permission] = strawberry.field(
        description=(
            "The permissions of its token: permissions with the `scopeGiver` `MERCHANT` in the "
            "query `permissions`. The viewer must hold what each scope requires."
        )
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description=(
            "When its token expires, at most two years from now. Defaults to one year from now."
        ),
    )


@strawberry.type(description="The created connector and its token.")
class CreateConnectorPayload:
    """A new connector."""

    connector: Connector | None = strawberry.field(
        default=None, description="The connector. Null if the request was refused."
    )
    token: str | None = strawberry.field(
        default=None,
        description=(
            "The token of the connector. It is shown only once, because it is not stored. Null if "
            "the request was refused."
        ),
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="The connector to hand over and its new owner.")
class HandOverConnectorInput:
    """A connector and its new owner."""

    id: strawberry.ID = strawberry.field(description="The id of the connector.")
    employee_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the new owner. Defaults to the viewer."
    )


@strawberry.input(description="The scopes that the platform grants to a connector.")
class GrantConnectorScopesInput:
    """A connector and the platform's scopes."""

    id: strawberry.ID = strawberry.field(description="The id of the connector.")
    scopes: list[Permission] = strawberry.field(
        description=(
            "All scopes that the platform grants: permissions with the `scopeGiver` `PLATFORM` in "
            "the query `permissions`. An empty list revokes them. Scopes granted by the merchant "
            "stay."
        )
    )


@strawberry.type(description="The changed connector.")
class ConnectorPayload:
    """A connector."""

    connector: Connector | None = strawberry.field(
        default=None, description="The connector. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.input(description="The connector to disable.")
class DisableConnectorInput:
    """A connector."""

    id: strawberry.ID = strawberry.field(description="The id of the connector.")


@strawberry.type
class ConnectorMutations:
    """Mutations of connectors."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def create_connector(
        self, info: Info, input: CreateConnectorInput
    ) -> CreateConnectorPayload:
        """Creates a machine account for an ERP or a storefront of the merchant.

        The viewer becomes its owner. Only the platform can grant `CUSTOMER_ACT`, afterwards.
        """
        name = line(input.name, "name", longest=MAX_NAME)
        id_, token = await create_connector(info.context, name, input.scopes, input.expires_at)
        return CreateConnectorPayload(connector=object_source("Connector", (id_,)), token=token)

    @mutation(Permission.SETTINGS_MANAGE)
    async def hand_over_connector(
        self, info: Info, input: HandOverConnectorInput
    ) -> ConnectorPayload:
        """Hands a connector over to another owner. Its token stays the same.

        Both the viewer and the new owner must hold what its scopes require.
        """
        context = info.context
        employee = None
        if input.employee_id is not None:
            merchant = context.merchant_id
            employee = ids.within(merchant, "Employee", input.employee_id, "employeeId")
        number = ids.global_number("Connector", input.id, "id")
        id_ = await hand_over_connector(context, number, employee)
        return ConnectorPayload(connector=object_source("Connector", (id_,)))

    @mutation(Permission.ENROLMENT_REVIEW)
    async def grant_connector_scopes(
        self, info: Info, input: GrantConnectorScopesInput
    ) -> ConnectorPayload:
        """Sets the scopes that the platform grants to a merchant's connector."""
        number = ids.global_number("Connector", input.id, "id")
        id_ = await grant_connector_scopes(info.context, number, input.scopes)
        return ConnectorPayload(connector=object_source("Connector", (id_,)))

    @mutation(Permission.SETTINGS_MANAGE)
    async def disable_connector(self, info: Info, input: DisableConnectorInput) -> DonePayload:
        """Disables a connector. Its token and the tokens of its customers stop working."""
        await disable_connector(info.context, ids.global_number("Connector", input.id, "id"))
        return DonePayload(done=True)
