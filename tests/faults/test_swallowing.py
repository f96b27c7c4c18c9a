"""A connection that swallows bytes: nobody waits for it longer than a transaction may last."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import httpx2
import pytest

from app import create_app
from database.addresses import file_of
from database.connection_limiter import Limits
from database.database import Database
from database.outages import Outage
from models.health import LONGEST_LOOK
from parts import Parts
from tests.client import Client
from tests.faults.proxy import Proxy
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

LIMITS: Final = Limits(connections=2, transaction=timedelta(seconds=1))
MOST: Final = 100
PATIENCE_S: Final = 60
NOTE: Final = (
    "mutation($id: ID!, $text: String!) { addNote(input: {id: $id, text: $text}) "
    "{ refusals { code } } }"
)


@pytest.fixture
async def proxied(database_url: str) -> AsyncIterator[tuple[Proxy, str]]:
    if file_of(database_url):
        pytest.skip("SQLite has no connection that could swallow anything")
    async with Proxy.start(database_url) as started:
        yield started


@pytest.fixture
async def behind(proxied: tuple[Proxy, str], parts: Parts, schema) -> AsyncIterator[Client]:
    """A server whose connections lead through the proxy."""
    database = Database.open(proxied[1], LIMITS)
    own = Parts(database, parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(own, runs_clock=False, schema=schema)) as client:
        yield client
    await database.close()


async def note(client: Client, order: OrderRef, text: str) -> httpx2.Response:
    return await client.post({"query": NOTE, "variables": {"id": order.id, "text": text}})


async def test_a_connection_that_swallows_bytes_is_answered_in_time_and_thrown_away(
    proxied: tuple[Proxy, str], behind: Client, given: World
) -> None:
    order = await given.order(shop := await given.merchant())
    owner = behind.as_(shop.owner.token)
    assert (await note(owner, order, "0")).status_code == 200
    for round_ in range(2):
        assert proxied[0].swallow(MOST, random.Random(1))
        began = time.monotonic()
        statuses: list[int] = []
        async with asyncio.timeout(PATIENCE_S):
            # Who asks, and what is written, use connections of their own: each is found once.
            while not statuses or statuses[-1] != 200:
                answer = await note(owner, order, f"{round_}.{len(statuses)}")
                statuses.append(answer.status_code)
        assert set(statuses[:-1]) == {503}
        assert time.monotonic() - began < 20 * LIMITS.transaction.total_seconds()
    kinds = await given.kinds(order)
    assert len(kinds) == 4  # the order's submission, and each note that was acknowledged: once


async def test_a_server_that_does_not_answer_is_not_ready(
    proxied: tuple[Proxy, str], behind: Client
) -> None:
    proxy = proxied[0]
    assert (await behind.http.get("/readyz")).status_code == 200
    proxy.swallows_new = True
    proxy.swallow(MOST, random.Random(1))
    async with asyncio.timeout(20 * LONGEST_LOOK.total_seconds()):
        answer = await behind.http.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, Outage.SILENT)
    assert (await behind.http.get("/healthz")).status_code == 200
    proxy.swallows_new = False
    async with asyncio.timeout(PATIENCE_S):
        while (await behind.http.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.1)
