"""What goes wrong on purpose: processes killed, the database restarted, connections cut."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.faults.postgres import Postgres
from tests.faults.processes import Service

EVERY_S = 1.0
BACKENDS = (
    "SELECT pid FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 2"
)


@dataclass(slots=True)
class Struck:
    """How often."""

    kills: int = 0
    restarts: int = 0
    cuts: int = 0


async def kill_in_turn(services: Sequence[Service], chance: random.Random, struck: Struck) -> None:
    """``kill -9`` of a random process."""
    while not chance.choice(services).kill():  # noqa: ASYNC110 - it happens elsewhere
        await asyncio.sleep(0.05)
    struck.kills += 1


async def strike(
    services: Sequence[Service],
    server: Postgres,
    database_url: str,
    chance: random.Random,
    *,
    kills: int,
    restarts: int,
) -> Struck:
    """A process each second; the database spread over the time; and connections in between."""
    struck = Struck()
    moments = {kills * (at + 1) // (restarts + 1) for at in range(restarts)}
    for second in range(kills):
        await asyncio.sleep(EVERY_S)
        await kill_in_turn(services, chance, struck)
        if second in moments:
            await asyncio.to_thread(server.restart)
            struck.restarts += 1
        else:
            struck.cuts += await _cut_connections(database_url)
    return struck


async def _cut_connections(database_url: str) -> int:
    """End two of the connections that the servers and the workers have."""
    engine = create_async_engine(database_url, poolclass=NullPool)
    cut = 0
    # The database may be just coming back: then there is nothing to cut.
    with contextlib.suppress(DBAPIError, OSError):
        async with engine.connect() as connection:
            for pid in (await connection.execute(sa.text(BACKENDS))).scalars().all():
                await connection.execute(sa.select(sa.func.pg_terminate_backend(pid)))
                cut += 1
    await engine.dispose()
    return cut
