"""Random histories in memory: the rules, the clocks and the journal's values."""

import asyncio
from random import Random

from hypothesis import given

from domain.events import EVENTS, EventKind
from tests.stateful.histories import STEPS, TAPES, WIDTH, histories, run
from tests.stateful.memory import Memory


@histories(in_memory=True)
@given(tape=TAPES)
def test_a_history_in_memory_holds_the_invariants(tape: bytes) -> None:
    asyncio.run(run(Memory(), tape))


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
