"""One process or several: they serve alike, are replaced if they die, and stop in order."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from database.database import Database
from models import schema_version
from models.queries import calendar
from models.service_order import service_orders
from parts import Parts
from tests.client import Client
from tests.databases import Backend
from tests.given import OrderRef, World
from tests.ports import free_port
from tests.serving.process import PATIENCE_S, Command, eventually, is_alive

pytestmark = pytest.mark.anyio

QUERY = "{ viewer { name } }"


async def listens(command: Command) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", command.port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def refused(command: Command) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await listens(command):  # noqa: ASYNC110 - another process gives no event to wait for
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_the_command_line_says_holds_in_each_process_and_each_logs_alike(
    database_url: str, given: World, workers: int
) -> None:
    owner = (await given.merchant()).owner
    options = ("--port", "PORT", "--host", "127.0.0.1", "--workers", str(workers))
    # The setting names another port; the option is what counts.
    page = free_port()
    env = {"port": "1", "metrics_port": str(page)}
    async with Command.start("serve", *options, database_url=database_url, **env) as command:
        await command.ready(processes=workers)
        async with command.client() as client:
            answer = await client.as_(owner.token).ask(QUERY)
            metrics = (await client.http.get(f"http://127.0.0.1:{page}/metrics")).text
        assert answer["name"]
        assert f"\naftersales_processes {workers}.0\n" in metrics
        assert '\naftersales_requests_total{operation="viewer",outcome="ok"} 1.0\n' in metrics
        # In our format, from each process.
        await command.heard(" INFO aftersales.clock the clock runs", times=workers)


async def test_a_process_that_is_killed_is_replaced_and_the_others_serve_on(
    database_url: str, given: World
) -> None:
    owner = (await given.merchant()).owner
    options = ("--port", "PORT", "--workers", "2")
    async with Command.start(
        "serve", *options, database_url=database_url, clock="false"
    ) as command:
        await command.ready(processes=2)
        before = command.children()
        assert len(before) == 2
        victim, survivor = sorted(before)
        os.kill(victim, signal.SIGKILL)
        await eventually(lambda: not is_alive(victim))
        async with command.client() as client:
            for _ in range(20):
                assert (await client.as_(owner.token).ask(QUERY))["name"]
        await command.ready(processes=3)
        now = command.children()
        assert len(now) == 2
        assert survivor in now


async def test_processes_whose_parent_was_killed_end_and_leave_the_port(
    database_url: str, given: World
) -> None:
    options = ("--port", "PORT", "--workers", "2")
    async with Command.start(
        "serve", *options, database_url=database_url, clock="false"
    ) as command:
        await command.ready(processes=2)
        children = command.children()
        command.process.kill()
        await eventually(lambda: not any(map(is_alive, children)))
        assert not await listens(command)


async def test_of_two_processes_that_migrate_at_once_both_succeed(
    backend: Backend, tmp_path: Path
) -> None:
    url = await backend.fresh(tmp_path)
    database = Database.open(url)
    await schema_version.downgrade(database)
    async with (
        Command.start("migrate", database_url=url) as one,
        Command.start("migrate", database_url=url) as two,
    ):
        assert [await one.end(), await two.end()] == [0, 0], one.said + two.said
    assert await schema_version.is_current(database)
    await schema_version.compare(database)
    await database.close()
    await backend.release(url)


async def held(database: Database, order: OrderRef, *, done: asyncio.Event) -> None:
    """Keep the order from being written until it is said so, however long that takes."""
    async with database.write_unlimited() as connection:
        await connection.execute(
            sa.select(service_orders.c.id)
            .where(service_orders.c.merchant_id == order.merchant_id)
            .with_for_update()
        )
        await done.wait()


async def review(client: Client, order: OrderRef) -> list[dict[str, str]]:
    payload = await client.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    return payload["refusals"]


@pytest.mark.parametrize("workers", [1, 2])
async def test_told_to_stop_it_finishes_what_it_answers_and_takes_nothing_new(
    parts: Parts, database_url: str, given: World, workers: int
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    token = (await given.reviewer(shop)).token
    options = ("--port", "PORT", "--workers", str(workers))
    async with Command.start(
        "serve",
        *options,
        database_url=database_url,
        clock="false",
        log_level="debug",
        transaction_timeout="60",
        request_timeout="60",
    ) as command:
        await command.ready(processes=workers)
        done = asyncio.Event()
        holding = asyncio.create_task(held(parts.database, order, done=done))
        async with command.client() as client:
            asking = asyncio.create_task(review(client.as_(token), order))
            await command.waits_to_write(parts.database)
            assert not asking.done()
            command.stop()
            await refused(command)
            assert not asking.done()
            with pytest.raises(httpx2.ConnectError):
                await client.as_(token).ask(QUERY)
            done.set()
            assert await asking == []
        await holding
        assert await command.end() in (0, -signal.SIGTERM)
    assert (await given.row(order)).status == "AWAITING_SHIPMENT"


@pytest.mark.parametrize(
    ("command_line", "stopping"),
    [
        (("worker",), "told to stop"),
        (("serve", "--port", "PORT"), "Waiting for application shutdown"),
    ],
)
async def test_told_to_stop_the_clock_finishes_its_batch(
    parts: Parts, database_url: str, given: World, command_line: tuple[str, ...], stopping: str
) -> None:
    """The test holds what the clock needs in the middle of a batch."""
    past = given.now - timedelta(days=3650)
    order = await given.order(await given.merchant(), review_due_at=past, clock_due_at=past)
    async with Command.start(
        *command_line, database_url=database_url, log_level="debug"
    ) as command:
        async with (
            parts.database.write_unlimited() as connection
        ):  # it starts as slowly as it likes
            await calendar.lock_all(connection)
            await command.heard("orders are due")
            command.stop()
            await command.heard(stopping)
            assert command.runs
        assert await command.end() in (0, -signal.SIGTERM)
    assert (await given.row(order)).status == "AWAITING_SHIPMENT"
