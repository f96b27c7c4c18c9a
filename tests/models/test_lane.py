"""Places in a lane: given in order, lost by nobody, and never two at once."""

import asyncio
from datetime import timedelta

import pytest

from database.connection_limiter import ConnectionLimiter, Limits, Overloaded

pytestmark = pytest.mark.anyio

PATIENCE_S = 60


async def line_up(lane: ConnectionLimiter, count: int) -> list[asyncio.Task[None]]:
    """So many who wait for a place in a lane that is full."""
    found = [asyncio.create_task(lane.take_place(1)) for _ in range(count)]
    await asyncio.sleep(0)
    return found


async def test_who_waits_is_let_in_in_the_order_in_which_they_came() -> None:
    lane = ConnectionLimiter(1, Limits())
    await lane.take_place(1)
    waiting = await line_up(lane, 3)
    for at in range(3):
        lane.leave()
        await asyncio.wait_for(waiting[at], PATIENCE_S)
        assert [one.done() for one in waiting] == [n <= at for n in range(3)]
    assert lane.waiting == 0


async def test_a_place_that_is_given_to_who_is_gone_goes_to_the_next() -> None:
    lane = ConnectionLimiter(1, Limits())
    await lane.take_place(1)
    waiting = await line_up(lane, 2)
    lane.leave()
    waiting[0].cancel()  # before it knows that it has the place
    await asyncio.wait_for(waiting[1], PATIENCE_S)
    assert waiting[0].cancelled()
    lane.leave()
    await asyncio.wait_for(lane.take_place(1), PATIENCE_S)


async def test_who_loses_patience_takes_no_place() -> None:
    lane = ConnectionLimiter(1, Limits(patience=timedelta(seconds=0.1)))
    await lane.take_place(1)
    with pytest.raises(Overloaded):
        await asyncio.wait_for(lane.take_place(1), PATIENCE_S)
    lane.leave()
    await asyncio.wait_for(lane.take_place(1), PATIENCE_S)
    with pytest.raises(Overloaded):
        await asyncio.wait_for(lane.take_place(1), PATIENCE_S)
