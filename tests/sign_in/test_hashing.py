"""Hashing passwords has its own threads, a bounded queue, and one attempt in a request."""

import asyncio
import threading
from contextlib import AsyncExitStack

import httpx2
import pytest

from app import create_app
from auth import attempts, passwords
from tests.client import Client, Failed
from tests.given import PASSWORD, World
from tests.serving.process import Command
from tests.sign_in.signing import at, code

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

TRY = 'signIn(input: {login: "nobody", password: "x"}) { refusals { code } }'
MAX_THREADS = 32
"""Asyncio's own threads are at most so many."""
SKIPPED = TRY.replace(") {", ") @skip(if: true) {")


async def test_hashing_does_not_wait_for_asyncios_own_threads(client: Client, given: World) -> None:
    person = await given.employee(await given.merchant())
    loop, go = asyncio.get_running_loop(), threading.Event()
    blocking = [loop.run_in_executor(None, go.wait) for _ in range(MAX_THREADS)]
    try:
        assert await code(client, person.login, PASSWORD) is None
    finally:
        go.set()
        await asyncio.gather(*blocking)


async def test_attempts_beyond_what_may_wait_from_one_place_are_told_so(
    given: World, schema
) -> None:
    app = create_app(given.parts, runs_clock=False, schema=schema)

    async def answer(client: Client, number: int) -> httpx2.Response:
        said = TRY.replace("nobody", f"nobody-{number}")
        return await client.post({"query": f"mutation {{ {said} }}"})

    async with at(app, "203.0.113.9") as stranger, at(app, "192.0.2.1") as home:
        async with AsyncExitStack() as hashing:
            for _ in range(passwords.MAX_HASHING):
                await hashing.enter_async_context(passwords.permit())
            waiting = [
                asyncio.create_task(answer(stranger, one)) for one in range(attempts.MAX_CONCURRENT)
            ]
            # Nothing tells that all of them have come so far: they wait, and do nothing.
            while given.parts.attempts._concurrent.total() < 2 * attempts.MAX_CONCURRENT:  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.01)
            over = await answer(stranger, attempts.MAX_CONCURRENT)
            assert over.status_code == 503
            assert over.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"
            elsewhere = asyncio.create_task(answer(home, 0))
        answers = await asyncio.gather(*waiting, elsewhere)
    assert {one.status_code for one in answers} == {200}
    assert given.parts.attempts._concurrent.total() == 0
    assert given.parts.attempts._limiters == {}


async def test_a_flood_of_attempts_does_not_hold_up_other_requests(
    database_url: str, given: World
) -> None:
    async with Command.start(
        "serve", "--port", "PORT", database_url=database_url, clock="false"
    ) as command:
        await command.ready()
        idle = await command.latency()
        async with command.client() as stranger:
            attempts_under_way = [
                asyncio.create_task(stranger.post({"query": f"mutation {{ {TRY} }}"}))
                for _ in range(20)
            ]
            assert await command.latency() < max(0.1, 5 * idle)
            answers = await asyncio.gather(*attempts_under_way)
    assert {one.status_code for one in answers} == {200}


@pytest.mark.parametrize(
    "document",
    [
        f"mutation {{ one: {TRY} two: {TRY} }}",
        f"mutation {{ {TRY} ...More }} fragment More on Mutation {{ two: {TRY} }}",
        f"mutation {{ {TRY} ... {{ two: {TRY} }} }}",
        f"mutation {{ ...M ...M }} fragment M on Mutation {{ {TRY} }}",
        f"mutation {{ {TRY} two: {SKIPPED} }}",
        "mutation { " + " ".join(f"a{one}: {TRY}" for one in range(10)) + " }",
    ],
)
async def test_a_request_with_several_sign_ins_is_refused_before_anything_runs(
    client: Client, given: World, document: str
) -> None:
    with pytest.raises(Failed) as failure:
        await client.ask_all(document)
    assert failure.value.code == "QUERY_TOO_COMPLEX"
    assert failure.value.extensions["limit"] == "sign_ins"
    assert failure.value.extensions["allowed"] == 1
    assert given.parts.attempts._unstored == {}


async def test_one_sign_in_beside_other_mutations_is_carried_out(
    client: Client, given: World
) -> None:
    person = await given.reviewer(await given.merchant())
    query = (
        f'mutation {{ signIn(input: {{login: "{person.login}", password: "{PASSWORD}"}}) '
        "{ viewer { name } } signOut { done } }"
    )
    data = await client.ask_all(query)
    assert data == {"signIn": {"viewer": {"name": "小A"}}, "signOut": {"done": True}}
