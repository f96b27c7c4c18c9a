"""What a client, the clock and the commands see while PostgreSQL is away, and when it is back."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable, retry_until_available
from database.backoff import RETRY
from database.database import Database
from jobs import loop
from models.schema_version import is_current
from models.service_order import service_orders
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock
from tests.databases import Server
from tests.faults.postgres import Postgres, postgres
from tests.faults.processes import Service
from tests.given import OrderRef, World
from tests.ports import free_port

pytestmark = pytest.mark.anyio

PATIENCE_S = 60
READING = "{ serviceOrders { nodes { id } } }"
REJECT = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}
TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as opened:
        yield opened


@pytest.fixture(scope="module")
async def databases(server: Postgres, anyio_backend: str) -> AsyncIterator[Server]:
    opened = await Server.open(server.url, "aftersales_away")
    yield opened
    await opened.close()


@pytest.fixture
async def database_url(databases: Server, tmp_path: Path) -> AsyncIterator[str]:
    """On that server alone, whatever the other tests run on."""
    url = await databases.fresh(tmp_path)
    yield url
    await databases.release(url)


@pytest.fixture
def stopped(server: Postgres, given: World) -> Iterator[Postgres]:
    """A server to take down; it is back when the test ends."""
    yield server
    server.start()


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """Connections that are not the server's."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


async def until(given: World, order: OrderRef, expected: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await given.row(order)).status != expected:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)


async def waits(connection: AsyncConnection) -> int | None:
    """A backend that waits for a lock."""
    # Within a transaction the statistics stand still, unless they are told not to.
    await connection.execute(sa.select(sa.func.pg_stat_clear_snapshot()))
    found = await connection.execute(
        sa.text("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    )
    return found.scalars().first()


async def test_a_database_that_is_away_is_said_to_every_client_and_once_in_the_log(
    client: Client, given: World, stopped: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    order = await given.order(shop := await given.merchant())
    owner = client.as_(shop.owner.token)
    reviewing = (
        "mutation($input: ReviewServiceOrderInput!) "
        "{ reviewServiceOrder(input: $input) { refusals { code } } }"
    )
    asked = [
        {"query": READING},
        {"query": reviewing, "variables": {"input": {"id": order.id, "decision": REJECT}}},
    ]
    assert (await owner.post({"query": READING})).status_code == 200
    await asyncio.to_thread(stopped.stop)
    for body in asked * 2:
        answer = await owner.post(body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert [one["extensions"] for one in answer.json()["errors"]] == [
            {"code": "UNAVAILABLE", "retryAfter": 1.0}
        ]
    assert (await client.http.get("/healthz")).status_code == 200
    ready = await client.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "the database is away"})
    assert [one.levelno for one in caplog.records if one.name.startswith("aftersales")] == [
        logging.WARNING
    ]

    await asyncio.to_thread(stopped.start)
    assert (await client.http.get("/readyz")).status_code == 200
    assert (await owner.post({"query": READING})).status_code == 200
    assert await owner.codes("reviewServiceOrder", id=order.id, decision=REJECT) == []


async def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used(
    client: Client, given: World, elsewhere: Database
) -> None:
    orders = await given.application(shop := await given.merchant(), 4)
    owner = client.as_(shop.owner.token)
    for order in orders:
        async with elsewhere.write() as connection:
            await connection.execute(sa.text(TERMINATE))
        await asyncio.sleep(0.1)  # the news is on its way: until then it is a 503
        assert await owner.codes("reviewServiceOrder", id=order.id, decision=REJECT) in (
            [],
            ["UNAVAILABLE"],
        )
        await owner.ask(READING)


async def test_a_decision_whose_connection_is_cut_is_undone_and_can_be_repeated(
    client: Client, given: World, elsewhere: Database
) -> None:
    order = await given.order(shop := await given.merchant())
    owner = client.as_(shop.owner.token)
    async with elsewhere.write() as connection:
        await connection.execute(
            sa.select(service_orders.c.id).where(service_orders.c.id == order.key).with_for_update()
        )
        deciding = asyncio.create_task(
            owner.codes("reviewServiceOrder", id=order.id, decision=REJECT)
        )
        async with asyncio.timeout(PATIENCE_S):
            while (waiting := await waits(connection)) is None:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.02)
        await connection.execute(sa.select(sa.func.pg_terminate_backend(waiting)))
        assert await deciding == ["UNAVAILABLE"]
    assert len(await given.kinds(order)) == 1
    assert await owner.codes("reviewServiceOrder", id=order.id, decision=REJECT) == []


async def test_the_clock_outlives_a_restart_of_the_database(
    parts: Parts, given: World, clock: StoppedClock, stopped: Postgres
) -> None:
    shop = await given.merchant()
    before = await given.order(shop)
    clock.pass_(timedelta(hours=1))
    after = await given.order(shop)
    stop = asyncio.Event()
    clock.pass_(timedelta(hours=47))
    ticking = asyncio.create_task(loop.run(parts.database, clock, stop))
    await until(given, before, "AWAITING_SHIPMENT")
    await asyncio.to_thread(stopped.stop)
    clock.pass_(timedelta(hours=1))
    await asyncio.sleep(2 * RETRY.total_seconds())
    assert not ticking.done()
    await asyncio.to_thread(stopped.start)
    await until(given, after, "AWAITING_SHIPMENT")
    stop.set()
    await ticking


async def test_a_worker_that_is_started_before_its_database_waits_for_it(
    given: World, clock: StoppedClock, stopped: Postgres, database_url: str, tmp_path: Path
) -> None:
    clock.time = datetime.now(UTC) - timedelta(hours=48)  # the worker's clock is the real one
    order = await given.order(await given.merchant())
    await asyncio.to_thread(stopped.stop)
    settings = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)}
    worker = Service("worker", settings=settings, log=tmp_path / "worker.log")
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(PATIENCE_S):
        while "the database is away" not in worker.said:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)
    await asyncio.to_thread(stopped.start)
    await until(given, order, "AWAITING_SHIPMENT")
    assert worker.crashes == []
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


async def test_patience_with_a_database_that_never_answers_ends() -> None:
    port = free_port()
    nowhere = Database.open(f"postgresql+asyncpg://nobody@127.0.0.1:{port}/nothing")
    asked = 0

    async def ask() -> bool:
        nonlocal asked
        asked += 1
        return await is_current(nowhere)

    with pytest.raises(Unreachable):
        await retry_until_available(ask, 1.5 * Unreachable.retry_after)
    assert asked > 1
    await nowhere.close()
