"""Bringing figures up to date, as the jobs do within a second or two."""

from jobs.quality.derive import derive
from jobs.sequencer import sequence
from models.clock import WallClock
from parts import Parts


async def counting(parts: Parts) -> None:
    """Place all events and derive all cases."""
    while await sequence(parts.database, WallClock().now()):
        pass
    while await derive(parts.database):
        pass
