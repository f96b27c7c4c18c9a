"""More than can be done: what waits is bounded, the rest is told when to come again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response
from starlette.types import Receive, Scope

from app import create_app
from database.addresses import file_of
from database.connection_limiter import Limits, Overloaded
from database.database import VITAL_CONNECTIONS, Database
from database.engines import SERVER_GRACE
from parts import Parts
from tests.client import SIGN_IN, Client
from tests.given import PASSWORD, World
from transport.edge import Application
from transport.request_limits import RequestLimits
from transport.routes import Route

pytestmark = pytest.mark.anyio

LIMITS: Final = Limits(connections=2, waiting=3, patience=timedelta(seconds=20))
QUEUE: Final = "{ serviceOrders { nodes { id } } }"
ENDLESS: Final = {
    "sqlite": (
        "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"
    ),
    "postgresql": "SELECT pg_sleep(3600)",
}
PATIENCE_S: Final = 60

Opens = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - a limiter notifies nobody
            await asyncio.sleep(0.01)


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    """A database of few connections and a short queue."""
    opened = Database.open(database_url, LIMITS)
    yield opened
    await opened.close()


@pytest.fixture
async def client(small: Database, parts: Parts, schema) -> AsyncIterator[Client]:
    own = Parts(small, parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(own, runs_clock=False, schema=schema)) as opened:
        yield opened


class Held:
    """Connections that are held until they are let go."""

    def __init__(self) -> None:
        self._done = asyncio.Event()
        self._holding: list[asyncio.Task[None]] = []
        self.now = self.most = 0

    async def hold(self, opens: Opens) -> None:
        async with opens():
            self.now += 1
            self.most = max(self.most, self.now)
            await self._done.wait()
            self.now -= 1

    async def take(self, opens: Opens, times: int) -> None:
        self._holding += [asyncio.create_task(self.hold(opens)) for _ in range(times)]

    async def let_go(self) -> None:
        self._done.set()
        await asyncio.gather(*self._holding)


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    held = Held()
    yield held
    await held.let_go()


async def ask(client: Client, query: str, **variables: Any) -> httpx2.Response:
    return await client.post({"query": query, "variables": variables})


def is_refused(response: httpx2.Response) -> bool:
    [error] = response.json()["errors"]
    codes = (response.status_code, error["extensions"]["code"], response.headers["retry-after"])
    return codes == (503, "OVERLOADED", "1")


@pytest.mark.parametrize("lane", ["reading", "writing", "vital"])
async def test_no_more_connections_are_used_than_there_may_be(
    small: Database, held: Held, lane: str
) -> None:
    opens: dict[str, tuple[Opens, int]] = {
        "reading": (small.read, LIMITS.connections),
        "writing": (small.write, 1 if small.is_sqlite else LIMITS.connections),
        "vital": (lambda: small.read(vital=True), VITAL_CONNECTIONS),
    }
    way, size = opens[lane]
    await held.take(way, size + LIMITS.waiting)
    await until(lambda: held.now == size)
    with pytest.raises(Overloaded):
        async with way():
            pass
    await held.let_go()
    assert held.most == size


async def test_past_the_queue_a_query_is_refused_at_once_and_those_in_it_are_answered(
    client: Client, small: Database, held: Held, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    await held.take(small.read, LIMITS.connections)
    await until(lambda: held.now == LIMITS.connections)
    waiting = [asyncio.create_task(ask(owner, QUEUE)) for _ in range(LIMITS.waiting)]
    await until(lambda: small.limiters["reading"].waiting == LIMITS.waiting)
    for _ in range(3):
        assert is_refused(await ask(owner, QUEUE))
    assert not any(one.done() for one in waiting)
    await held.let_go()
    assert [(await one).status_code for one in waiting] == [200] * LIMITS.waiting


async def test_of_256_at_a_time_on_two_connections_none_is_refused(
    database_url: str, parts: Parts, held: Held, given: World, schema
) -> None:
    """What waits is bounded by time: the queue is longer than a desk of many people."""
    usual = Database.open(database_url, Limits(connections=2, patience=timedelta(minutes=1)))
    shop = await given.merchant()
    await held.take(usual.read, 2)
    await until(lambda: held.now == 2)
    own = Parts(usual, parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(own, runs_clock=False, schema=schema)) as client:
        owner = client.as_(shop.owner.token)
        asked = [asyncio.create_task(ask(owner, QUEUE)) for _ in range(256)]
        await until(lambda: usual.limiters["reading"].waiting == 256)
        await held.let_go()
        assert {(await one).status_code for one in asked} == {200}
    assert usual.limiters["reading"].refused.total() == 0
    await usual.close()


async def test_past_the_queue_a_mutation_is_refused_and_nothing_is_written(
    client: Client, small: Database, held: Held, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    size = 1 if small.is_sqlite else LIMITS.connections
    await held.take(small.write, size + LIMITS.waiting)
    await until(lambda: small.limiters["writing"].waiting == LIMITS.waiting)
    note = (
        """mutation($id: ID!) { addNote(input: {id: $id, text: "催促"}) { refusals { code } } }"""
    )
    assert is_refused(await ask(client.as_(shop.owner.token), note, id=order.id))
    await held.let_go()
    assert (await given.row(order)).version == 1


async def test_whoever_waits_too_long_is_refused(
    database_url: str, parts: Parts, held: Held, given: World, schema
) -> None:
    impatient = Database.open(database_url, Limits(connections=1, patience=timedelta(seconds=0.1)))
    own = Parts(impatient, parts.keys, parts.pictures, parts.clock)
    shop = await given.merchant()
    await held.take(impatient.read, 1)
    await until(lambda: held.now == 1)
    async with Client.of(create_app(own, runs_clock=False, schema=schema)) as client:
        assert is_refused(await ask(client.as_(shop.owner.token), QUEUE))
    await held.let_go()
    await impatient.close()


async def test_a_request_that_takes_too_long_is_refused(
    small: Database, parts: Parts, held: Held, given: World, schema
) -> None:
    at_once = timedelta(seconds=0.1)
    own = Parts(small, parts.keys, parts.pictures, parts.clock, request_timeout=at_once)
    shop = await given.merchant()
    await held.take(small.read, LIMITS.connections)
    await until(lambda: held.now == LIMITS.connections)
    async with Client.of(create_app(own, runs_clock=False, schema=schema)) as client:
        assert is_refused(await ask(client.as_(shop.owner.token), QUEUE))
    assert small.limiters["reading"].waiting == 0  # it has left the queue, too


async def test_past_so_many_requests_at_once_only_the_health_checks_are_answered() -> None:
    done = asyncio.Event()
    entered: list[Scope] = []

    async def slow(scope: Scope, _receive: Receive) -> Response:
        entered.append(scope)
        await done.wait()
        return Response()

    async def health(_scope: Scope, _receive: Receive) -> Response:
        return Response()

    app = Application(
        [Route("/slow", slow), Route("/healthz", health)], limits=RequestLimits(max_concurrent=2)
    )
    async with Client.of(app) as client:
        running = [asyncio.create_task(client.http.get("/slow")) for _ in range(2)]
        await until(lambda: len(entered) == len(running))
        assert is_refused(await client.http.get("/slow"))
        assert (await client.http.get("/healthz")).status_code == 200
        done.set()
        assert [(await one).status_code for one in running] == [200, 200]
        assert (await client.http.get("/slow")).status_code == 200


async def sign_in(client: Client, given: World) -> None:
    shop = await given.merchant("另一家")
    payload = await client.ask(SIGN_IN, login=shop.owner.login, password=PASSWORD)
    assert payload["refusals"] == []
    signed_in = client.as_(payload["accessToken"])
    assert (await signed_in.ask("{ viewer { name } }"))["name"]


async def is_healthy(client: Client, _given: World) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await client.http.get(path)).status_code == 200


async def decide(client: Client, given: World) -> None:
    shop = await given.merchant("另一家")
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    assert await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": {}}) == []


@pytest.mark.parametrize("what", [sign_in, is_healthy, decide])
async def test_slow_queries_starve_neither_sign_in_nor_health_nor_decisions(
    client: Client,
    small: Database,
    given: World,
    what: Callable[[Client, World], Awaitable[None]],
) -> None:
    """Real statements that would never end have every reading connection, and more wait."""
    endless = sa.text(ENDLESS[small.reading.dialect.name])

    async def dawdle() -> None:
        async with small.read() as connection:
            await connection.execute(endless)

    slow = [asyncio.create_task(dawdle()) for _ in range(LIMITS.connections + LIMITS.waiting)]
    await until(lambda: small.limiters["reading"].waiting == LIMITS.waiting)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await what(client, given)
        assert not any(one.done() for one in slow)
    finally:
        for one in slow:
            one.cancel()
        await asyncio.wait(slow)


@pytest.mark.parametrize("way", ["read", "write", "vital"])
async def test_the_server_itself_bounds_what_nobody_waits_for_any_more(
    small: Database, way: str
) -> None:
    """A process that was killed cannot stop its statements; SQLite's end with the process."""
    if small.is_sqlite:
        pytest.skip("SQLite has no server")
    opens: dict[str, Opens] = {
        "read": small.read,
        "write": small.write,
        "vital": lambda: small.read(vital=True),
    }
    expected = f"{(LIMITS.transaction + SERVER_GRACE) // timedelta(seconds=1)}s"
    async with opens[way]() as connection:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert (await connection.execute(sa.text(f"SHOW {name}"))).scalar_one() == expected


async def test_the_server_stops_a_statement_whose_process_does_not(database_url: str) -> None:
    if file_of(database_url):
        pytest.skip("SQLite has no server")
    hasty = Database.open(database_url, Limits(transaction=timedelta(seconds=0.1)))
    async with asyncio.timeout(PATIENCE_S), hasty.reading.connect() as connection:
        with pytest.raises(DBAPIError, match="statement timeout"):  # past the lane's bound
            await connection.execute(sa.text(ENDLESS["postgresql"]))
    await hasty.close()


async def test_what_has_to_take_long_may(database_url: str) -> None:
    hasty = Database.open(database_url, Limits(transaction=timedelta(seconds=0.05)))
    async with hasty.write_unlimited() as connection:
        await asyncio.sleep(0.2)
        if not hasty.is_sqlite:
            found = await connection.execute(sa.text("SHOW statement_timeout"))
            assert found.scalar_one() == "0"
    await hasty.close()
