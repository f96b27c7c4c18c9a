"""A merchant's orders: each row against its events, and the counters against all of them."""

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
from doctor.finding import Finding
from domain.clocks import DUE_SOON, Clocks
from domain.events import EventKind
from domain.faults import Fault
from domain.lifecycle import LIFECYCLE
from domain.replay import ACTIONS, Event, Pause, Replay
from models.queries.queues import QUEUES, QueueCounts, count_queues
from models.queries.service_orders import clocks as clocks_of
from models.service_order import events, service_orders

BATCH: Final = 500
"""How many orders are held at once."""

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
    "review_customer_note",
    "review_address",
    "review_shipment",
    "auto_approval_blocked",
    "applied_at",
    "updated_at",
    "finished_at",
)
"""The columns of an order that its events tell of, but for the clocks'."""

_GARBLED: Final = (LookupError, ValueError, TypeError, AttributeError)
"""What a value that no server writes raises, read as what it should be."""

Row = sa.Row[Any]


@dataclass(frozen=True, slots=True)
class _Timeline:
    """An order's row, its clocks as they are stored, and its events."""

    row: Row
    clocks: Clocks
    events: Sequence[Row]


async def examine(
    connection: AsyncConnection, merchant_id: int, pauses: Sequence[Pause], now: datetime
) -> AsyncIterator[Finding]:
    waiting: Counter[tuple[str, str]] = Counter()
    async for ids in _batches(connection, merchant_id):
        timelines, findings = await _read_each(connection, merchant_id, ids)
        shown: dict[str, list[int]] = {}
        for timeline in timelines:
            id_ = timeline.row.id
            try:
                for fault, said in _examine_one(timeline, pauses, waiting, now):
                    findings.append(_finding(merchant_id, id_, fault, said))
                for sha256 in _pictures(timeline):
                    shown.setdefault(sha256, []).append(id_)
            except _GARBLED as error:
                findings.append(_unreadable(merchant_id, id_, error))
        for sha256 in sorted(await pictures.unknown(connection, merchant_id, set(shown))):
            for id_ in dict.fromkeys(shown[sha256]):
                findings.append(_finding(merchant_id, id_, Fault.PICTURE_UNKNOWN, sha256))
        for finding in findings:
            yield finding
    for said in _miscounted(waiting, await count_queues(connection, merchant_id, now)):
        yield Finding(fault=Fault.COUNTERS_DIFFER, merchant_id=merchant_id, said=said)


def _finding(merchant_id: int, order_id: int, fault: Fault, said: str) -> Finding:
    return Finding(fault=fault, merchant_id=merchant_id, order_id=order_id, said=said)


def _unreadable(merchant_id: int, order_id: int, error: Exception) -> Finding:
    # Not what the error says: that may be a customer's name or phone.
    return _finding(merchant_id, order_id, Fault.UNREADABLE, type(error).__name__)


async def _batches(connection: AsyncConnection, merchant_id: int) -> AsyncIterator[Sequence[int]]:
    last = -1
    while True:
        found = await connection.execute(
            sa.select(service_orders.c.id)
            .where(service_orders.c.merchant_id == merchant_id, service_orders.c.id > last)
            .order_by(service_orders.c.id)
            .limit(BATCH)
        )
        ids = found.scalars().all()
        if not ids:
            return
        yield ids
        last = ids[-1]


async def _read_each(
    connection: AsyncConnection, merchant_id: int, ids: Sequence[int]
) -> tuple[list[_Timeline], list[Finding]]:
    """Those that can be read, and findings about those that cannot."""
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
    """The orders from the first to the last of the ids."""
    rows = await connection.execute(
        sa.select(service_orders)
        .where(
            service_orders.c.merchant_id == merchant_id,
            service_orders.c.id.between(ids[0], ids[-1]),
        )
        .order_by(service_orders.c.id)
    )
    happened = await connection.execute(
        sa.select(events)
        .where(
            events.c.merchant_id == merchant_id,
            events.c.service_order_id.between(ids[0], ids[-1]),
        )
        .order_by(events.c.service_order_id, events.c.sequence)
    )
    told = {id_: list(rows) for id_, rows in groupby(happened, lambda row: row.service_order_id)}
    return [
        _Timeline(row, clocks_of(row, due_at=row.clock_due_at), told.get(row.id, []))
        for row in rows.all()
    ]


