"""Counts of failed sign-ins are stored beside the requests, while a server runs and as it stops."""

import asyncio

import pytest
import sqlalchemy as sa

from app import create_app
from models.accounts import throttles
from tests.given import World
from tests.sign_in.signing import at, code

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]


async def stored(given: World) -> int:
    async with given.parts.database.read() as connection:
        return await connection.scalar(sa.select(sa.func.sum(throttles.c.failures))) or 0


async def test_a_server_stores_failures_while_it_runs_and_as_it_stops(given: World, schema) -> None:
    app = create_app(given.parts, runs_clock=False, schema=schema)
    async with app.router.lifespan_context(app), at(app, "192.0.2.1") as client:
        assert await code(client, "nobody", "wrong-password") == "INVALID_CREDENTIALS"
        async with asyncio.timeout(30):
            # Each failure counts for the login there, for the place and for the login.
            while await stored(given) < 3:  # noqa: ASYNC110 - another connection writes it
                await asyncio.sleep(0.05)
        assert await code(client, "nobody", "wrong-password") == "INVALID_CREDENTIALS"
    assert await stored(given) == 6
