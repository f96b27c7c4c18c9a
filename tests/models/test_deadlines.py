"""A block that takes too long is cancelled, by the rules of ``asyncio.timeout``."""

import asyncio
from datetime import timedelta

import pytest

from database.deadlines import Deadlines

pytestmark = pytest.mark.anyio

SOON = timedelta(milliseconds=20)
LATE = timedelta(seconds=20)


async def test_what_takes_too_long_is_stopped_and_said_to_have() -> None:
    deadlines = Deadlines()
    with pytest.raises(TimeoutError), deadlines.within(SOON):
        await asyncio.sleep(10)
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # there is one


async def test_what_is_in_time_is_left_alone() -> None:
    deadlines = Deadlines()
    with deadlines.within(SOON):
        pass
    with deadlines.within(LATE):
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.1)


async def test_only_the_block_that_is_late_is_stopped() -> None:
    deadlines = Deadlines()

    async def work(longest: timedelta) -> str:
        try:
            with deadlines.within(longest):
                await asyncio.sleep(0.3)
        except TimeoutError:
            return "stopped"
        return "done"

    said = tuple(await asyncio.gather(work(SOON), work(LATE), work(SOON)))
    assert said == ("stopped", "done", "stopped")


async def test_the_inner_deadline_is_the_inner_blocks() -> None:
    deadlines = Deadlines()
    with deadlines.within(LATE):
        with pytest.raises(TimeoutError), deadlines.within(SOON):
            await asyncio.sleep(10)
        await asyncio.sleep(0)  # goes on


async def test_what_somebody_else_cancels_stays_cancelled() -> None:
    deadlines = Deadlines()

    async def work() -> None:
        with deadlines.within(LATE):
            await asyncio.sleep(10)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_block_is_not_hidden() -> None:
    deadlines = Deadlines()
    with pytest.raises(ValueError, match="mine"), deadlines.within(LATE):
        raise ValueError("mine")


def test_a_loop_that_is_gone_takes_nothing_with_it() -> None:
    deadlines = Deadlines()

    async def late() -> None:
        with pytest.raises(TimeoutError), deadlines.within(SOON):
            await asyncio.sleep(10)

    for _ in range(2):
        asyncio.run(late())
