"""Checks a merchant's orders: each row against its events, and the queue counters against all."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor import pictures
from doctor.blocks import LATER, Blocks, is_refund_of_before, is_same
from doctor.faults import Fault
from doctor.finding import Finding
from doctor.pauses import Move, Pause, PauseHistory
from doctor.replay import ACTIONS, TIMES, Event, Replay
from domain.actions import Action
from domain.clocks import DUE_SOON, Clocks
from domain.desk.refunds import RefundStatus
from domain.events import EventKind
from domain.lifecycle import LIFECYCLE
from domain.personal_data import erased
from models.queries.queues import QUEUES, QueueCounts, count_queues
from models.queries.service_orders import clocks as clocks_of
from models.service_order import events, service_orders

BATCH: Final = 500
"""The orders in memory at once."""

_COMPARED: Final = (
    "version",
    "status",
    "last_action",
    "decision",
    "decided_by_kind",
    "decided_by_id",
    "decided_by",
    "decided_at",
    "review_reason",
    "own_review_reason",
    "review_customer_note",
    "review_address",
    "review_address_rule",
    "review_shipment",
    "auto_approval_blocked",
    "applied_at",
    "updated_at",
    "finished_at",
    "customer_version",
    "customer_updated_at",
    "pending_refunds",
    "inbound",
    "receipt",
    "receipt_pictures",
    "processing",
    "satisfaction",
    "satisfaction_comment",
    "assignee_id",
    "ruling",
    "earlier_freight",
    "target_at",
    "personal_data_erased_at",
    *TIMES,
)
"""The columns of an order that follow from its events, except those of the clocks."""

_GARBLED: Final = (LookupError, ValueError, TypeError, AttributeError)
"""The exceptions that reading a value of the wrong form raises."""

Row = sa.Row[Any]


@dataclass(frozen=True, slots=True)
class _Timeline:
    """An order's row, its stored clocks and its events."""

    row: Row
    clocks: Clocks
    events: Sequence[Row]


async def examine(
    connection: AsyncConnection, merchant_id: int, pauses: Sequence[Pause], now: datetime
) -> AsyncIterator[Finding]:
    history = PauseHistory(pauses)
    waiting: Counter[tuple[str, str]] = Counter()
    async for ids in _batches(connection, merchant_id):
        timelines, findings = await _read_readable(connection, merchant_id, ids)
        orders_by_picture: dict[str, list[int]] = {}
        for timeline in timelines:
            id_ = timeline.row.id
            try:
                for fault, detail in _examine_order(timeline, history, waiting, now):
                    findings.append(_finding(merchant_id, id_, fault, detail))
                for sha256 in _pictures(timeline):
                    orders_by_picture.setdefault(sha256, []).append(id_)
            except _GARBLED as error:
                findings.append(_unreadable(merchant_id, id_, error))
        unknown = await pictures.unknown(connection, merchant_id, set(orders_by_picture))
        for sha256 in sorted(unknown):
            for id_ in dict.fromkeys(orders_by_picture[sha256]):
                findings.append(_finding(merchant_id, id_, Fault.PICTURE_UNKNOWN, sha256))
        for finding in findings:
            yield finding
    for detail in _miscounted(waiting, await count_queues(connection, merchant_id, now)):
        yield Finding(fault=Fault.COUNTERS_DIFFER, merchant_id=merchant_id, detail=detail)


def _finding(merchant_id: int, order_id: int, fault: Fault, detail: str) -> Finding:
    return Finding(fault=fault, merchant_id=merchant_id, order_id=order_id, detail=detail)


def _unreadable(merchant_id: int, order_id: int, error: Exception) -> Finding:
    # Not the error's message, which may contain a customer's name or phone number.
    return _finding(merchant_id, order_id, Fault.UNREADABLE, type(error).__name__)


