"""What several tests of service quality ask for."""

from collections.abc import Awaitable, Callable

import pytest

from jobs.quality.derive import derive
from jobs.sequencer import sequence
from models.clock import WallClock
from parts import Parts


@pytest.fixture
def count(parts: Parts) -> Callable[[], Awaitable[None]]:
    """Bring all figures up to date, as the jobs do within a second or two."""

    async def counted() -> None:
        while await sequence(parts.database, WallClock().now()):
            pass
        while await derive(parts.database):
            pass

    return counted
