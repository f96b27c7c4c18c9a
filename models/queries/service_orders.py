"""Finding service orders, as the facts and clocks that the rules need."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.compiled import Row
from database.prepared import AnyConnection, BatchablePrepared, Prepared
from domain.actions import Action
from domain.actors import ActorKind
from domain.addresses import Address
from domain.applications import LogisticsIn
from domain.clocks import STORED_UNIT, Clocks, ReviewClock, Span
from domain.decision import OrderFacts, PastDecision
from domain.desk.sending import is_sending
from domain.destinations import Destination, Goods, destination
from domain.enrolment import EnrolmentStatus
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.statuses import Status
from domain.targets import StoredTargets
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
    service_orders.c.customer_version,
    service_orders.c.pending_refunds,
    service_orders.c.shipped_at,
    service_orders.c.received_at,
    service_orders.c.returned_at,
    service_orders.c.escalated_at,
    service_orders.c.reopened_at,
    service_orders.c.review_due_at,
    service_orders.c.review_left_ms,
    service_orders.c.processing,
    service_orders.c.assignee_id,
    service_orders.c.decision,
    service_orders.c.decided_by,
    service_orders.c.decided_by_kind,
    service_orders.c.decided_at,
    service_orders.c.ruled_at,
    service_orders.c.personal_data_erased_at,
)
"""The columns of ``facts``, in the order of its parameters."""


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
    customer_version: int,
    pending_refunds: int,
    shipped_at: datetime | None,
    received_at: datetime | None,
    returned_at: datetime | None,
    escalated_at: datetime | None,
    reopened_at: datetime | None,
    review_due_at: datetime | None,
    review_left_ms: int | None,
    processing: Mapping[str, Any] | None,  # Any: JSON
    assignee_id: int | None,
    decision: Action | None,
    decided_by: str | None,
    decided_by_kind: ActorKind | None,
    decided_at: datetime | None,
    ruled_at: datetime | None,
    personal_data_erased_at: datetime | None,
) -> OrderFacts:
    """The facts of an order, from the columns of ``FACTS``."""
    past_decision = None
    if decision and decided_by is not None and decided_by_kind and decided_at:
        past_decision = PastDecision(
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
        customer_version=customer_version,
        pending_refunds=pending_refunds,
        shipped_at=shipped_at,
        received_at=received_at,
        returned_at=returned_at,
        escalated_at=escalated_at,
        reopened_at=reopened_at,
        has_review_time=decided_at is not None
        and (bool(review_left_ms) or (review_due_at is not None and decided_at < review_due_at)),
        has_sent=decision is Action.RESEND or is_sending(processing),
        assignee_id=assignee_id,
        decided=past_decision,
        ruled_at=ruled_at,
        personal_data_erased_at=personal_data_erased_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order read for a change: the facts for the rules, and what the change starts from.

    ``address_rules`` are the merchant's stored ``AddressRules``, ``retired_reasons`` the codes of
    the platform's reasons that the merchant retired.

    For an order read by a timer, ``logistics_in`` and the targets are None and ``item_name`` is
    empty: no timer takes an order to a status that has a target.
    """

    id: int
    application_id: int
    facts: OrderFacts
    clocks: Clocks
    default_address: Address | None
    auto_approval_blocked: bool
    updated_at: datetime
    logistics_in: LogisticsIn | None = None
    goods: Goods | None = None
    address_rules: Mapping[str, Any] | None = None  # Any: JSON
    item_name: str = ""
    retired_reasons: Collection[str] = ()
    target_at: datetime | None = None
    targets: StoredTargets | None = None

    @property
    def destination(self) -> Destination | None:
        """Where the customer sends the goods, if nobody names an address."""
        goods = self.goods or Goods(sku="")
        return destination(goods, self.address_rules, self.default_address)

    def instant(self, now: datetime) -> datetime:
        """The time of a step that is taken now: never before the order's last event.

        The clocks of two processes differ a little, and a machine's clock may go back.
        """
        return max(now, self.updated_at)


_ADDRESS: Final = tuple(Address.__dataclass_fields__)
_address_of: Final = attrgetter(*_ADDRESS)


