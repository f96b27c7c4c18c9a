"""A block that exceeds its deadline is cancelled, with the rules of ``asyncio.timeout``."""

import asyncio
from datetime import timedelta

import pytest

from database.deadlines import Deadlines

pytestmark = pytest.mark.anyio

SOON = timedelta(milliseconds=20)
LATE = timedelta(seconds=20)


async def test_a_block_past_its_deadline_raises_timeout_error() -> None:
    deadlines = Deadlines()
    with pytest.raises(TimeoutError), deadlines.within(SOON):
        await asyncio.sleep(10)
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # there is one


async def test_a_block_within_its_deadline_goes_on() -> None:
    deadlines = Deadlines()
    with deadlines.within(SOON):
        pass
    with deadlines.within(LATE):
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.1)


async def test_only_the_late_block_is_cancelled() -> None:
    deadlines = Deadlines()

    async def work(delay: timedelta) -> str:
        try:
            with deadlines.within(delay):
                await asyncio.sleep(0.3)
        except TimeoutError:
            return "stopped"
        return "done"

    outcomes = tuple(await asyncio.gather(work(SOON), work(LATE), work(SOON)))
    assert outcomes == ("stopped", "done", "stopped")


async def test_an_inner_deadline_cancels_the_inner_block_only() -> None:
    deadlines = Deadlines()
    with deadlines.within(LATE):
        with pytest.raises(TimeoutError), deadlines.within(SOON):
            await asyncio.sleep(10)
        await asyncio.sleep(0)  # goes on


async def test_a_cancellation_from_elsewhere_is_passed_on() -> None:
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


def test_deadlines_work_on_a_new_loop_after_another_was_closed() -> None:
    deadlines = Deadlines()

    async def late() -> None:
        with pytest.raises(TimeoutError), deadlines.within(SOON):
            await asyncio.sleep(10)

    for _ in range(2):
        asyncio.run(late())
