"""The same applications by several requests at once, and a process that is killed in between."""

import asyncio
import json
from typing import Any

import pytest

from app import create_app
from database.connection_limiter import Limits
from database.database import Database
from parts import Parts
from tests.client import Client
from tests.contender import SUBMIT
from tests.given import World
from tests.intake.test_bulk import application, counted, small, submit
from tests.test_races_of_processes import answers, contenders

pytestmark = pytest.mark.anyio

MANY = 20
PATIENCE_S = 60


async def test_of_two_requests_with_the_same_applications_each_application_is_done_once(
    client: Client, given: World, database_url: str
) -> None:
    connector = await given.connector(await given.merchant())
    entries = [small(number) for number in range(MANY)]
    with contenders(database_url, [(SUBMIT, connector.token)] * 2) as processes:
        assert await answers(processes) == ["ready"] * 2
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(json.dumps(entries) + "\n")
            process.stdin.flush()
        payloads = await answers(processes)
    for results in zip(*payloads, strict=True):
        done = [result for result in results if result["application"] and not result["replayed"]]
        told = [result for result in results if result["application"] and result["replayed"]]
        waiting = [result for result in results if result["refusals"]]
        assert (len(done), len(done) + len(told) + len(waiting)) == (1, 2)
        assert all(
            result["refusals"] == [{"code": "IN_PROGRESS", "retryable": True}] for result in waiting
        )
    assert await counted(given) == [MANY] * 3
    again = await submit(client.as_(connector.token), *entries)
    assert all(result["replayed"] for result in again)
    assert await counted(given) == [MANY] * 3


async def test_within_a_process_too(client: Client, given: World) -> None:
    storefront = client.as_((await given.connector(await given.merchant())).token)
    entries = [small(number) for number in range(MANY)]
    payloads = await asyncio.gather(*(submit(storefront, *entries) for _ in range(3)))
    for results in zip(*payloads, strict=True):
        assert [bool(result["application"]) and not result["replayed"] for result in results].count(
            True
        ) == 1
    assert await counted(given) == [MANY] * 3
    assert not given.parts.services.open_claims


async def test_after_a_kill_the_request_is_sent_again_and_nothing_is_doubled(
    client: Client, given: World, database_url: str
) -> None:
    connector = await given.connector(await given.merchant())
    entries = [application(number) for number in range(100)]
    with contenders(database_url, [(SUBMIT, connector.token)]) as [process]:
        assert await answers([process]) == ["ready"]
        assert process.stdin is not None
        process.stdin.write(json.dumps(entries) + "\n")
        process.stdin.flush()
        async with asyncio.timeout(PATIENCE_S):
            while (await counted(given))[0] < 5:  # noqa: ASYNC110 - another process writes them
                await asyncio.sleep(0.001)
        process.kill()
        process.wait()
    before = (await counted(given))[0]
    results = await submit(client.as_(connector.token), *entries)
    assert sum(result["replayed"] for result in results) == before
    assert await counted(given) == [100, 300, 300]


async def test_a_batch_takes_few_connections_and_others_are_served_meanwhile(
    parts: Parts, given: World, database_url: str, schema: Any
) -> None:
    """With one connection and a queue of five, a batch that took all at once would be refused."""
    shop = await given.merchant()
    connector, clerk = await given.connector(shop), await given.connector(shop)
    narrow = Database.open(database_url, Limits(connections=1, waiting=5))
    narrow_parts = Parts(narrow, parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(narrow_parts, runs_clock=False, schema=schema)) as client:
        batch, other = await asyncio.gather(
            submit(client.as_(connector.token), *(small(number) for number in range(MANY))),
            submit(client.as_(clerk.token), small(MANY)),
        )
    await narrow.close()
    assert all(result["application"] for result in (*batch, *other))
