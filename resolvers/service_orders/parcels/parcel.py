"""A parcel: several orders of one application that travel together."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from models.queries import service_orders
from resolvers.context import Context
from resolvers.service_orders.batch import check_one_application


async def lock_parcel(
    connection: AsyncConnection, context: Context, ids: Sequence[int], *path: str
) -> None:
    """Lock the orders. Raises Refused for orders of several applications.

    Orders that the viewer cannot see do not count, so that nobody learns whose they are.
    """
    orders = await service_orders.find_many(connection, context.merchant_id, ids, lock=True)
    customer_ref = context.viewer.customer_ref
    visible = [
        order for order in orders.values() if customer_ref in (None, order.facts.customer_ref)
    ]
    check_one_application(visible, *path)
