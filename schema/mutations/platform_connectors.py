"""Mutations of the platform's connectors, each of which can serve several merchants."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import strawberry

from domain.permissions import Permission
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import MAX_NAME, at_most, line
from execution.sources import object_source
from resolvers.platform.connectors import (
    MAX_MERCHANTS,
    create_platform_connector,
    disable_platform_connector,
    set_platform_connector_merchants,
)
from schema import ids
from schema.fields import Info, mutation
from schema.mutations.connectors import (
    ConnectorPayload,
    CreateConnectorPayload,
    DisableConnectorInput,
)
from schema.types.payload import DonePayload

_MERCHANT_IDS: Final = (
    f"The ids of the merchants that it serves, 1 to {MAX_MERCHANTS}. Left out for `allMerchants`."
)
_ALL_MERCHANTS: Final = (
    "Whether it serves all merchants, those that are registered later included. Exactly one of "
    "`merchantIds` and `allMerchants` must be given."
)


@strawberry.input(description="The connector of the platform to create.")
class CreatePlatformConnectorInput:
    """A connector."""

    name: str = strawberry.field(description=f"The name. At most {MAX_NAME} characters.")
    scopes: list[Permission] = strawberry.field(
        description=(
            "The permissions of its token: permissions with a `scopeGiver` in the query "
            "`permissions`. `SERVICE_ORDER_READ` and `QUALITY_READ` require that the viewer holds "
            "`MERCHANT_READ`."
        )
    )
    merchant_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description=_MERCHANT_IDS
    )
    all_merchants: bool = strawberry.field(default=False, description=_ALL_MERCHANTS)
    expires_at: datetime | None = strawberry.field(
        default=None,
        description=(
            "When its token expires, at most two years from now. Defaults to one year from now."
        ),
    )


@strawberry.input(description="A connector of the platform and the merchants that it serves.")
class SetPlatformConnectorMerchantsInput:
    """A connector and its merchants."""

    id: strawberry.ID = strawberry.field(description="The id of the connector.")
    merchant_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description=_MERCHANT_IDS
    )
    all_merchants: bool = strawberry.field(default=False, description=_ALL_MERCHANTS)


@strawberry.type
class PlatformConnectorMutations:
    """Mutations of the platform's connectors."""

    @mutation(Permission.ENROLMENT_REVIEW)
    async def create_platform_connector(
        self, info: Info, input: CreatePlatformConnectorInput
    ) -> CreateConnectorPayload:
        """新建平台接入. Creates a connector of the platform for a storefront of several merchants.

        Whatever it does is limited to the merchants that it serves.
        """
        name = line(input.name, "name", longest=MAX_NAME)
        served = _merchants(input.merchant_ids, all_merchants=input.all_merchants)
        id_, token = await create_platform_connector(
            info.context, name, input.scopes, served, input.expires_at
        )
        return CreateConnectorPayload(connector=object_source("Connector", (id_,)), token=token)

    @mutation(Permission.ENROLMENT_REVIEW)
    async def set_platform_connector_merchants(
        self, info: Info, input: SetPlatformConnectorMerchantsInput
    ) -> ConnectorPayload:
        """设置平台接入的商家. Replaces the merchants that a connector of the platform serves.

        At a merchant that is left out, its token and the tokens of its customers stop working.
        """
        number = ids.global_number("Connector", input.id, "id")
        served = _merchants(input.merchant_ids, all_merchants=input.all_merchants)
        id_ = await set_platform_connector_merchants(info.context, number, served)
        return ConnectorPayload(connector=object_source("Connector", (id_,)))

    @mutation(Permission.ENROLMENT_REVIEW)
    async def disable_platform_connector(
        self, info: Info, input: DisableConnectorInput
    ) -> DonePayload:
        """停用平台接入. Disables a connector of the platform.

        Its token and the tokens of its customers stop working.
        """
        number = ids.global_number("Connector", input.id, "id")
        await disable_platform_connector(info.context, number)
        return DonePayload(done=True)


def _merchants(merchant_ids: Sequence[str] | None, *, all_merchants: bool) -> list[int] | None:
    """The merchants' ids; None for all merchants. Raises BadInput or Refused."""
    if all_merchants is (merchant_ids is not None):
        text = Text("需要指定商家或全部商家", "Name the merchants, or say that it serves all.")
        raise BadInput(("merchantIds",), text)
    if merchant_ids is None:
        return None
    at_most(merchant_ids, "merchantIds", least=1, most=MAX_MERCHANTS)
    return [
        ids.merchant_of(id_, "merchantIds", str(index)) for index, id_ in enumerate(merchant_ids)
    ]
