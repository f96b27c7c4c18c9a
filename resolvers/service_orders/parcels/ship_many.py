"""Recording that the customer sent a parcel with several orders."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection
from domain.actions import Action
from domain.desk.receipts import MAX_PARCEL, InboundShipment
from resolvers.context import Context
from resolvers.service_orders.batch import Result, check_ids, run_batch, try_step
from resolvers.service_orders.parcels.parcel import lock_parcel
from resolvers.service_orders.parcels.ship import ShipStep


async def ship_many(
    context: Context, ids: Sequence[int], inbound: InboundShipment
) -> Sequence[Result]:
    """Ship each order by itself. Raises Refused for the whole parcel.

    The freight is recorded with the first order that is shipped: it was paid once.
    """
    check_ids(ids, "ids", most=MAX_PARCEL)

    async def run(
        connection: AsyncConnection,
        ids: Sequence[int],
        is_rest: bool,  # noqa: FBT001 - see `RunOrders`
    ) -> Sequence[Result]:
        await lock_parcel(connection, context, ids, "ids")
        # An order that an earlier request shipped has the freight.
        left = replace(inbound, freight=None) if is_rest else inbound
        results = []
        for id_ in ids:
            result = await _ship_order(connection, context, id_, left)
            if result.verdict.allowed:
                left = replace(inbound, freight=None)
            results.append(result)
        return results

    return await run_batch(context, Action.SHIP, ids, run)


async def _ship_order(
    connection: AsyncConnection, context: Context, id_: int, inbound: InboundShipment
) -> Result:
    async def prepare_step(_: AnyConnection) -> ShipStep:
        return ShipStep(inbound=inbound)

    return await try_step(connection, context, Action.SHIP, id_, prepare_step)
