"""Sequencers that are killed or cut off between any two statements lose and double no event."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from database.availability import Unreachable
from database.driver_connection import LISTENERS
from domain.feed import EventKey
from jobs.sequencer import sequence
from models.clock import WallClock
from models.feed import in_outbox
from models.service_order import ServiceOrderEvent
from models.tables import add
from tests.faults.log_verdict import compare, places_of, unread
from tests.feed.test_feed import event_of, reading
from tests.given import World

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
MOST_STATEMENTS = 40
"""A sequencer that places the events of one merchant has fewer."""


class Doomed:
    """A process whose jobs are killed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    async def is_killed(self, statement: int) -> bool:
        """Begin a round. False if it ended before the statement of that number."""
        return await asyncio.to_thread(self._begin, statement) == "killed\n"

    def _begin(self, statement: int) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{statement}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@contextmanager
def doomed(url: str, job: str = "place") -> Iterator[Doomed]:
    command = [sys.executable, "-m", "tests.feed.doomed_job", job, url]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Doomed(process)
        finally:
            process.kill()


async def write_events(given: World) -> list[EventKey]:
    """Two new events of a merchant who has none in the feed yet."""
    shop = await given.merchant()
    orders = await given.application(shop, 2)
    rows = [ServiceOrderEvent(**event_of(shop, order, given)) for order in orders]
    async with given.parts.database.write() as connection:
        await add(connection, *rows, *map(in_outbox, rows))
    return [(shop.id, order.key, 2) for order in orders]


async def place_all(given: World) -> None:
    """Place what is left. A killed process may hold its locks for a moment yet."""
    database = given.parts.database
    async with asyncio.timeout(PATIENCE_S):
        while await unread(database, ()):
            await sequence(database, WallClock().now())


async def check(given: World, written: list[EventKey], seen: list[EventKey]) -> None:
    """Each event has one place, and a reader who polled all the while has read it in order."""
    places = await places_of(given.parts.database)
    assert compare(places, written).wrong == {}
    assert seen == [place.event for place in places]


async def test_a_sequencer_that_is_killed_at_any_statement_loses_and_doubles_nothing(
    given: World, database_url: str
) -> None:
    written, killed = [], 0
    with doomed(database_url) as sequencers:
        async with reading(given.parts.database, None) as seen:
            for statement in range(1, MOST_STATEMENTS):
                written += await write_events(given)
                if not await sequencers.is_killed(statement):
                    break
                killed += 1
                await place_all(given)
            await place_all(given)
    assert 8 < killed < MOST_STATEMENTS - 1
    await check(given, written, seen)


@contextmanager
def cut_at(statement: int, *, sent: bool) -> Iterator[None]:
    """Cut the connection before a statement of that number, or as soon as it is ``sent``."""
    count = 0
    transports: list[asyncio.Transport] = []

    def on_connection(connection: Any, *_: Any) -> None:  # Any: asyncpg has no types
        transports.append(connection.connection.driver_connection._transport)
        on_statement()

    def on_statement(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == statement:
            if sent:
                asyncio.get_running_loop().call_soon(transports[-1].abort)
            else:
                transports[-1].abort()

    LISTENERS.append(on_statement)
    event.listen(Engine, "before_cursor_execute", on_connection)
    event.listen(Engine, "commit", on_connection)
    try:
        yield
    finally:
        LISTENERS.remove(on_statement)
        event.remove(Engine, "before_cursor_execute", on_connection)
        event.remove(Engine, "commit", on_connection)


@pytest.mark.parametrize("sent", [False, True])
async def test_a_sequencer_whose_connection_is_cut_at_any_statement_loses_and_doubles_nothing(
    given: World, sent: bool
) -> None:
    database = given.parts.database
    if database.is_sqlite:
        pytest.skip("SQLite has no connections that can be cut")
    written, cut = [], 0
    for statement in range(1, MOST_STATEMENTS):
        written += await write_events(given)
        with cut_at(statement, sent=sent):
            try:
                await sequence(database, WallClock().now())
            except Unreachable:
                cut += 1
            else:
                break
        await place_all(given)
    assert 8 < cut < MOST_STATEMENTS - 1
    async with reading(database, None) as seen:
        await place_all(given)
    await check(given, written, seen)
