"""Eight processes and the clock decide at once on the same orders: one of them on each."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE
from tests.conftest import NOON, StoppedClock
from tests.contender import CLOCK
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

ROOT: Final = Path(__file__).parents[1]
PROCESSES: Final = 8
ROUNDS: Final = 30
ORDERS: Final = 10
"""In each round; every other one is due, so that the clock is in it too."""
NOW: Final = NOON + timedelta(hours=48)
KEY: Final = base64.b64encode(b"k" * 32).decode()
PATIENCE_S: Final = 300
DECISIVE: Final = {EVENTS[action] for action, rule in LIFECYCLE.items() if rule.decides}

Contender = subprocess.Popen[str]


@contextmanager
def contenders(url: str, who: Sequence[tuple[str, str]]) -> Iterator[list[Contender]]:
    """A process for each action and token."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.contender", url, KEY, NOW.isoformat(), action, token],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for action, token in who
    ]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.communicate()


async def answers(processes: Sequence[Contender]) -> list[Any]:
    """A line of each. Any: JSON."""
    lines = []
    async with asyncio.timeout(PATIENCE_S):
        for one in processes:
            assert one.stdout is not None
            lines.append(await asyncio.to_thread(one.stdout.readline))
    return [json.loads(line) for line in lines]


async def race(processes: Sequence[Contender], orders: Sequence[OrderRef]) -> list[Any]:
    """Let all begin at once, and wait for all. What each was told of each order."""
    for one in processes:
        assert one.stdin is not None
        one.stdin.write(json.dumps([order.id for order in orders]) + "\n")
        one.stdin.flush()
    return await answers(processes)


async def test_of_eight_processes_and_the_clock_one_decides_and_the_others_are_told(
    given: World,
    clock: StoppedClock,
    database_url: str,
    record_property: Callable[[str, object], None],
) -> None:
    shop = await given.merchant()
    names = [f"小{letter}" for letter in "ABCDEFGH"[:PROCESSES]]
    people = [await given.reviewer(shop, name) for name in names]
    actions = ["APPROVE" if at % 2 else "REJECT" for at in range(PROCESSES)]
    who = [(action, person.token) for action, person in zip(actions, people, strict=True)]
    wins = dict.fromkeys([*names, CLOCK], 0)
    with contenders(database_url, [*who, (CLOCK, people[0].token)]) as processes:
        assert await answers(processes) == ["ready"] * len(processes)
        for _ in range(ROUNDS):
            clock.time = NOON
            due = await given.application(shop, ORDERS // 2)
            clock.time = NOON + timedelta(hours=1)
            later = await given.application(shop, ORDERS // 2)
            orders = [order for pair in zip(due, later, strict=True) for order in pair]
            *told, approved = await race(processes, orders)
            wins[CLOCK] += approved
            for order, answered in zip(orders, zip(*told, strict=True), strict=True):
                await check(given, order, names, actions, answered)
                for name, refusals in zip(names, answered, strict=True):
                    wins[name] += not refusals
    assert sum(wins.values()) == ROUNDS * ORDERS
    said = ", ".join(f"{name} {times}" for name, times in wins.items())
    record_property("told", f"{ROUNDS * ORDERS} orders, one decision on each: {said}")


async def check(
    given: World,
    order: OrderRef,
    names: Sequence[str],
    actions: Sequence[str],
    answered: Sequence[list[dict[str, Any]]],
) -> None:
    """One decision, by whoever was told of success, and everybody else was told of that one."""
    kinds = await given.kinds(order)
    row = await given.row(order)
    assert sum(kind in DECISIVE for kind in kinds) == 1
    won = [name for name, refusals in zip(names, answered, strict=True) if not refusals]
    automatic = row.decision == "AUTO_APPROVE"
    assert won == ([] if automatic else [row.decided_by])
    if not automatic:
        assert row.decision == actions[names.index(row.decided_by)]
    for refusals in answered:
        for one in refusals:
            assert (one["code"], one["by"]["name"], one["decision"], one["automatic"]) == (
                "ALREADY_DECIDED",
                row.decided_by,
                row.decision,
                automatic,
            )
            assert datetime.fromisoformat(one["at"]) == row.decided_at
        assert len(refusals) <= 1
