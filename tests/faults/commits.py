"""What happened when, by the commit times of the database, which no process can get wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa

from database.database import Database
from domain.clocks import CONSEQUENCES
from domain.events import EVENTS, EventKind
from models.service_order import events, service_orders
from tests.faults.ledger import Key

PRECISE: Final = timedelta(seconds=1)
"""How much later than its commit an event may be dated: by what a measurement of the time is off,
on a machine that is very busy."""


TIMED: Final = {EVENTS[action] for action in CONSEQUENCES.values()}
"""What only the clock does."""


@dataclass(slots=True)
class Times:
    """What is wrong, by kind; all are empty if nothing is."""

    early: list[str] = field(default_factory=list)
    """Committed before it was due."""
    misdated: list[str] = field(default_factory=list)
    """Dated later than it was committed, or earlier than anybody can have asked for it."""
    descending: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    """A first deadline that is not 48 hours after the application."""

    @property
    def wrong(self) -> Mapping[str, Sequence[str]]:
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: what[:5] for name, what in found.items() if what}


async def judge_times(
    database: Database, due: Mapping[Key, datetime], *, slowest: timedelta
) -> Times:
    """``due`` are the orders that were there before; a request takes ``slowest`` at most."""
    times = Times()
    timelines: dict[Key, list[Any]] = {}  # Any: rows of these columns
    async with database.read() as connection:
        for row in await connection.execute(_EVENTS):
            timelines.setdefault((row.merchant_id, row.service_order_id), []).append(row)
        for order in await connection.execute(_ORDERS):
            if order.review_pauses == [] and order.review_due_at - order.applied_at != _WINDOW:
                times.unexplained.append(f"{order}")
    for key, timeline in timelines.items():
        times.descending += [
            f"{one}, {other}" for one, other in pairwise(timeline) if other.at < one.at
        ]
        for row in timeline:
            if key in due and row.kind is EventKind.SUBMITTED:
                continue  # written by the test, as if it had happened before
            if not row.committed - slowest <= row.at <= row.committed + PRECISE:
                times.misdated.append(f"{row}")
            if row.kind in TIMED:
                stored = datetime.fromisoformat(row.details["explanation"]["dueAt"])
                expected = due.get(key, stored) if row.kind is EventKind.AUTO_APPROVED else stored
                if row.committed < stored or row.committed < expected:
                    times.early.append(f"{row}: due {stored}")
    return times


_WINDOW: Final = timedelta(hours=48)
_EVENTS: Final = sa.select(
    events.c.merchant_id,
    events.c.service_order_id,
    events.c.kind,
    events.c.at,
    events.c.details,
    # An event is never changed: who wrote the row wrote the event.
    sa.func.pg_xact_commit_timestamp(sa.literal_column("xmin")).label("committed"),
).order_by(events.c.merchant_id, events.c.service_order_id, events.c.sequence)
_ORDERS: Final = sa.select(
    service_orders.c.id,
    service_orders.c.applied_at,
    service_orders.c.review_due_at,
    service_orders.c.review_pauses,
)
