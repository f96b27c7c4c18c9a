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
from tests.faults.readings import Inbox, Reading
from tests.faults.receivers import SELECTION, Receivers, end_holds, retry_now, stays_held, unsent
from tests.faults.site import PATIENCE_S, Site, Team
from tests.given import World

SOCKETS: Final = 2
"""WebSockets for each merchant, mostly to different servers."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The readers of two merchants and of the platform, and the receivers of webhooks."""

    readings: Sequence[Reading]
    receivers: Receivers

    @property
    def inboxes(self) -> Sequence[Inbox]:
        return list(self.receivers.inboxes.values())

    async def caught_up(self, site: Site, database: Database) -> None:
        """Wait until all have read everything. What is missing then, the verdict tells."""
        if await stays_held(database):
            await self.let_holds_end(site, database, left=1)  # starting takes long
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while not site.ledger.bugs and await self._waits(database):
                    await retry_now(database)
                    await asyncio.sleep(0.2)

    async def _waits(self, database: Database) -> bool:
        return await unread(database, self.readings) or await unsent(database)

    async def let_holds_end(self, site: Site, database: Database, *, left: int) -> None:
        """Kill all that send webhooks, so that nobody has a hold; some start again."""
        for number, service in enumerate(site.dispatchers):
            service.kill(for_good=number >= left)
        await end_holds(database)

    async def judge(self, site: Site, database: Database) -> LogVerdict:
        beside = {*site.ledger.due, *site.ledger.timers}
        return await judge_log(database, self.readings, self.inboxes, written_beside=beside)

    def told(self, verdict: LogVerdict) -> str:
        """The figures that are printed."""
        events = sum(len(reading.events) for reading in self.readings)
        resumed = sum(reading.resumed for reading in self.readings)
        messages = sum(len(inbox.messages) for inbox in self.inboxes)
        return (
            f"{len(self.readings)} readers of the log were told {events} events, and resumed "
            f"{resumed} times; {len(self.inboxes)} receivers of webhooks got {messages} messages, "
            f"{verdict.repeated} of them again; lost {len(verdict.lost)}, doubled "
            f"{len(verdict.doubled)}, out of order {len(verdict.disordered)}"
        )


@asynccontextmanager
async def listening(
    site: Site, given: World, teams: Sequence[Team], *, cuts: float, webhooks: bool
) -> AsyncIterator[Audience]:
    """Let them all read while the block runs, with receivers of ``webhooks`` or without."""
    async with (
        httpx2.AsyncClient(trust_env=False) as http,
        Receivers.open(site.chance) as receivers,
    ):
        readers = Readers(http, site.ports, site.ledger, site.chance, cuts)
        if webhooks:
            await _subscribe(receivers, site, given, teams)
        async with reading(await _seated(readers, given, teams)):
            yield Audience(readers.readings, receivers)


async def _subscribe(receivers: Receivers, site: Site, given: World, teams: Sequence[Team]) -> None:
    """Create an endpoint of thin messages, and one of messages that are read when they are sent."""
    database, port = given.parts.database, site.ports[0]
    thin, selected = teams
    scopes = [Permission.SERVICE_ORDER_READ]
    await receivers.add(database, thin, port)
    await receivers.add(database, selected, port, selection=SELECTION, scopes=scopes)


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