def _examine_one(
    timeline: _Timeline,
    pauses: Sequence[Pause],
    waiting: Counter[tuple[str, str]],
    now: datetime,
) -> Iterator[tuple[Fault, str]]:
    """What is wrong with an order; counts it, where its events leave it, among what is waiting."""
    row = timeline.row
    if not timeline.events:
        yield Fault.EVENTS_INCOMPLETE, "there are no events"
        return
    replay = Replay(
        merchant_id=row.merchant_id,
        customer_ref=row.customer_ref,
        pauses=pauses,
        moves=[
            (event.details or {}).get("window", "")
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
    differs = [name for name in _COMPARED if getattr(row, name) != expected[name]]
    if differs:
        yield Fault.ROW_DIFFERS, ", ".join(differs)
    clocks = timeline.clocks
    if clocks not in replay.clocks:
        # Of those that it may have, any will do to say what differs.
        clocks = min(replay.clocks, key=repr)
        yield Fault.CLOCK_DIFFERS, ", ".join(_differing(timeline.clocks, clocks))
    waiting.update(_counted(replay, clocks.due_at, now))


def _event(row: Row) -> Event:
    return Event(**{one.name: getattr(row, one.name) for one in fields(Event)})


def _columns(told: Sequence[Row], replay: Replay) -> Mapping[str, Any]:
    """What the events say of the order's row. Any: values of columns."""
    decided = replay.decided
    decision = None
    for event in told:
        action = ACTIONS.get(event.kind)
        if action is not None and LIFECYCLE[action].decides:
            decision = event
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
        "review_customer_note": decision and decision.customer_note,
        "review_address": details.get("returnAddress"),
        "review_shipment": details.get("shipment"),
        "auto_approval_blocked": replay.blocked,
        "applied_at": told[0].at,
        "updated_at": replay.updated_at,
        "finished_at": replay.finished_at,
    }


def _differing(stored: Clocks, expected: Clocks) -> Iterator[str]:
    for name in ("started_at", "due_at"):
        if getattr(stored, name) != getattr(expected, name):
            yield f"{name} {getattr(stored, name)} instead of {getattr(expected, name)}"
    for one in fields(expected.review):
        own, its = getattr(stored.review, one.name), getattr(expected.review, one.name)
        if own != its:
            yield f"review {one.name} {own} instead of {its}"


def _counted(replay: Replay, due_at: datetime | None, now: datetime) -> Iterator[tuple[str, str]]:
    for queue, status in QUEUES.items():
        if replay.status is not status:
            continue
        yield queue, "waiting"
        if due_at is not None and due_at <= now:
            yield queue, "overdue"
        elif due_at is not None and due_at <= now + DUE_SOON:
            yield queue, "due_soon"
    if replay.blocked:
        yield "", "blocked"


def _miscounted(waiting: Counter[tuple[str, str]], counts: QueueCounts) -> Iterator[str]:
    said = {
        (queue, name): count for queue in QUEUES for name, count in getattr(counts, queue).items()
    } | {("", "blocked"): counts.blocked}
    for (queue, name), count in said.items():
        if count != waiting[queue, name]:
            yield f"{queue} {name} is {count} instead of {waiting[queue, name]}".strip()


def _pictures(timeline: _Timeline) -> Iterator[str]:
    told = [
        picture
        for event in timeline.events
        if event.kind is EventKind.RESPONDED
        for picture in (event.details or {}).get("pictures") or ()
    ]
    for picture in (*timeline.row.pictures, *timeline.row.review_pictures, *told):
        yield picture["sha256"]
