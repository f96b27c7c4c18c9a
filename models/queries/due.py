"""Finding the service orders whose clock is over and has a consequence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from database.prepared import Prepared
from domain.addresses import Address
from domain.clocks import Clocks, ReviewClock
from domain.decision import OrderFacts
from domain.destinations import Goods
from domain.enrolment import EnrolmentStatus
from models.merchant import default_addresses, merchants
from models.queries.presence import of_present
from models.queries.service_orders import Order, pauses, with_rules
from models.service_order import WATCHED, service_orders

# The index's own condition, word for word: the planner uses a partial index for no other.
_WATCHED: Final = sa.text(WATCHED)
_ALL_DUE: Final = (
    sa.select(
        service_orders.c.merchant_id,
        service_orders.c.id,
        service_orders.c.application_id,
        service_orders.c.customer_ref,
        service_orders.c.status,
        service_orders.c.version,
        service_orders.c.customer_version,
        service_orders.c.clock_started_at,
        service_orders.c.clock_due_at,
        service_orders.c.clock_pauses,
        service_orders.c.review_started_at,
        service_orders.c.review_due_at,
        service_orders.c.review_pauses,
        service_orders.c.updated_at,
        service_orders.c.sku,
        service_orders.c.category,
        service_orders.c.warehouse,
    )
    .where(_WATCHED, service_orders.c.clock_due_at <= sa.bindparam("now"))
    .order_by(service_orders.c.clock_due_at)
    .limit(sa.bindparam("most", type_=sa.BigInteger))
)
# Prepared: SQLAlchemy's rows would cost a fifth of the sweep's processor time.
_DUE: Final = Prepared(_ALL_DUE.with_for_update(skip_locked=True))
_DUE_IN_LANE: Final = _ALL_DUE.where(
    service_orders.c.merchant_id % sa.bindparam("lanes", type_=sa.BigInteger)
    == sa.bindparam("lane", type_=sa.BigInteger)
)
_NEXT: Final = sa.select(sa.func.min(service_orders.c.clock_due_at)).where(_WATCHED)
_NOW: Final = sa.select(sa.func.clock_timestamp())


async def not_ahead(connection: AsyncConnection, now: datetime, lead: timedelta | None) -> datetime:
    """The earlier of ``now`` and the database's time plus ``lead``.

    What is due then is due, however wrong this process's clock is. Without a ``lead``, ``now`` is
    the only time there is.
    """
    if lead is None:
        return now
    at: datetime = (await connection.execute(_NOW)).scalar_one()
    return min(now, at + lead)


async def find_next(connection: AsyncConnection) -> datetime | None:
    """The next deadline with a consequence; None if no order waits for one."""
    following = of_present(connection, _NEXT, service_orders.c.merchant_id)
    due: datetime | None = (await connection.execute(following)).scalar_one()
    return due


async def claim(connection: AsyncConnection, now: datetime, *, most: int) -> Sequence[Order]:
    """Lock and return orders that are due, the oldest deadline first.

    Orders that another worker has locked are left out. A merchant's data is read once for all of
    its orders.
    """
    return await _read(connection, await _DUE.all(connection, now=now, most=most))


async def share_machines(connection: AsyncConnection) -> None:
    """Let the lanes write at the same time: their transactions have no merchant in common.

    Citus would let only one statement at a time write to several shards, to prevent deadlocks.
    """
    await connection.execute(_SHARE)


# One connection to each machine: with more, each would be prepared and committed by itself.
_SHARE: Final = sa.text(
    "SELECT set_config('citus.enable_deadlock_prevention', 'off', true),"
    " set_config('citus.max_adaptive_executor_pool_size', '1', true)"
)


async def find(
    connection: AsyncConnection, now: datetime, *, most: int, lane: int, lanes: int
) -> Sequence[Order]:
    """The same of a share of the merchants, without locks: Citus locks rows of one machine only."""
    query = of_present(connection, _DUE_IN_LANE, service_orders.c.merchant_id)
    parameters = {"now": now, "most": most, "lane": lane, "lanes": lanes}
    return await _read(connection, (await connection.execute(query, parameters)).all())


async def _read(connection: AsyncConnection, rows: Sequence[Any]) -> Sequence[Order]:
    """The orders from rows of ``_ALL_DUE``. Any: of the columns above."""
    if not rows:
        # Citus asks any machine for the rows of no merchant, also one that is away.
        return []
    desks = await _desks(connection, {row.merchant_id for row in rows})
    return [_order(row, desks[row.merchant_id]) for row in rows]


@dataclass(frozen=True, slots=True)
class _Desk:
    enrolment: EnrolmentStatus
    address: Address | None
    rules: Mapping[str, Any] | None  # Any: JSON


async def _desks(connection: AsyncConnection, ids: Iterable[int]) -> Mapping[int, _Desk]:
    rows = await _DESKS.all(connection, ids=sorted(ids))
    return {
        id_: _Desk(
            enrolment,
            Address(**dict(zip(_ADDRESS, address, strict=True))) if address[0] else None,
            rules,
        )
        for id_, enrolment, rules, *address in rows
    }


_ADDRESS: Final = tuple(Address.__dataclass_fields__)
_DESKS: Final = Prepared(
    sa.select(
        merchants.c.id,
        merchants.c.enrolment,
        merchants.c.address_rules,
        *[default_addresses.c[name] for name in _ADDRESS],
    )
    .outerjoin(
        default_addresses,
        (default_addresses.c.merchant_id == merchants.c.id) & sa.text("is_default"),
    )
    .where(AnyOf(merchants.c.id, sa.bindparam("ids")))
)


def _order(row: Sequence[Any], desk: _Desk) -> Order:  # Any: the values of the columns above
    (
        merchant_id,
        id_,
        application_id,
        customer_ref,
        status,
        version,
        customer_version,
        started_at,
        due_at,
        clock_pauses,
        review_started_at,
        review_due_at,
        review_pauses,
        updated_at,
        sku,
        category,
        warehouse,
    ) = row
    order = Order(
        id=id_,
        application_id=application_id,
        facts=OrderFacts(
            merchant_id=merchant_id,
            customer_ref=customer_ref,
            enrolment=desk.enrolment,
            status=status,
            version=version,
            customer_version=customer_version,
            has_return_address=desk.address is not None,
            due_at=due_at,
        ),
        clocks=Clocks(
            started_at=started_at,
            due_at=due_at,
            review=ReviewClock(
                started_at=review_started_at,
                due_at=review_due_at,
                pauses=pauses(review_pauses),
            ),
            pauses=pauses(clock_pauses),
        ),
        default_address=desk.address,
        auto_approval_blocked=False,
        updated_at=updated_at,
        goods=Goods(sku=sku, category=category, warehouse=warehouse),
        address_rules=desk.rules,
    )
    return with_rules(order)
