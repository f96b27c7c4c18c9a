"""Carrying out the consequences of clocks: once, never early, never after a person."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import try_lock_now
from database.availability import Unreachable
from database.database import Database
from domain.actions import Action
from domain.actors import SYSTEM
from domain.clocks import CLOCKS, CONSEQUENCES, ClockKind, Clocks, Span
from domain.decision import decide
from domain.events import EventKind
from domain.refusals.orders import NoReturnAddress
from domain.statuses import Status
from models.journal.change import Change, decision_change
from models.journal.record import append_event
from models.journal.sets import (
    ConcurrentChange,
    StepBatch,
    add_to_outbox,
    record_all,
    record_unchanged,
    step_batch,
)
from models.journal.step_values import Values, stored_pauses
from models.queries import calendar, due
from models.queries.presence import among, present_merchants, read_present
from models.queries.service_orders import Order

BATCH: Final = 400
"""The most orders in one transaction: reviews wait for the orders that it locks."""

CONCURRENCY: Final = 2
"""How many batches run at a time on PostgreSQL: one is decided while another is written.

On two cores two are nearly half as fast again as one, and three are no faster
(`make bench-sweep`)."""

LOOK: Final = 5_000
"""The most orders read together on SQLite, where a writing transaction locks the whole file."""

DISTRIBUTED_BATCH: Final = 2_000
"""The most orders in one transaction where tables are distributed: each reaches all machines."""

PAUSE: Final = timedelta(milliseconds=2)
"""The pause after each batch on SQLite, in which other transactions can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """How many steps of each action a sweep took, and how many orders it blocked.

    An order is blocked whose merchant has no address to approve it to.
    """

    steps: Mapping[Action, int] = field(default_factory=dict)
    blocked: int = 0

    def __add__(self, other: "SweepResult") -> "SweepResult":
        steps = Counter(self.steps) + Counter(other.steps)
        return SweepResult(steps=dict(steps), blocked=self.blocked + other.blocked)

    @property
    def approved(self) -> int:
        return self.steps.get(Action.AUTO_APPROVE, 0)

    @property
    def total(self) -> int:
        return sum(self.steps.values()) + self.blocked


async def fire_timers(
    database: Database,
    now: datetime,
    stop: asyncio.Event | None = None,
    *,
    lead: timedelta | None = None,
    at_deadlines: bool = False,
) -> SweepResult:
    """Act on all orders whose clock is over at ``now``, one batch in each transaction.

    ``lead`` is how far the desk's time is ahead of the database's clock. If it is given, nothing is
    done that is not due by that clock, whatever ``now`` is. With ``at_deadlines`` each step is
    dated at its order's deadline, as if time had not jumped. When ``stop`` is set, the batches that
    have begun are finished, and no other begins.
    """
    batches: Callable[[], AsyncGenerator[SweepResult]]
    await database.find_distribution()
    if database.is_sqlite:
        batches, concurrency = partial(_on_sqlite, database, now, at_deadlines=at_deadlines), 1
    else:
        on_server = _on_citus if database.is_distributed else _on_postgresql
        batches = partial(on_server, database, now, lead, at_deadlines=at_deadlines)
        concurrency = CONCURRENCY
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
    """The next deadline with a consequence; None if no order waits for one."""
    return await read_present(database, due.find_next)


async def _on_postgresql(
    database: Database, now: datetime, lead: timedelta | None, *, at_deadlines: bool
) -> AsyncGenerator[SweepResult]:
    """Several workers share the orders that are due: each batch locks its orders."""
    while True:
        async with database.write() as connection:
            at = await due.not_ahead(connection, now, lead)
            await calendar.lock_windows(connection)
            orders = _by_merchant(await due.claim(connection, at, most=BATCH))
            since = _earliest_step(orders, at, at_deadlines=at_deadlines)
            pauses = await calendar.upcoming(connection, since)
            batch = _decide(orders, at, pauses, at_deadlines=at_deadlines)
            await _write(connection, batch)
        if batch.result.total == 0:
            return
        yield batch.result


