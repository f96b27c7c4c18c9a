"""Receiving a parcel with several orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection
from domain.actions import Action
from domain.desk.receipts import MAX_PARCEL, Receipt
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep
from resolvers.service_orders.batch import Result, check_ids, run_batch, try_step
from resolvers.service_orders.parcels.parcel import lock_parcel
from resolvers.service_orders.parcels.receive import prepare_receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceipt:
    """The receipt of one order of a parcel."""

    id: int
    receipt: Receipt
    pictures: Sequence[str]
    expected_version: int | None


async def receive_many(context: Context, receipts: Sequence[OrderReceipt]) -> Sequence[Result]:
    """Receive each order by itself. Raises Refused for the whole parcel."""
    ids = [receipt.id for receipt in receipts]
    check_ids(ids, "receipts", most=MAX_PARCEL)

    async def run(
        connection: AsyncConnection,
        ids: Sequence[int],
        _is_rest: bool,  # noqa: FBT001 - see `RunOrders`
    ) -> Sequence[Result]:
        await lock_parcel(connection, context, ids, "receipts")
        return [
            await _receive_order(connection, context, index, receipt)
            for index, receipt in enumerate(receipts)
            if receipt.id in ids
        ]

    return await run_batch(context, Action.RECEIVE, ids, run)


async def _receive_order(
    connection: AsyncConnection, context: Context, index: int, receipt: OrderReceipt
) -> Result:
    path = ("receipts", str(index), "evidenceIds")

    async def prepare_step(session: AnyConnection) -> PlainStep:
        return await prepare_receipt(session, context, receipt.receipt, receipt.pictures, path)

    return await try_step(
        connection,
        context,
        Action.RECEIVE,
        receipt.id,
        prepare_step,
        expected_version=receipt.expected_version,
    )
