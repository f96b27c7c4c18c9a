"""Doing a piece of work again and again, whatever becomes of one round."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from database.availability import Unreachable
from database.connection_limiter import Overloaded


async def repeat(
    work: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
    *,
    every: timedelta,
    log: logging.Logger,
    failure: str,
) -> None:
    """Call ``work`` until told to stop, with a pause after each call.

    A call that fails is logged as ``failure``, and the next goes on.
    """
    while not stop.is_set():
        try:
            await work()
        except (Overloaded, Unreachable):
            pass  # the next round tries again, and an outage is already in the log
        except Exception:
            log.exception(failure)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every.total_seconds())