async def _batches(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Sequence[int]]:
    last = -1
    while True:
        result = await connection.execute(
            sa.select(service_orders.c.id)
            .where(service_orders.c.merchant_id == merchant_id, service_orders.c.id > last)
            .order_by(service_orders.c.id)
            .limit(BATCH)
        )
        ids = result.scalars().all()
        if not ids:
            return
        yield ids
        last = ids[-1]


async def _read_readable(
    connection: AsyncConnection, merchant_id: int, ids: Sequence[int]
) -> tuple[list[_Timeline], list[Finding]]:
    """The timelines that can be read, and findings about the others."""
    with suppress(*_GARBLED):
        return await _read(connection, merchant_id, ids), []
    timelines, findings = [], []
    for id_ in ids:
        try:
            timelines += await _read(connection, merchant_id, [id_])
        except _GARBLED as error:
            findings.append(_unreadable(merchant_id, id_, error))
    return timelines, findings


async def _read(
    connection: AsyncConnection, merchant_id: int, ids: Sequence[int]
) -> list[_Timeline]:
    """The timelines of the orders from the first id to the last."""
    rows = await connection.execute(
        sa.select(service_orders)
        .where(
            service_orders.c.merchant_id == merchant_id,
            service_orders.c.id.between(ids[0], ids[-1]),
        )
        .order_by(service_orders.c.id)
    )
    event_rows = await connection.execute(
        sa.select(events)
        .where(
            events.c.merchant_id == merchant_id,
            events.c.service_order_id.between(ids[0], ids[-1]),
        )
        .order_by(events.c.service_order_id, events.c.sequence)
    )
    by_order = groupby(event_rows, lambda row: row.service_order_id)
    events_of = {id_: list(group) for id_, group in by_order}
    return [
        _Timeline(row, clocks_of(row, due_at=row.clock_due_at), events_of.get(row.id, []))
        for row in rows.all()
    ]


def _examine_order(
    timeline: _Timeline,
    pauses: PauseHistory,
    waiting: Counter[tuple[str, str]],
    now: datetime,
) -> Iterator[tuple[Fault, str]]:
    """Yield the faults of an order, and count it in the queue where its events leave it."""
    row = timeline.row
    if not timeline.events:
        yield Fault.EVENTS_INCOMPLETE, "there are no events"
        return
    replay = Replay(
        merchant_id=row.merchant_id,
        customer_ref=row.customer_ref,
        pauses=pauses,
        moves=[
            Move((event.details or {}).get("window", ""), event.at)
            for event in timeline.events
            if event.kind is EventKind.CLOCK_MOVED
        ],
    )
    for event in timeline.events:
        yield from replay.take(_event(event))
        if event.at > now:
            yield Fault.EVENT_IN_FUTURE, f"event {event.sequence} ({event.kind}): {event.at}"
    for pause in timeline.clocks.review.pauses:
        if pause.end < pause.start:
            yield Fault.PAUSE_REVERSED, f"{pause.start} to {pause.end}"
    expected = _columns(timeline.events, replay)
    differing = [
        name
        for name in _COMPARED
        if not is_same(value := getattr(row, name), expected[name])
        and not (name in LATER and value is None)
        and not (name == "processing" and is_refund_of_before(value, expected[name]))
    ]
    if differing:
        yield Fault.ROW_DIFFERS, ", ".join(differing)
    if left := ", ".join(_personal_data(timeline)):
        yield Fault.PERSONAL_DATA_LEFT, left
    clocks = timeline.clocks
    if clocks not in replay.clocks:
        # Several clocks may be right; the difference to any one of them is reported.
        clocks = min(replay.clocks, key=repr)
        yield Fault.CLOCK_DIFFERS, ", ".join(_differing(timeline.clocks, clocks))
    waiting.update(_counted(replay, clocks.due_at, now))


def _personal_data(timeline: _Timeline) -> Iterator[str]:
    """What an order that is erased still has of its customer."""
    if timeline.row.personal_data_erased_at is not None:
        yield from erased("service_order", timeline.row._asdict())
        for event in timeline.events:
            for name in erased("service_order_event", event._asdict()):
                yield f"event {event.sequence}: {name}"


