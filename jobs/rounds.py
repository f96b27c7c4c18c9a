"""Doing a piece of work again and again, whatever becomes of one round."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from database.availability import Unreachable
from database.backoff import Backoff
from database.connection_limiter import Overloaded

LONGEST: Final = timedelta(seconds=10)
"""The longest pause after failures, unless the ordinary one is longer."""


async def repeat(
    work: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
    *,
    every: timedelta,
    log: logging.Logger,
    failure: str,
) -> None:
    """Call ``work`` until told to stop, with a pause after each call.

    A call that fails is logged as ``failure``, and the next goes on, after pauses that grow with
    each failure in a row.
    """
    backoff = Backoff(LONGEST)
    while not stop.is_set():
        pause = every
        try:
            await work()
        except (Overloaded, Unreachable):
            pause = max(every, backoff.next_delay())  # an outage is already in the log
        except Exception:
            log.exception(failure)
            pause = max(every, backoff.next_delay())
        else:
            backoff.reset()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause.total_seconds())
