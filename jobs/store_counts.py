"""Storing the counts of failed sign-ins and of uses of connectors, in batches, beside requests."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Final

from auth.attempts import Attempts
from auth.authenticator import Authenticator
from database.availability import Unreachable
from database.connection_limiter import Overloaded

EVERY: Final = timedelta(seconds=1)
"""How long a failed sign-in counts in its own process alone."""

_log = logging.getLogger("aftersales.sign_in")


async def keep_storing(
    attempts: Attempts, authenticator: Authenticator, stop: asyncio.Event
) -> None:
    """Store until told to stop, and then once more."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY.total_seconds())
        try:
            await attempts.store()
            await authenticator.store_uses()
        except (Overloaded, Unreachable):
            _log.debug("failed sign-ins are not stored yet")  # the next round tries again
        except Exception:  # noqa: BLE001 - it goes on after any error of one round
            _log.exception("could not store failed sign-ins")
