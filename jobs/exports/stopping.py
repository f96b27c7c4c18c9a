"""Waiting that ends when the process is told to stop."""

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final, TypeVar

T = TypeVar("T")

PATIENCE: Final = timedelta(seconds=3)
"""How long something that has begun may go on after the process was told to stop."""


class Stopped(Exception):
    """The process ends. Another one begins the export again."""


async def unless_stopped(stop: asyncio.Event, action: Coroutine[Any, Any, T]) -> T:
    """The result of an action that can take minutes. Raises Stopped."""
    running, stopping = asyncio.create_task(action), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await asyncio.wait({running}, timeout=PATIENCE.total_seconds())
        if not running.done():
            raise Stopped
        return running.result()
    finally:
        running.cancel()
        stopping.cancel()


async def pause(stop: asyncio.Event, longest: timedelta) -> None:
    """Wait until told to stop, or so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(longest.total_seconds()):
            await stop.wait()