async def _on_citus(
    database: Database, now: datetime, lead: timedelta | None, *, at_deadlines: bool
) -> AsyncGenerator[SweepResult]:
    """Several workers share the merchants: each takes a lane of them that no other worker has.

    Citus locks rows of one machine only, so orders that are changed between the read and the write
    are left to the next round. A transaction for each merchant took four times as long if each
    had ten orders due.
    """
    merchants: Sequence[int] | None = None
    for lane in range(CONCURRENCY):
        is_more = True
        while is_more:
            try:
                async with database.write() as connection:
                    result, is_more = SweepResult(), False
                    if await try_lock_now(connection, "sweep", lane):
                        await due.share_machines(connection)
                        at = await due.not_ahead(connection, now, lead)
                        result, is_more = await _find_and_write(
                            await among(connection, merchants), at, lane, at_deadlines=at_deadlines
                        )
            except Unreachable as unreachable:
                if merchants is not None:
                    raise
                merchants, is_more = await present_merchants(database, unreachable), True
                continue
            if result.total:
                yield result


async def _find_and_write(
    connection: AsyncConnection, at: datetime, lane: int, *, at_deadlines: bool
) -> tuple[SweepResult, bool]:
    """What was written, and whether there may be more: another look reaches all machines."""
    await calendar.lock_windows(connection)
    orders = await due.find(connection, at, most=DISTRIBUTED_BATCH, lane=lane, lanes=CONCURRENCY)
    since = _earliest_step(orders, at, at_deadlines=at_deadlines)
    pauses = await calendar.upcoming(connection, since)
    batch = _decide(orders, at, pauses, at_deadlines=at_deadlines)
    steps = Counter[Action]()
    written: dict[datetime, list[Values]] = {}
    for action, step in zip(batch.actions, batch.steps, strict=True):
        rows = await record_unchanged(connection, step)
        steps[action] += len(rows)
        written.setdefault(step.event_values["at"], []).extend(rows)
    for instant, rows in written.items():
        if rows:
            await add_to_outbox(connection, rows, instant)
    blocked = 0
    for order, instant in batch.blocked:
        blocked += await _block(connection, order, instant)
    result = SweepResult(steps=dict(steps), blocked=blocked)
    # A step that is dated at its deadline can be due again.
    may_be_more = at_deadlines or len(orders) == DISTRIBUTED_BATCH
    return result, may_be_more and result.total > 0


async def _on_sqlite(
    database: Database, now: datetime, *, at_deadlines: bool
) -> AsyncGenerator[SweepResult]:
    """A writing transaction locks the whole file, so the rules are asked before it begins.

    If an order was changed in between, its batch is rolled back, and the orders are read again. The
    batches go in the order of the deadlines, and each of them by merchant, whose orders are
    adjacent in the indexes.
    """
    while True:
        is_repeated = False
        async with database.read() as connection:
            orders = await due.claim(connection, now, most=LOOK)
            since = _earliest_step(orders, now, at_deadlines=at_deadlines)
            pauses = await calendar.upcoming(connection, since)
        for start in range(0, len(orders), BATCH):
            batch = _decide(
                _by_merchant(orders[start : start + BATCH]), now, pauses, at_deadlines=at_deadlines
            )
            try:
                async with database.write() as connection:
                    await _check_pauses(connection, pauses, since)
                    await _write(connection, batch)
            except ConcurrentChange:
                is_repeated = True
                break
            is_repeated = is_repeated or batch.result.total > 0
            yield batch.result
            await asyncio.sleep(PAUSE.total_seconds())
        if not is_repeated:
            return


def _by_merchant(orders: Sequence[Order]) -> Sequence[Order]:
    """The orders of a batch in the order in which they are written: that of most indexes."""
    return sorted(orders, key=lambda order: (order.facts.merchant_id, order.id))


