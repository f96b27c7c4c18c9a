"""Permits of a connection limiter: handed out in order, never lost, never more than its size."""

import asyncio
from datetime import timedelta

import pytest

from database.connection_limiter import ConnectionLimiter, Limits, Overloaded

pytestmark = pytest.mark.anyio

PATIENCE_S = 60


async def enqueue(limiter: ConnectionLimiter, count: int) -> list[asyncio.Task[None]]:
    """Tasks that wait for a permit of a limiter that has none left."""
    tasks = [asyncio.create_task(limiter.acquire(1)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_permits_are_handed_out_in_the_order_of_the_queue() -> None:
    limiter = ConnectionLimiter(1, Limits())
    await limiter.acquire(1)
    waiting = await enqueue(limiter, 3)
    for turn in range(3):
        limiter.release()
        await asyncio.wait_for(waiting[turn], PATIENCE_S)
        assert [task.done() for task in waiting] == [n <= turn for n in range(3)]
    assert limiter.waiting == 0


async def test_a_permit_for_a_cancelled_waiter_goes_to_the_next() -> None:
    limiter = ConnectionLimiter(1, Limits())
    await limiter.acquire(1)
    waiting = await enqueue(limiter, 2)
    limiter.release()
    waiting[0].cancel()  # before it sees that it has the permit
    await asyncio.wait_for(waiting[1], PATIENCE_S)
    assert waiting[0].cancelled()
    limiter.release()
    await asyncio.wait_for(limiter.acquire(1), PATIENCE_S)


async def test_a_waiter_that_times_out_takes_no_permit() -> None:
    limiter = ConnectionLimiter(1, Limits(patience=timedelta(seconds=0.1)))
    await limiter.acquire(1)
    with pytest.raises(Overloaded):
        await asyncio.wait_for(limiter.acquire(1), PATIENCE_S)
    limiter.release()
    await asyncio.wait_for(limiter.acquire(1), PATIENCE_S)
    with pytest.raises(Overloaded):
        await asyncio.wait_for(limiter.acquire(1), PATIENCE_S)
