"""Approving the orders that nobody reviewed in time: once, never early, never after a person."""

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
from domain.clocks import ReviewClock, Span
from domain.decision import decide
from domain.events import EventKind
from domain.lifecycle import Action
from domain.refusals.orders import NoReturnAddress
from models.journal.change import Change, decision_change
from models.journal.record import append_event
from models.journal.sets import ConcurrentChange, StepBatch, by_instant, record_all, step_batch
from models.queries import calendar, due
from models.queries.service_orders import Order

RULE: Final = "REVIEW_WINDOW_48H"
RULE_VERSION: Final = 1
BATCH: Final = 300
"""The most orders in one transaction: reviews wait for the orders that it locks."""

CONCURRENCY: Final = 2
"""How many batches run at a time on PostgreSQL: one is decided while another is written.

On two cores two are nearly half as fast again as one, and three are no faster
(`make bench-sweep`)."""

LOOK: Final = 5_000
"""The most orders read together on SQLite, where a writing transaction locks the whole file."""

PAUSE: Final = timedelta(milliseconds=2)
"""The pause after each batch on SQLite, in which other transactions can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """How many orders a sweep approved, and how many it blocked for want of an address."""

    approved: int = 0
    blocked: int = 0

    def __add__(self, other: "SweepResult") -> "SweepResult":
        return SweepResult(
            approved=self.approved + other.approved, blocked=self.blocked + other.blocked
        )

    @property
    def total(self) -> int:
        return self.approved + self.blocked


async def approve_overdue(
    database: Database,
    now: datetime,
    stop: asyncio.Event | None = None,
    *,
    lead: timedelta | None = None,
) -> SweepResult:
    """Approve all orders that are due at ``now``, one batch in each transaction.

    ``lead`` is how far the desk's time is ahead of the database's clock. If it is given, nothing is
    approved that is not due by that clock, whatever ``now`` is. When ``stop`` is set, the batches
    that have begun are finished, and no other begins.
    """
    batches, concurrency = (
        (partial(_on_sqlite, database, now), 1)
        if database.is_sqlite
        else (partial(_on_postgresql, database, now, lead), CONCURRENCY)
    )
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_sweep(batches(), stop)) for _ in range(concurrency)]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None  # the first one cancelled the others, or is the same
    return sum((task.result() for task in tasks), SweepResult())


async def _sweep(batches: AsyncGenerator[SweepResult], stop: asyncio.Event | None) -> SweepResult:
    result = SweepResult()
    if stop is not None and stop.is_set():
        return result
    async with aclosing(batches) as results:
        async for batch_result in results:
            result += batch_result
            if stop is not None and stop.is_set():
                break
    return result


async def next_due(database: Database) -> datetime | None:
    """The next deadline of a review; None if no order waits for one."""
    async with database.read() as connection:
        return await due.find_next(connection)


async def _on_postgresql(
    database: Database, now: datetime, lead: timedelta | None
) -> AsyncGenerator[SweepResult]:
    """Several workers share the orders that are due: each batch locks its orders."""
    while True:
        async with database.write() as connection:
            at = await due.not_ahead(connection, now, lead)
            pauses = await calendar.lock_upcoming(connection, at)
            batch = _decide(await due.claim(connection, at, most=BATCH), at, pauses)
            await _write(connection, batch, at)
        if batch.result.total == 0:
            return
        yield batch.result


async def _on_sqlite(database: Database, now: datetime) -> AsyncGenerator[SweepResult]:
    """A writing transaction locks the whole file, so the rules are asked before it begins.

    If an order was changed in between, its batch is rolled back, and the orders are read again. A
    merchant's orders are written together, as they are adjacent in the indexes.
    """
    while True:
        is_repeated = False
        async with database.read() as connection:
            pauses = await calendar.upcoming(connection, now)
            orders = await due.claim(connection, now, most=LOOK)
        orders = sorted(orders, key=lambda order: order.facts.merchant_id)
        for start in range(0, len(orders), BATCH):
            batch = _decide(orders[start : start + BATCH], now, pauses)
            try:
                async with database.write() as connection:
                    await _check_pauses(connection, pauses, now)
                    await _write(connection, batch, now)
            except ConcurrentChange:
                is_repeated = True
                break
            is_repeated = is_repeated or batch.result.total > 0
            yield batch.result
            await asyncio.sleep(PAUSE.total_seconds())
        if not is_repeated:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What the rules decided on some orders: the steps to write, and the orders to block."""

    steps: Sequence[StepBatch]
    blocked: Sequence[Order]
    result: SweepResult


def _decide(orders: Sequence[Order], now: datetime, pauses: Sequence[Span]) -> _Batch:
    approved, blocked = list[Order](), list[Order]()
    for order in orders:
        verdict = decide(order.facts, SYSTEM, Action.AUTO_APPROVE, order.instant(now))
        if verdict.allowed:
            approved.append(order)
        elif any(isinstance(blocker, NoReturnAddress) for blocker in verdict.blockers):
            blocked.append(order)
    return _Batch(
        steps=[
            step_batch(
                [(order, _approval(order, at)) for order in group],
                Action.AUTO_APPROVE,
                SYSTEM,
                now=at,
                pauses=pauses,
            )
            for at, group in by_instant(approved, now).items()
        ],
        blocked=blocked,
        result=SweepResult(approved=len(approved), blocked=len(blocked)),
    )


async def _check_pauses(connection: AsyncConnection, pauses: Sequence[Span], now: datetime) -> None:
    """Raises ConcurrentChange if a pause was declared since ``pauses`` were read."""
    if await calendar.lock_upcoming(connection, now) != pauses:
        raise ConcurrentChange


async def _write(connection: AsyncConnection, batch: _Batch, now: datetime) -> None:
    """Raises ConcurrentChange: then the transaction has to be rolled back."""
    for steps in batch.steps:
        await record_all(connection, steps)
    flag = Change(values={"auto_approval_blocked": True})
    kind = EventKind.AUTO_APPROVAL_BLOCKED
    for order in batch.blocked:
        if not await append_event(connection, order, kind, SYSTEM, flag, now=now, wakes=False):
            raise ConcurrentChange


def _approval(order: Order, now: datetime) -> Change:
    return decision_change(
        address=order.default_address, explanation=explanation(order.clocks.review, now)
    )


def explanation(review: ReviewClock, now: datetime) -> dict[str, Any]:  # Any: JSON
    """Why an order was approved at ``now``, for its event."""
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