def _event(row: Row) -> Event:
    return Event(**{field.name: getattr(row, field.name) for field in fields(Event)})


def _columns(timeline: Sequence[Row], replay: Replay) -> Mapping[str, Any]:
    """The columns of the order's row that follow from its events. Any: values of columns."""
    decided = replay.decided
    decision, blocks = None, Blocks()
    address: Mapping[str, Any] = {}
    for event in timeline:
        action = ACTIONS.get(event.kind)
        if action is not None and (LIFECYCLE[action].decides or LIFECYCLE[action].takes_back):
            decision = event if LIFECYCLE[action].decides else None
            address = (decision and decision.details) or {}
        elif action in {Action.CHANGE_RETURN_ADDRESS, Action.RULE_RETURN}:
            address = event.details or {}
        blocks.take(event)
    details = (decision and decision.details) or {}
    return {
        "version": replay.version,
        "status": replay.status,
        "last_action": replay.last_action,
        "decision": decided and decided.action,
        "decided_by_kind": decided and decided.by_kind,
        "decided_by_id": replay.decided_by_id,
        "decided_by": decided and decided.by,
        "decided_at": decided and decided.at,
        "review_reason": details.get("reason"),
        "own_review_reason": details.get("ownReason"),
        "review_customer_note": decision and decision.customer_note,
        "review_address": address.get("returnAddress"),
        "review_address_rule": address.get("returnAddressRule"),
        "auto_approval_blocked": replay.blocked,
        "applied_at": timeline[0].at,
        "updated_at": replay.updated_at,
        "finished_at": replay.finished_at,
        "customer_version": replay.customer_version,
        "customer_updated_at": replay.customer_updated_at,
        "pending_refunds": replay.refunds[RefundStatus.SUBMITTED],
        "assignee_id": replay.assignee_id,
        "target_at": replay.target_at,
        "personal_data_erased_at": replay.personal_data_erased_at,
        **replay.times,
        **blocks.columns(),
    }


def _differing(stored: Clocks, expected: Clocks) -> Iterator[str]:
    for name in ("started_at", "due_at", "pauses"):
        if getattr(stored, name) != getattr(expected, name):
            yield f"{name} {getattr(stored, name)} instead of {getattr(expected, name)}"
    for field in fields(expected.review):
        value, wanted = getattr(stored.review, field.name), getattr(expected.review, field.name)
        if value != wanted:
            yield f"review {field.name} {value} instead of {wanted}"


def _counted(replay: Replay, due_at: datetime | None, now: datetime) -> Iterator[tuple[str, str]]:
    for queue, status in QUEUES.items():
        if replay.status is not status:
            continue
        yield queue, "waiting"
        if due_at is not None and due_at <= now:
            yield queue, "overdue"
        elif due_at is not None and due_at <= now + DUE_SOON:
            yield queue, "due_soon"
        if replay.target_at is not None and replay.target_at <= now:
            yield queue, "past_target"
    if replay.blocked:
        yield "", "blocked"


def _miscounted(waiting: Counter[tuple[str, str]], counts: QueueCounts) -> Iterator[str]:
    stored = {
        (queue, name): count for queue in QUEUES for name, count in getattr(counts, queue).items()
    } | {("", "blocked"): counts.blocked}
    for (queue, name), count in stored.items():
        if count != waiting[queue, name]:
            yield f"{queue} {name} is {count} instead of {waiting[queue, name]}".strip()


def _pictures(timeline: _Timeline) -> Iterator[str]:
    """The hashes of the pictures that the order or one of its events refers to."""
    row = timeline.row
    of_events = [
        picture
        for event in timeline.events
        for picture in (event.details or {}).get("pictures") or ()
    ]
    for picture in (*row.pictures, *row.review_pictures, *row.receipt_pictures, *of_events):
        yield picture["sha256"]