def orders() -> sa.Select[Any]:
    """The columns that ``read`` needs, of every order; the caller adds the conditions."""
    return (
        sa.select(
            *[column.label(f"fact_{index}") for index, column in enumerate(FACTS)],
            service_orders.c.id,
            service_orders.c.application_id,
            service_orders.c.clock_started_at,
            service_orders.c.clock_pauses,
            service_orders.c.review_started_at,
            service_orders.c.review_due_at,
            service_orders.c.review_paused_at,
            service_orders.c.review_left_ms,
            service_orders.c.review_pauses,
            service_orders.c.auto_approval_blocked,
            service_orders.c.updated_at,
            service_orders.c.logistics_in,
            service_orders.c.sku,
            service_orders.c.category,
            service_orders.c.warehouse,
            merchants.c.address_rules,
            service_orders.c.item_name,
            merchants.c.retired_reasons,
            service_orders.c.target_at,
            merchants.c.service_targets,
            merchants.c.time_zone,
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


def read(row: Any) -> Order:  # noqa: ANN401 - a row of SQLAlchemy or of ``Prepared``
    """An order from a row of ``orders``."""
    order_facts = facts(*row[: len(FACTS)])
    order = Order(
        id=row.id,
        application_id=row.application_id,
        facts=order_facts,
        clocks=clocks(row, due_at=order_facts.due_at),
        default_address=(
            Address(**dict(zip(_ADDRESS, _address_of(row), strict=True)))
            if order_facts.has_return_address
            else None
        ),
        auto_approval_blocked=row.auto_approval_blocked,
        updated_at=row.updated_at,
        logistics_in=row.logistics_in,
        goods=Goods(sku=row.sku, category=row.category, warehouse=row.warehouse),
        address_rules=row.address_rules,
        item_name=row.item_name,
        retired_reasons=row.retired_reasons or (),
        target_at=row.target_at,
        targets=targets_of(row),
    )
    return with_rules(order)


def with_rules(order: Order) -> Order:
    """The order, which needs no default address if one of the merchant's rules fits."""
    if order.facts.has_return_address or order.destination is None:
        return order
    return replace(order, facts=replace(order.facts, has_return_address=True))


def targets_of(row: Any) -> StoredTargets | None:  # noqa: ANN401 - the same
    """The merchant's targets from a row with their columns; None without any."""
    stored = row.service_targets
    return None if stored is None else StoredTargets(stored, row.time_zone)


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
            pauses=pauses(row.review_pauses),
        ),
        pauses=pauses(row.clock_pauses),
    )


def pauses(stored: Sequence[Mapping[str, str]]) -> tuple[Span, ...]:
    """The pauses from a column that holds them."""
    return tuple(
        Span(datetime.fromisoformat(pause["from"]), datetime.fromisoformat(pause["to"]))
        for pause in stored
    )


async def find_many(
    connection: AsyncConnection, merchant_id: int, ids: Sequence[int], *, lock: bool = False
) -> dict[int, Order]:
    """The merchant's orders with these ids; ``lock`` locks their rows."""
    query = orders().where(
        service_orders.c.merchant_id == merchant_id, service_orders.c.id.in_(sorted(set(ids)))
    )
    if lock:
        # Everybody locks in one order, or two overlapping batches could deadlock.
        query = query.order_by(service_orders.c.id).with_for_update(of=service_orders)
    rows = await connection.execute(query)
    return {order.id: order for order in map(read, rows)}


async def get(session: AnyConnection, merchant_id: int, id_: int) -> Order:
    """Raises Refused(NotFound), also for another merchant's order: nobody learns that it exists."""
    return read(_only(await _ORDER.all(session, merchant_id=merchant_id, id=id_)))


async def get_blocks(session: AnyConnection, order: Order) -> Any:  # noqa: ANN401 - the same
    """The columns that steps change in part, such as pictures, shipments and freight."""
    [row] = await _BLOCKS.all(session, merchant_id=order.facts.merchant_id, id=order.id)
    return row


async def get_with_pauses(
    session: AnyConnection, merchant_id: int, id_: int, now: datetime
) -> tuple[Order, Sequence[Span]]:
    """The order, and the upcoming pauses for a step that sets a clock; both as of one moment."""
    if session.dialect.name != "postgresql":
        return await get(session, merchant_id, id_), await calendar.upcoming(session, now)
    rows = await _ORDER_AND_PAUSES.raw(session, merchant_id=merchant_id, id=id_, now=now)
    return read_with_pauses(_only(rows), session.dialect)


def read_with_pauses(driver_row: Row, dialect: sa.Dialect) -> tuple[Order, Sequence[Span]]:
    """The order and the upcoming pauses from a row of ``with_pauses``."""
    (row,) = _ORDER_AND_PAUSES.read([driver_row], dialect)
    *_, starts, ends = row
    upcoming = [Span(start, end) for start, end in zip(starts or (), ends or (), strict=True)]
    return read(row), upcoming


def with_pauses(
    *conditions: sa.ColumnElement[bool], now: sa.BindParameter[datetime]
) -> sa.Select[Any]:
    """The orders that meet the conditions, each with the upcoming pauses. PostgreSQL only."""
    return orders().where(*conditions).add_columns(*calendar.upcoming_arrays(now))


def _only(rows: Sequence[Any]) -> Any:  # noqa: ANN401 - as ``Prepared`` returns it
    if not rows:
        raise Refused(NotFound(kind="ServiceOrder", path=("id",)))
    return rows[0]


_IS_IT: Final = (
    service_orders.c.merchant_id == sa.bindparam("merchant_id"),
    service_orders.c.id == sa.bindparam("id"),
)
_BLOCKS: Final = Prepared(
    sa.select(
        service_orders.c.pictures,
        service_orders.c.inbound,
        service_orders.c.review_shipment,
        service_orders.c.processing,
        service_orders.c.earlier_freight,
    ).where(*_IS_IT)
)
_ORDER: Final = Prepared(orders().where(*_IS_IT))
_ORDER_AND_PAUSES: Final = BatchablePrepared(with_pauses(*_IS_IT, now=sa.bindparam("now")))
