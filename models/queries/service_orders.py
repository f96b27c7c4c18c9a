"""Finding service orders, and the facts that the rules need of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection, BatchablePrepared, Prepared
from domain.actors import ActorKind
from domain.addresses import Address
from domain.clocks import STORED_UNIT, Clocks, ReviewClock, Span
from domain.decision import OrderFacts, PastDecision
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import Action
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.statuses import Status
from models.merchant import default_addresses, merchants
from models.queries import calendar
from models.service_order import service_orders

FACTS: Final = (
    service_orders.c.merchant_id,
    service_orders.c.customer_ref,
    merchants.c.enrolment,
    service_orders.c.status,
    service_orders.c.version,
    default_addresses.c.id,
    service_orders.c.clock_due_at,
    service_orders.c.finished_at,
    service_orders.c.last_action,
    service_orders.c.decision,
    service_orders.c.decided_by,
    service_orders.c.decided_by_kind,
    service_orders.c.decided_at,
)
"""The columns that ``facts`` takes, in its order."""


def facts(  # noqa: PLR0917 - one for each column, called with a row
    merchant_id: int,
    customer_ref: str,
    enrolment: EnrolmentStatus,
    status: Status,
    version: int,
    default_address_id: int | None,
    due_at: datetime | None,
    finished_at: datetime | None,
    last_action: Action | None,
    decision: Action | None,
    decided_by: str | None,
    decided_by_kind: ActorKind | None,
    decided_at: datetime | None,
) -> OrderFacts:
    """What the rules need of an order."""
    decided = None
    if decision and decided_by is not None and decided_by_kind and decided_at:
        decided = PastDecision(
            action=decision, by=decided_by, by_kind=decided_by_kind, at=decided_at
        )
    return OrderFacts(
        merchant_id=merchant_id,
        customer_ref=customer_ref,
        enrolment=enrolment,
        status=status,
        version=version,
        has_return_address=default_address_id is not None,
        due_at=due_at,
        finished_at=finished_at,
        last_action=last_action,
        decided=decided,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it was read for a change: what the rules look at, and what a change builds on."""

    id: int
    application_id: int
    facts: OrderFacts
    clocks: Clocks
    default_address: Address | None
    auto_approval_blocked: bool
    updated_at: datetime

    def instant(self, now: datetime) -> datetime:
        """When a step happens that is taken now: never before what happened last.

        The time of two processes differs a little, and a machine's clock may go back.
        """
        return max(now, self.updated_at)


_ADDRESS: Final = (
    "contact",
    "phone",
    "zip",
    "province_code",
    "city_code",
    "district_code",
    "detail",
)


def orders() -> sa.Select[Any]:
    """All that ``read`` needs, of every order; the caller narrows it."""
    return (
        sa.select(
            *[column.label(f"fact_{at}") for at, column in enumerate(FACTS)],
            service_orders.c.id,
            service_orders.c.application_id,
            service_orders.c.clock_started_at,
            service_orders.c.review_started_at,
            service_orders.c.review_due_at,
            service_orders.c.review_paused_at,
            service_orders.c.review_left_ms,
            service_orders.c.review_pauses,
            service_orders.c.auto_approval_blocked,
            service_orders.c.updated_at,
            *[default_addresses.c[name] for name in _ADDRESS],
        )
        .select_from(service_orders)
        .join(merchants, merchants.c.id == service_orders.c.merchant_id)
        .outerjoin(
            default_addresses,
            (default_addresses.c.merchant_id == service_orders.c.merchant_id)
            & default_addresses.c.is_default,
        )
    )


def read(row: Any) -> Order:  # noqa: ANN401 - as SQLAlchemy or ``Prepared`` has it
    """An order from a row of ``orders``."""
    found = facts(*row[: len(FACTS)])
    return Order(
        id=row.id,
        application_id=row.application_id,
        facts=found,
        clocks=clocks(row, due_at=found.due_at),
        default_address=(
            Address(**{name: getattr(row, name) for name in _ADDRESS})
            if found.has_return_address
            else None
        ),
        auto_approval_blocked=row.auto_approval_blocked,
        updated_at=row.updated_at,
    )


def clocks(row: Any, *, due_at: datetime | None) -> Clocks:  # noqa: ANN401 - the same
    """The clocks from the columns that hold them."""
    left = row.review_left_ms
    return Clocks(
        started_at=row.clock_started_at,
        due_at=due_at,
        review=ReviewClock(
            started_at=row.review_started_at,
            due_at=row.review_due_at,
            paused_at=row.review_paused_at,
            left=None if left is None else left * STORED_UNIT,
            pauses=tuple(
                Span(datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"]))
                for one in row.review_pauses
            ),
        ),
    )


async def find_many(
    connection: AsyncConnection, merchant_id: int, ids: Sequence[int], *, lock: bool = False
) -> dict[int, Order]:
    """The merchant's orders among the ids; with ``lock`` they stay as they are found."""
    wanted = orders().where(
        service_orders.c.merchant_id == merchant_id, service_orders.c.id.in_(sorted(set(ids)))
    )
    if lock:
        # In one order for everybody, or two that overlap would wait for each other.
        wanted = wanted.order_by(service_orders.c.id).with_for_update(of=service_orders)
    found = await connection.execute(wanted)
    return {order.id: order for order in map(read, found)}


async def get(session: AnyConnection, merchant_id: int, id_: int) -> Order:
    """Another merchant's order is not found, never forbidden: that it exists is not ours to tell.

    Raises Refused(NotFound).
    """
    return read(_only(await _ORDER.all(session, merchant_id=merchant_id, id=id_)))


async def get_with_pauses(
    session: AnyConnection, merchant_id: int, id_: int, now: datetime
) -> tuple[Order, Sequence[Span]]:
    """The same, and the pauses ahead, which a clock that is set must heed; as of one moment."""
    if session.dialect.name != "postgresql":
        return await get(session, merchant_id, id_), await calendar.upcoming(session, now)
    row = _only(await _ORDER_AND_PAUSES.all(session, merchant_id=merchant_id, id=id_, now=now))
    *_, starts, ends = row
    pauses = [Span(start, end) for start, end in zip(starts or (), ends or (), strict=True)]
    return read(row), pauses


def _only(found: Sequence[Any]) -> Any:  # noqa: ANN401 - as ``Prepared`` has it
    if not found:
        raise Refused(NotFound(kind="ServiceOrder", path=("id",)))
    return found[0]


_ONE: Final = orders().where(
    service_orders.c.merchant_id == sa.bindparam("merchant_id"),
    service_orders.c.id == sa.bindparam("id"),
)
_ORDER: Final = Prepared(_ONE)
_ORDER_AND_PAUSES: Final = BatchablePrepared(_ONE.add_columns(*calendar.ahead(sa.bindparam("now"))))
