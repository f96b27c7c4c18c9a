"""A server starts although the database does not answer yet."""

from dataclasses import replace
from typing import Any

import pytest

from app import create_app
from database.availability import Unreachable
from database.connection_limiter import Overloaded, TooSlow
from database.database import Database
from parts import Parts
from tests.conftest import StoppedClock

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]


class Unmeasured(StoppedClock):
    """A clock that cannot ask the database for its time."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def measure(self, database: Database) -> None:  # noqa: ARG002 - it gets no answer
        raise self.error


@pytest.mark.parametrize(
    "error",
    [Unreachable("it restarts"), Overloaded(), TooSlow()],
    ids=lambda one: type(one).__name__,
)
async def test_a_server_starts_although_it_cannot_measure_the_time(
    parts: Parts, schema: Any, error: Exception
) -> None:
    unmeasured = replace(parts, clock=Unmeasured(error))
    app = create_app(unmeasured, runs_clock=False, schema=schema)
    async with app.router.lifespan_context(app):
        pass