def _earliest_step(orders: Sequence[Order], now: datetime, *, at_deadlines: bool) -> datetime:
    """The earliest instant of a step of these orders, from which their next clocks run."""
    if not at_deadlines:
        return now
    return min((order.facts.due_at or now for order in orders), default=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What the rules decided on some orders: the steps to write, and the orders to block."""

    actions: Sequence[Action]
    """The action of each of the steps."""
    steps: Sequence[StepBatch]
    blocked: Sequence[tuple[Order, datetime]]
    result: SweepResult


def _decide(
    orders: Sequence[Order], now: datetime, pauses: Sequence[Span], *, at_deadlines: bool
) -> _Batch:
    allowed = dict[tuple[Action, datetime], list[Order]]()
    blocked = list[tuple[Order, datetime]]()
    for order in orders:
        action = CONSEQUENCES[order.facts.status]
        due_at = order.facts.due_at
        at = order.instant(due_at if at_deadlines and due_at is not None else now)
        verdict = decide(order.facts, SYSTEM, action, at)
        if verdict.allowed:
            allowed.setdefault((action, at), []).append(order)
        elif any(isinstance(blocker, NoReturnAddress) for blocker in verdict.blockers):
            blocked.append((order, at))
    steps = Counter[Action]()
    for (action, _), group in allowed.items():
        steps[action] += len(group)
    return _Batch(
        actions=[action for action, _ in allowed],
        steps=[
            step_batch(
                [(order, _change(order, action, at)) for order in group],
                action,
                SYSTEM,
                now=at,
                pauses=pauses,
            )
            for (action, at), group in allowed.items()
        ],
        blocked=blocked,
        result=SweepResult(steps=dict(steps), blocked=len(blocked)),
    )


async def _check_pauses(
    connection: AsyncConnection, pauses: Sequence[Span], since: datetime
) -> None:
    """Raises ConcurrentChange if the pause windows changed since ``pauses`` were read."""
    if await calendar.lock_upcoming(connection, since) != pauses:
        raise ConcurrentChange


async def _write(connection: AsyncConnection, batch: _Batch) -> None:
    """Raises ConcurrentChange: then the transaction has to be rolled back."""
    for steps in batch.steps:
        await record_all(connection, steps)
    for order, at in batch.blocked:
        if not await _block(connection, order, at):
            raise ConcurrentChange


async def _block(connection: AsyncConnection, order: Order, at: datetime) -> bool:
    """Block the order's approval; False if the order has changed since it was read."""
    flag = Change(values={"auto_approval_blocked": True})
    kind = EventKind.AUTO_APPROVAL_BLOCKED
    written = await append_event(connection, order, kind, SYSTEM, flag, now=at, wakes=False)
    return written is not None


def _change(order: Order, action: Action, at: datetime) -> Change:
    explained = explanation(order.facts.status, order.clocks, at)
    if action is Action.AUTO_APPROVE:
        return decision_change(destination=order.destination, explanation=explained)
    return Change(details={"explanation": explained})


def explanation(status: Status, clocks: Clocks, at: datetime) -> dict[str, Any]:  # Any: JSON
    """Why the clock of ``status`` had its consequence ``at`` an instant, for the event."""
    rule = CLOCKS[status]
    details: dict[str, Any] = {
        "rule": rule.name,
        "ruleVersion": rule.version,
        "startedAt": clocks.started_at and clocks.started_at.isoformat(),
        "pauses": stored_pauses(clocks.pauses),
        "dueAt": clocks.due_at and clocks.due_at.isoformat(),
        "ranAt": at.isoformat(),
    }
    # Less than a second is no grace, but the rounding of what was left.
    grace = clocks.review.grace // timedelta(seconds=1) if rule.kind is ClockKind.REVIEW else 0
    if grace:
        details["graceSeconds"] = grace
    return details
