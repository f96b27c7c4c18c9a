"""Checks the cases that the figures of service quality count, against the orders' events."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from domain.quality.metrics import VERSION
from models.feed import feed, feed_heads, outbox
from models.journal.cases import derived
from models.merchant import merchants
from models.quality import quality_heads
from models.queries import quality_cases
from models.queries.quality_cases import CaseKey, Values
from models.service_order import service_orders

_PAGE: Final = 500
_head: Final = quality_heads.c
_order: Final = service_orders.c


async def examine(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Finding]:
    """Compare the cases of each order of which every event is counted.

    Of a merchant whose cases the job will derive anew there is nothing to compare.
    """
    head = (await connection.execute(_HEAD, {"merchant": merchant_id})).one_or_none()
    if head is None or head.version != VERSION or head.time_zone != head.present_zone:
        return
    if head.position < head.purged_to:
        return
    windows = await quality_cases.windows(connection)
    async for orders in _pages(connection, merchant_id, head.position, head.rebuilt_to):
        keys = [(merchant_id, order) for order in orders]
        due = await derived(connection, keys, {merchant_id: head.time_zone}, windows)
        stored = await quality_cases.read_cases(connection, keys)
        for key in sorted(due.keys() | stored.keys()):
            for detail in _differences(key, due.get(key), stored.get(key)):
                yield Finding(
                    fault=Fault.QUALITY_DIFFERS,
                    merchant_id=merchant_id,
                    order_id=key[1],
                    detail=detail,
                )


def _differences(key: CaseKey, due: Values | None, stored: Values | None) -> Iterator[str]:
    *_, kind, sequence = key
    if stored is None:
        yield f"{kind} of event {sequence} is missing"
    elif due is None:
        yield f"{kind} of event {sequence} does not follow from the events"
    elif due != stored:
        names = ", ".join(sorted(name for name in due if due[name] != stored[name]))
        yield f"{kind} of event {sequence}: {names}"


async def _pages(
    connection: AsyncConnection, merchant_id: int, position: int, rebuilt_to: int | None
) -> AsyncIterator[Sequence[int]]:
    """Orders whose events are all counted, by their ids.

    While the cases are derived anew, those up to the last order that was reached.
    """
    uncounted = sa.union_all(
        sa.select(feed.c.service_order_id).where(
            feed.c.merchant_id == merchant_id, feed.c.position > position
        ),
        sa.select(outbox.c.service_order_id).where(outbox.c.merchant_id == merchant_id),
    )
    counted = sa.select(_order.id).where(
        _order.merchant_id == merchant_id, _order.id.not_in(uncounted)
    )
    if rebuilt_to is not None:
        counted = counted.where(_order.id <= rebuilt_to)
    last = 0
    while True:
        page = counted.where(_order.id > last).order_by(_order.id).limit(_PAGE)
        orders = (await connection.execute(page)).scalars().all()
        if orders:
            yield orders
        if len(orders) < _PAGE:
            return
        last = orders[-1]


_HEAD: Final = (
    sa.select(
        _head.position,
        _head.rebuilt_to,
        _head.version,
        _head.time_zone,
        merchants.c.time_zone.label("present_zone"),
        sa.func.coalesce(feed_heads.c.purged_to, 0).label("purged_to"),
    )
    .select_from(quality_heads)
    .join(merchants, merchants.c.id == _head.merchant_id)
    .outerjoin(feed_heads, feed_heads.c.merchant_id == _head.merchant_id)
    .where(_head.merchant_id == sa.bindparam("merchant", type_=_head.merchant_id.type))
)
