"""The loop: how long it sleeps, that it outlives a failure, and that the server runs it."""

import asyncio
import contextlib
import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import create_app
from jobs.loop import SHORTEST_SLEEP, SPREAD, pause, run, tick
from parts import Parts
from tests.conftest import StoppedClock
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

PATIENCE_S = 60


async def status(given: World, order: OrderRef) -> str:
    return str((await given.row(order)).status)


async def test_a_tick_says_how_long_it_is_until_the_next_deadline(
    given: World, clock: StoppedClock
) -> None:
    database = given.parts.database
    assert await tick(database, clock.now()) is None
    order = await given.order(await given.merchant())
    assert await tick(database, clock.now()) == timedelta(hours=48)
    clock.pass_(timedelta(hours=48) - timedelta(milliseconds=1))
    assert await tick(database, clock.now()) == timedelta(milliseconds=1)
    assert await status(given, order) == "PENDING_REVIEW"
    clock.pass_(timedelta(milliseconds=1))
    # Then the customer has seven days to send the goods.
    assert await tick(database, clock.now()) == timedelta(days=7)
    assert await status(given, order) == "AWAITING_SHIPMENT"
    clock.pass_(timedelta(days=7))
    assert await tick(database, clock.now()) is None
    assert await status(given, order) == "CANCELLED"


@pytest.mark.parametrize(
    ("left", "shortest", "longest"),
    [
        (None, 60_000, 60_000),
        (timedelta(hours=1), 60_000, 60_000),
        (timedelta(seconds=60), 60_000, 60_000),
        (timedelta(seconds=59), 59_000, 59_050),
        (timedelta(milliseconds=400), 400, 450),
        (timedelta(), 10, 60),
        (timedelta(seconds=-5), 10, 60),
    ],
)
def test_the_sleep_is_until_the_deadline_spread_a_little_and_never_before_it(
    left: timedelta | None, shortest: int, longest: int
) -> None:
    assert (timedelta(milliseconds=10), timedelta(milliseconds=50)) == (SHORTEST_SLEEP, SPREAD)
    for _ in range(50):
        slept = pause(left, timedelta(minutes=1))
        assert timedelta(milliseconds=shortest) <= slept <= timedelta(milliseconds=longest)


async def test_after_a_tick_the_sleep_is_until_the_next_deadline(
    given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    await given.order(shop)
    clock.pass_(timedelta(milliseconds=300))
    await given.order(shop)
    clock.pass_(timedelta(hours=48) - timedelta(milliseconds=300))
    assert await tick(given.parts.database, clock.now()) == timedelta(milliseconds=300)


async def test_what_is_blocked_does_not_keep_the_loop_awake(
    given: World, clock: StoppedClock
) -> None:
    await given.order(await given.merchant(address=False))
    clock.pass_(timedelta(hours=49))
    for _ in range(2):
        assert await tick(given.parts.database, clock.now()) is None


async def until(given: World, order: OrderRef, expected: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await status(given, order) != expected:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)


async def test_the_loop_outlives_a_failed_round_and_then_catches_up(
    given: World, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    order = await given.order(await given.merchant())
    clock.pass_(timedelta(hours=48))
    database = given.parts.database

    async def rename(old: str, new: str) -> None:
        async with database.write() as connection:
            await connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename("return_address", "gone")
    with caplog.at_level(logging.ERROR, "aftersales.clock"):
        loop = asyncio.create_task(run(database, clock, asyncio.Event()))
        async with asyncio.timeout(PATIENCE_S):
            while "a round of the clock failed" not in caplog.text:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.01)
        assert not loop.done()
    await rename("gone", "return_address")
    await until(given, order, "AWAITING_SHIPMENT")
    loop.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await loop


@pytest.mark.parametrize("runs_clock", [True, False])
async def test_the_server_runs_the_clock_if_it_is_told_to(
    parts: Parts, given: World, clock: StoppedClock, schema, runs_clock: bool
) -> None:
    order = await given.order(await given.merchant())
    clock.pass_(timedelta(hours=48))
    app = create_app(parts, runs_clock=runs_clock, schema=schema)
    async with app.router.lifespan_context(app):
        if runs_clock:
            await until(given, order, "AWAITING_SHIPMENT")
        else:
            await asyncio.sleep(0.1)
            assert await status(given, order) == "PENDING_REVIEW"


async def test_two_loops_at_once_do_each_thing_once(given: World, clock: StoppedClock) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 20)
    clock.pass_(timedelta(hours=48))
    loops = [
        asyncio.create_task(run(given.parts.database, clock, asyncio.Event())) for _ in range(3)
    ]
    await until(given, orders[-1], "AWAITING_SHIPMENT")
    for loop in loops:
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop
    assert [len(await given.kinds(order)) for order in orders] == [2] * 20
