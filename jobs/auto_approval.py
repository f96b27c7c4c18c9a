"""Approving what nobody reviewed in time: exactly once, never early, never after a person."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actors import SYSTEM
from domain.decision import decide
from domain.events import EventKind
from domain.lifecycle import LIFECYCLE, Action
from domain.refusals import NoReturnAddress
from models.database import Database
from models.journal import Change, append, record_all
from models.queries import calendar
from models.queries.service_orders import Order, orders, read
from models.service_order import WATCHED, service_orders

RULE: Final = "REVIEW_WINDOW_48H"
RULE_VERSION: Final = 1
BATCH: Final = 500
"""How many orders one transaction takes, so that reviews are not kept waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one call did."""

    approved: int = 0
    blocked: int = 0

    @property
    def total(self) -> int:
        return self.approved + self.blocked


async def approve_overdue(
    database: Database, now: datetime, stop: asyncio.Event | None = None
) -> Swept:
    """Approve all that is due at ``now``, a batch a transaction, until nothing is left.

    Told to stop, it finishes the batch that it is at and leaves the rest to others.
    """
    done = Swept()
    while stop is None or not stop.is_set():
        batch = await _approve_batch(database, now)
        done = Swept(approved=done.approved + batch.approved, blocked=done.blocked + batch.blocked)
        if batch.total == 0:
            break
    return done


async def next_due(database: Database) -> datetime | None:
    """When the next order will be due; None if the clock watches nothing."""
    async with database.read() as connection:
        found = await connection.execute(
            sa.select(sa.func.min(service_orders.c.review_due_at)).where(sa.text(WATCHED))
        )
        due: datetime | None = found.scalar_one()
        return due


async def _approve_batch(database: Database, now: datetime) -> Swept:
    approved, blocked = [], 0
    async with database.write() as connection:
        windows = await calendar.heeded(connection, now)
        for order in await _due(connection, now):
            verdict = decide(order.facts, SYSTEM, Action.AUTO_APPROVE, now)
            if verdict.allowed:
                approved.append((order, _approval(order, now)))
            elif any(isinstance(one, NoReturnAddress) for one in verdict.blockers):
                blocked += await append(
                    connection,
                    order,
                    EventKind.AUTO_APPROVAL_BLOCKED,
                    SYSTEM,
                    Change(values={"auto_approval_blocked": True}),
                    now=now,
                )
        await record_all(
            connection, approved, Action.AUTO_APPROVE, SYSTEM, now=now, windows=windows
        )
    return Swept(approved=len(approved), blocked=blocked)


async def _due(connection: AsyncConnection, now: datetime) -> Sequence[Order]:
    found = await connection.execute(
        orders()
        .where(
            service_orders.c.status.in_(LIFECYCLE[Action.AUTO_APPROVE].sources),
            ~service_orders.c.auto_approval_blocked,
            service_orders.c.review_due_at <= now,
        )
        .order_by(service_orders.c.review_due_at)
        .limit(BATCH)
        .with_for_update(of=service_orders, skip_locked=True)
    )
    return [read(row) for row in found.all()]


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
