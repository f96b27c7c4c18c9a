"""Approving what nobody reviewed in time: exactly once, never early, never after a person."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from database.database import Database
from domain.actors import SYSTEM
from domain.clocks import Span
from domain.decision import decide
from domain.events import EventKind
from domain.lifecycle import Action
from domain.refusals.orders import NoReturnAddress
from models.journal import Change, append_event
from models.journal_sets import ConcurrentChange, StepBatch, by_instant, record_all, step_batch
from models.queries import calendar, due
from models.queries.service_orders import Order

RULE: Final = "REVIEW_WINDOW_48H"
RULE_VERSION: Final = 1
BATCH: Final = 300
"""How many orders one transaction takes, so that reviews are not kept waiting."""

AT_ONCE: Final = 2
"""How many batches a server is given at a time: it writes one while the rules are asked of another.

On two cores that is nearly half as fast again as one at a time, and three are no faster
(`make bench-sweep`)."""

LOOK: Final = 5_000
"""How many orders are looked at together on SQLite, where a transaction keeps all from writing."""

GIVE_WAY: Final = timedelta(milliseconds=2)
"""For so long nobody is kept from writing there between two batches, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one call did."""

    approved: int = 0
    blocked: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(approved=self.approved + other.approved, blocked=self.blocked + other.blocked)

    @property
    def total(self) -> int:
        return self.approved + self.blocked


async def approve_overdue(
    database: Database,
    now: datetime,
    stop: asyncio.Event | None = None,
    *,
    lead: timedelta | None = None,
) -> Swept:
    """Approve all that is due at ``now``, a batch a transaction, until nothing is left.

    With the ``lead`` of the desk's time over the database's clock, nothing is approved that is not
    due by that clock, whatever ``now`` is. Told to stop, it finishes the batch that it is at and
    leaves the rest to others.
    """
    batches, at_once = (
        (partial(_on_file, database, now), 1)
        if database.is_sqlite
        else (partial(_on_server, database, now, lead), AT_ONCE)
    )
    try:
        async with asyncio.TaskGroup() as hands:
            swept = [hands.create_task(_sweep(batches(), stop)) for _ in range(at_once)]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None  # the others were stopped by it, or say the same
    return sum((one.result() for one in swept), Swept())


async def _sweep(batches: AsyncGenerator[Swept], stop: asyncio.Event | None) -> Swept:
    done = Swept()
    if stop is not None and stop.is_set():
        return done
    async with aclosing(batches) as each:
        async for batch in each:
            done += batch
            if stop is not None and stop.is_set():
                break
    return done


async def next_due(database: Database) -> datetime | None:
    """When the next order will be due; None if the clock watches nothing."""
    async with database.read() as connection:
        return await due.find_next(connection)


async def _on_server(
    database: Database, now: datetime, lead: timedelta | None
) -> AsyncGenerator[Swept]:
    """On PostgreSQL several workers share what is due: each locks the orders that it takes."""
    while True:
        async with database.write() as connection:
            at = await due.not_ahead(connection, now, lead)
            windows = await calendar.heeded(connection, at)
            batch = _decided(await due.claim(connection, at, most=BATCH), at, windows)
            await _write(connection, batch, at)
        if batch.swept.total == 0:
            return
        yield batch.swept


async def _on_file(database: Database, now: datetime) -> AsyncGenerator[Swept]:
    """On SQLite a transaction locks the whole file: the rules are asked before it begins.

    An order that was changed meanwhile undoes the batch, and is looked at again. Orders of one
    merchant are taken together, for they lie together in the indexes.
    """
    while True:
        more = False
        async with database.read() as connection:
            windows = await calendar.upcoming(connection, now)
            found = await due.claim(connection, now, most=LOOK)
        found = sorted(found, key=lambda order: order.facts.merchant_id)
        for at in range(0, len(found), BATCH):
            batch = _decided(found[at : at + BATCH], now, windows)
            try:
                async with database.write() as connection:
                    await _demand(connection, windows, now)
                    await _write(connection, batch, now)
            except ConcurrentChange:
                more = True
                break
            more = more or batch.swept.total > 0
            yield batch.swept
            await asyncio.sleep(GIVE_WAY.total_seconds())
        if not more:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What the rules said of some orders."""

    steps: Sequence[StepBatch]
    blocked: Sequence[Order]
    swept: Swept


def _decided(found: Sequence[Order], now: datetime, windows: Sequence[Span]) -> _Batch:
    approved, blocked = list[Order](), list[Order]()
    for order in found:
        verdict = decide(order.facts, SYSTEM, Action.AUTO_APPROVE, order.instant(now))
        if verdict.allowed:
            approved.append(order)
        elif any(isinstance(one, NoReturnAddress) for one in verdict.blockers):
            blocked.append(order)
    return _Batch(
        steps=[
            step_batch(
                [(order, _approval(order, at)) for order in orders],
                Action.AUTO_APPROVE,
                SYSTEM,
                now=at,
                windows=windows,
            )
            for at, orders in by_instant(approved, now).items()
        ],
        blocked=blocked,
        swept=Swept(approved=len(approved), blocked=len(blocked)),
    )


async def _demand(connection: AsyncConnection, windows: Sequence[Span], now: datetime) -> None:
    """Raises Changed if other pauses have been declared."""
    if await calendar.heeded(connection, now) != windows:
        raise ConcurrentChange


async def _write(connection: AsyncConnection, batch: _Batch, now: datetime) -> None:
    """Raises Changed, and then the transaction has to be undone."""
    for steps in batch.steps:
        await record_all(connection, steps)
    flag = Change(values={"auto_approval_blocked": True})
    kind = EventKind.AUTO_APPROVAL_BLOCKED
    for order in batch.blocked:
        if not await append_event(connection, order, kind, SYSTEM, flag, now=now):
            raise ConcurrentChange


def _approval(order: Order, now: datetime) -> Change:
    address = order.default_address
    stored = address.stored() if address else None
    return Change(
        values={
            "review_address": stored,
            "review_reason": None,
            "review_customer_note": None,
            "review_shipment": None,
            "review_pictures": [],
        },
        details={"returnAddress": stored, "explanation": _explanation(order, now)},
    )


def _explanation(order: Order, now: datetime) -> dict[str, Any]:  # Any: JSON
    review = order.clocks.review
    return {
        "rule": RULE,
        "ruleVersion": RULE_VERSION,
        "startedAt": review.started_at.isoformat(),
        "pauses": [
            {"from": pause.start.isoformat(), "to": pause.end.isoformat()}
            for pause in review.pauses
        ],
        "dueAt": review.due_at and review.due_at.isoformat(),
        "ranAt": now.isoformat(),
    }
