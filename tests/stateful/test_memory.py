"""Random histories in memory: the rules, the clocks and the journal's values."""

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import given

from domain.events import EVENTS, EventKind
from tests.conftest import NOON
from tests.stateful.histories import STEPS, TAPES, WIDTH, histories, run
from tests.stateful.memory import Memory

DAYS: Final = (
    ("Asia/Shanghai", NOON),
    ("Asia/Kolkata", NOON),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 2, tzinfo=UTC)),
)
"""Where merchants are, and when a history starts: just before a day of 23, 25 or 23.5 hours."""


@histories(in_memory=True)
@given(tape=TAPES)
def test_a_history_in_memory_holds_the_invariants(tape: bytes) -> None:
    zone, now = DAYS[tape[-1] % len(DAYS)]
    asyncio.run(run(Memory(now), tape, ZoneInfo(zone)))


async def _kinds(seed: int) -> set[EventKind]:
    desk = Memory()
    await run(desk, Random(seed).randbytes(STEPS * WIDTH))
    events = (await desk.moment()).events
    return {event["kind"] for rows in events.values() for event in rows}


def test_histories_take_every_action() -> None:
    kinds = set[EventKind]()
    for seed in range(200):
        kinds |= asyncio.run(_kinds(seed))
    assert set(EVENTS.values()) <= kinds
