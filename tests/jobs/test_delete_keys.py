"""Old keys are deleted, young ones never, and a deadline does not wait for it."""

import asyncio
import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from jobs import delete_keys as sweep
from jobs.delete_keys import BATCH, delete_expired
from jobs.loop import run
from models.idempotency import KEEP, IdempotencyKey, idempotency_keys
from tests.conftest import StoppedClock
from tests.desk.test_idempotency import count
from tests.given import World
from tests.house.test_statements import counting

pytestmark = pytest.mark.anyio

PATIENCE_S = 60


async def remember(given: World, many: int, age: timedelta, prefix: str = "key") -> None:
    shop = await given.merchant()
    rows = [
        IdempotencyKey(
            merchant_id=shop.id,
            actor="EMPLOYEE 1",
            key=f"{prefix}-{at}",
            request_hash="-",
            created_at=given.now - age,
        ).model_dump()
        for at in range(many)
    ]
    async with given.parts.database.write() as connection:
        await connection.execute(sa.insert(idempotency_keys), rows)


@pytest.mark.parametrize(
    ("age", "gone"),
    [
        (timedelta(), 0),
        (timedelta(hours=24, microseconds=-1), 0),
        (timedelta(hours=24), 3),
        (timedelta(days=30), 3),
    ],
)
async def test_keys_are_forgotten_at_twenty_four_hours_and_not_before(
    given: World, age: timedelta, gone: int
) -> None:
    await remember(given, 3, age)
    assert await delete_expired(given.parts.database, given.now) == gone
    assert await count(given, idempotency_keys) == 3 - gone


async def test_a_transaction_deletes_a_batch_and_no_more(given: World) -> None:
    await remember(given, 2 * BATCH + 1, KEEP)
    await remember(given, 2, timedelta(hours=1), "young")
    database = given.parts.database
    with counting(database.writing) as statements:
        assert await delete_expired(database, given.now) == 2 * BATCH + 1
    assert len(statements) == 6  # a look and a delete for each
    assert await count(given, idempotency_keys) == 2
    with counting(database.writing) as statements:
        assert await delete_expired(database, given.now) == 0
    assert len(statements) == 1


async def test_several_at_once_delete_each_key_once(given: World) -> None:
    await remember(given, 3 * BATCH, KEEP)
    database = given.parts.database
    assert sum(await asyncio.gather(*(delete_expired(database, given.now) for _ in range(4)))) == (
        3 * BATCH
    )
    assert await count(given, idempotency_keys) == 0


async def test_one_that_is_told_to_stop_leaves_the_rest(given: World) -> None:
    await remember(given, 3, KEEP)
    stop = asyncio.Event()
    stop.set()
    assert await delete_expired(given.parts.database, given.now, stop) == 0
    assert await count(given, idempotency_keys) == 3


async def test_the_loop_deletes_keys_and_ends_when_it_is_told_to(
    given: World, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    await remember(given, 3, KEEP)
    stop = asyncio.Event()
    with caplog.at_level(logging.INFO, "aftersales.clock"):
        loop = asyncio.create_task(run(given.parts.database, clock, stop))
        async with asyncio.timeout(PATIENCE_S):
            while await count(given, idempotency_keys):  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.01)
            stop.set()
            await loop
    assert "deleted 3 idempotency keys" in caplog.text


async def test_a_round_that_fails_is_logged_and_the_next_one_goes_on(
    given: World,
    clock: StoppedClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await remember(given, 3, KEEP)
    database, stop = given.parts.database, asyncio.Event()
    monkeypatch.setattr(sweep, "PAUSE", timedelta(milliseconds=10))

    async def rename(old: str, new: str) -> None:
        async with database.write() as connection:
            await connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename("idempotency_key", "gone")
    loop = asyncio.create_task(sweep.keep_deleting(database, clock, stop))
    async with asyncio.timeout(PATIENCE_S):
        while "could not delete" not in caplog.text:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.01)
        await rename("gone", "idempotency_key")
        while await count(given, idempotency_keys):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.01)
        stop.set()
        await loop
