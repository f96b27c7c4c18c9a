"""A cursor goes on in a restored copy of the database, or says that it cannot."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import obstore.store
import pytest

from app import create_app
from auth.keys import Keys
from database.database import Database
from domain.permissions import Permission
from jobs.sequencer import keep_sequencing
from models import schema_version
from models.clock import WallClock
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.feed.restoring import Copy, copies
from tests.feed.test_feed import EVENTS, note, place
from tests.given import OrderRef, World
from tests.replica.streaming import streaming

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

PATIENCE_S = 60
AROUND = 10
"""So many events are read before the copy is made, and so many more afterwards."""


async def read_on(reader: Client, after: str | None = None) -> list[str]:
    """The cursors of all events after one. Each page goes on after the last cursor."""
    cursors = []
    while True:
        page = await reader.ask(EVENTS, after=after, first=20)
        cursors += [node["cursor"] for node in page["nodes"]]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return cursors


@asynccontextmanager
async def in_use(
    given: World, writer: Client, orders: Sequence[OrderRef], readers: Sequence[Client]
) -> AsyncIterator[list[list[str]]]:
    """A desk in use: somebody writes, the sequencer runs, and readers collect cursors."""
    stop = asyncio.Event()
    collected: list[list[str]] = [[] for _ in readers]

    async def write() -> None:
        while not stop.is_set():
            for order in orders:
                await note(writer, order)

    async def collect(reader: Client, cursors: list[str]) -> None:
        while not stop.is_set():
            cursors += await read_on(reader, cursors[-1] if cursors else None)
            await asyncio.sleep(0.02)

    sequencing = keep_sequencing(
        given.parts.database, WallClock(), stop, retention=timedelta(days=1)
    )
    tasks = [
        asyncio.create_task(work)
        for work in (write(), sequencing, *map(collect, readers, collected))
    ]
    try:
        yield collected
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def more(collected: list[list[str]]) -> list[int]:
    """Wait until each reader has read some more events; return how many it has then."""
    await until(collected, [len(cursors) + AROUND for cursors in collected])
    return [len(cursors) for cursors in collected]


async def until(collected: list[list[str]], goal: Sequence[int]) -> None:
    """Wait until each reader has read so many events."""
    async with asyncio.timeout(PATIENCE_S):
        while any(len(one) < count for one, count in zip(collected, goal, strict=True)):  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)


@pytest.fixture
def copy(database_url: str, runs_on: str, tmp_path: Path) -> Iterator[Copy]:
    if runs_on == "pgbouncer":
        pytest.skip("a database is dumped past the pooler")
    with copies(database_url, tmp_path) as copy:
        yield copy


async def test_every_cursor_goes_on_in_a_copy_made_while_the_desk_is_in_use_or_has_expired(
    client: Client, given: World, copy: Copy
) -> None:
    await check_copy(client, given, copy)


async def test_every_cursor_goes_on_after_a_failover_or_has_expired(
    clock: StoppedClock, tmp_path: Path
) -> None:
    """The replica is promoted while the desk is in use, and has not received the latest commits."""
    with streaming() as pair:
        database = Database.open(pair.primary)
        await schema_version.upgrade(database)
        pictures = Pictures(obstore.store.LocalStore(str(tmp_path)), keys := Keys(b"k" * 32))
        given = World(Parts(database, keys, pictures, clock))
        async with Client.of(create_app(given.parts, runs_clock=False)) as client:
            await check_copy(client, given, Copy(pair.replica, pair.promote))
        await pictures.close()
        await database.close()


async def check_copy(client: Client, given: World, copy: Copy) -> None:
    """Make the copy while the desk is in use, and ask it after all cursors that were read."""
    shop = await given.merchant()
    *orders, untouched = await given.application(shop, 4)
    platform = await given.platform(Permission.MERCHANT_READ)
    tokens = [shop.owner.token, platform.token]
    readers = [client.as_(token) for token in tokens]
    async with in_use(given, readers[0], orders, readers) as collected:
        before = await more(collected)
        await asyncio.to_thread(copy.make)
        # The readers may be behind the copy.
        await until(collected, [len(await read_on(reader)) + AROUND for reader in readers])
    database = Database.open(copy.url)
    restored = World(replace(given.parts, database=database))
    async with Client.of(create_app(restored.parts, runs_clock=False)) as other:
        await place(restored)  # what the copy has in its outbox
        await note(other.as_(shop.owner.token), untouched)
        await place(restored)
        for token, cursors, count in zip(tokens, collected, before, strict=True):
            await check_cursors(other.as_(token), cursors, count)
    await database.close()


async def check_cursors(reader: Client, cursors: Sequence[str], before: int) -> None:
    """Ask the copy after each cursor that the original gave, ``before`` many before the copy."""
    placed = await read_on(reader)
    assert await read_on(reader, placed[-2]) == placed[-1:]
    common = sum(one == other for one, other in zip(cursors, placed, strict=False))
    assert before <= common < len(cursors)
    assert cursors[:common] == placed[:common]
    for number in {0, 1, before - 1, common - 1}:
        assert await read_on(reader, cursors[number]) == placed[number + 1 :]
    for cursor in cursors[common:]:
        with pytest.raises(Failed) as expired:
            await read_on(reader, cursor)
        assert expired.value.code == "CURSOR_EXPIRED"
