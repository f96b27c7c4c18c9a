"""The same request several times at once: one is done, the others are told so, or to wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app
from database.database import Database
from domain.refusals.repeating import InProgress
from models.idempotency import idempotency_keys
from models.service_order import service_orders
from parts import Parts
from tests.client import Client
from tests.desk.test_idempotency import CASES, Case, Desk, codes, count, named
from tests.given import World

pytestmark = pytest.mark.anyio

PATIENCE_S = 60


@pytest.fixture
async def other_database(parts: Parts) -> AsyncIterator[Database]:
    database = Database.open(parts.database.writing.url.render_as_string(hide_password=False))
    yield database
    await database.close()


@pytest.fixture
async def elsewhere(parts: Parts, other_database: Database, schema) -> AsyncIterator[Client]:
    """Another process, as far as keys are concerned."""
    other = Parts(other_database, parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(other, runs_clock=False, schema=schema)) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_of_eight_at_once_one_is_done(
    client: Client, elsewhere: Client, given: World, case: Case
) -> None:
    desk = await Desk.open(given, client, case.status, **case.columns)
    await desk.prepare(case)
    there = Desk(given, elsewhere, desk.shop, desk.order, desk.tokens, desk.refunds)
    before = await desk.written(case)
    payloads = await asyncio.gather(*(one.do(case) for one in [desk, there] * 4))
    assert await desk.written(case) == before + 1
    done = [one for one in payloads if codes(one) == [] and not one["replayed"]]
    told = [one for one in payloads if codes(one) == [] and one["replayed"]]
    waiting = [one for one in payloads if codes(one) == [InProgress.code()]]
    assert (len(done), len(done) + len(told) + len(waiting)) == (1, 8)
    assert all(one["refusals"][0]["retryable"] for one in waiting)
    for one in (desk, there):
        payload = await one.do(case)
        assert (codes(payload), payload["replayed"]) == ([], True)
    assert await desk.written(case) == before + 1


@asynccontextmanager
async def in_the_way(database: Database, order: Any) -> AsyncIterator[None]:
    """Keep everybody from writing to the order: on SQLite from writing at all."""
    async with database.write() as connection:
        await connection.execute(
            sa.update(service_orders)
            .where(service_orders.c.id == order.key)
            .values(version=service_orders.c.version)
        )
        yield


async def test_while_it_is_running_the_same_request_is_told_to_wait(
    client: Client, given: World, other_database: Database
) -> None:
    desk, note = await Desk.open(given, client), named("addNote")
    async with in_the_way(other_database, desk.order):
        first = asyncio.create_task(desk.do(note))
        async with asyncio.timeout(PATIENCE_S):
            while not given.parts.services.open_claims:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.001)
        payload = await desk.do(note)
        assert codes(payload) == [InProgress.code()]
        assert codes(await desk.do(note, text="其他")) == [InProgress.code()]
        assert not first.done()
    assert (await first)["replayed"] is False
    assert not given.parts.services.open_claims
    assert (await desk.do(note))["replayed"] is True


async def test_another_process_is_told_to_wait_or_waits_itself(
    client: Client, elsewhere: Client, given: World, other_database: Database
) -> None:
    """PostgreSQL knows who holds a key. On SQLite whoever writes is alone: the second one waits."""
    desk, note = await Desk.open(given, client), named("addNote")
    there = Desk(given, elsewhere, desk.shop, desk.order, desk.tokens)
    third = Database.open(other_database.writing.url.render_as_string(hide_password=False))
    async with in_the_way(third, desk.order):
        first = asyncio.create_task(desk.do(note))
        await until_it_waits(third, first)
        second = asyncio.create_task(there.do(note))
        if third.is_sqlite:
            await asyncio.sleep(0.05)
            assert not second.done()
        else:
            assert codes(await second) == [InProgress.code()]
        assert not first.done()
    await third.close()
    payloads = [await first, await second]
    assert len([one for one in payloads if not codes(one) and not one["replayed"]]) == 1
    assert (await given.row(desk.order)).version == 2
    assert await count(given, idempotency_keys) == 1


async def until_it_waits(database: Database, first: asyncio.Task[Any]) -> None:
    """PostgreSQL says who waits for a lock. A writer of SQLite waits as soon as it has begun."""
    waits = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with asyncio.timeout(PATIENCE_S):
        while not first.done():
            await asyncio.sleep(0.01)
            if database.is_sqlite:
                return
            async with database.read() as connection:
                if (await connection.execute(waits)).scalar_one():
                    return


async def test_a_request_that_is_cut_short_leaves_its_key_free(
    client: Client, given: World, other_database: Database
) -> None:
    desk, note = await Desk.open(given, client), named("addNote")
    async with in_the_way(other_database, desk.order):
        first = asyncio.create_task(desk.do(note))
        await until_it_waits(other_database, first)
        first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert not given.parts.services.open_claims
    assert [(await desk.do(note))["replayed"] for _ in range(2)] == [False, True]
    assert (await given.row(desk.order)).version == 2
