"""Bringing figures up to date, as the jobs do within a second or two."""

from database.database import Database
from jobs.quality.derive import derive
from jobs.sequencer import sequence
from models.clock import WallClock


async def counting(database: Database) -> None:
    """Place all events and derive all cases."""
    while await sequence(database, WallClock().now()):
        pass
    while await derive(database):
        pass
