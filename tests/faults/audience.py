"""Everybody who reads the log of a desk under faults."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx2

from database.database import Database
from domain.permissions import Permission
from tests.faults.log_verdict import LogVerdict, judge_log, unread
from tests.faults.readers import Readers, reading
from tests.faults.readings import Reading
from tests.faults.site import PATIENCE_S, Site, Team
from tests.given import World

SOCKETS: Final = 2
"""WebSockets for each merchant, mostly to different servers."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The readers of two merchants and of the platform."""

    readings: Sequence[Reading]

    async def caught_up(self, site: Site, database: Database) -> None:
        """Wait until all have read everything. What is missing then, the verdict tells."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while not site.ledger.bugs and await unread(database, self.readings):  # noqa: ASYNC110 - it happens elsewhere
                    await asyncio.sleep(0.2)

    async def judge(self, site: Site, database: Database) -> LogVerdict:
        return await judge_log(
            database,
            self.readings,
            written_beside={*site.ledger.due, *site.ledger.timers},
        )

    def told(self, verdict: LogVerdict) -> str:
        """The figures that are printed."""
        events = sum(len(reading.events) for reading in self.readings)
        resumed = sum(reading.resumed for reading in self.readings)
        return (
            f"{len(self.readings)} readers of the log were told {events} events, and resumed "
            f"{resumed} times; lost {len(verdict.lost)}, doubled {len(verdict.doubled)}, out of "
            f"order {len(verdict.disordered)}"
        )


@asynccontextmanager
async def listening(
    site: Site, given: World, teams: Sequence[Team], *, cuts: float
) -> AsyncIterator[Audience]:
    """Let them all read while the block runs."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        readers = Readers(http, site.ports, site.ledger, site.chance, cuts)
        async with reading(await _seated(readers, given, teams)):
            yield Audience(readers.readings)


async def _seated(
    readers: Readers, given: World, teams: Sequence[Team]
) -> "Sequence[asyncio.Task[None]]":
    platform = await given.platform(Permission.MERCHANT_READ)
    tasks = [readers.feed(platform, "the platform")]
    for number, team in enumerate(teams):
        connector = await given.connector(team.shop, [Permission.SERVICE_ORDER_READ])
        tasks.append(readers.feed(connector, f"merchant {number}"))
        tasks.append(readers.event_stream(team.reviewers[0], f"merchant {number}"))
        tasks += [
            readers.socket(reviewer, f"{reviewer.login}") for reviewer in team.reviewers[:SOCKETS]
        ]
    return tasks
