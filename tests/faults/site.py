"""A desk under faults: its database, its processes, and the people who work at it."""

import asyncio
import base64
import contextlib
import random
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Final

import obstore.store
import sqlalchemy as sa

from auth.keys import Keys
from database.database import Database
from domain.actions import Action
from domain.clocks import CLOCKS, CONSEQUENCES, REVIEW_WINDOW
from domain.events import EVENTS
from domain.quality.metrics import VERSION
from domain.statuses import Status
from models.feed import feed_heads, outbox
from models.quality import quality_heads
from parts import Parts
from resolvers.pictures import Pictures
from tests.conftest import StoppedClock
from tests.faults.clients import Clients, Queue
from tests.faults.ledger import Ledger
from tests.faults.processes import Service
from tests.faults.verdict import undecided, unfired
from tests.faults.wire import is_ready
from tests.given import Person, Shop, World
from tests.ports import free_ports

KEY: Final = b"k" * 32
SHOPS: Final = 2
REVIEWERS: Final = 3
"""In each shop."""
WAITING: Final = {
    Status.AWAITING_FEEDBACK: Action.REQUEST_FEEDBACK,
    Status.AWAITING_SHIPMENT: Action.APPROVE,
    Status.AWAITING_CONFIRMATION: Action.RESEND,
}
"""The statuses in which an order waits for a customer, and the step that leads there."""
PATIENCE_S: Final = 240
"""How long anything may take to come right again, on however busy a machine."""


@dataclass(frozen=True, slots=True)
class Team:
    """Who works for one merchant, and on what."""

    shop: Shop
    storefront: Person
    reviewers: list[Person]
    queue: Queue = field(default_factory=Queue)


@dataclass(slots=True)
class Site:
    """Everything that a test of faults needs."""

    database_url: str
    folder: Path
    chance: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    services: list[Service] = field(default_factory=list)
    dispatchers: list[Service] = field(default_factory=list)
    """The services that send webhooks."""
    ports: list[int] = field(default_factory=list)
    clock: StoppedClock = field(default_factory=StoppedClock)
    settings: dict[str, str] = field(default_factory=dict)
    """What the processes are told in place of what they are told elsewhere."""

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        """Builds rows beside the servers, with the keys that they have."""
        keys, database = Keys(KEY), Database.open(self.database_url)
        store = obstore.store.LocalStore(str(self.folder / "pictures"), mkdir=True)
        pictures = Pictures(store, keys)
        try:
            yield World(Parts(database, keys, pictures, self.clock))
        finally:
            await pictures.close()
            await database.close()

    def add_servers(self, count: int, *, runs_clock: bool) -> None:
        for port in free_ports(count):
            server = self._add("serve", "--port", str(port), CLOCK=str(runs_clock))
            self.ports.append(port)
            if runs_clock:
                self.dispatchers.append(server)

    def add_workers(self, count: int) -> None:
        for _ in range(count):
            self.dispatchers.append(self._add("worker"))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All processes, started again whenever they end; none is left afterwards."""
        tasks = [asyncio.create_task(service.run()) for service in self.services]
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*(self._ready(port) for port in self.ports))
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def people(self, given: World) -> list[Team]:
        """Merchants, each with a storefront and reviewers."""
        found = []
        for at in range(SHOPS):
            shop = await given.merchant(f"商家{at}")
            names = [f"reviewer-{at}-{one}" for one in range(REVIEWERS)]
            reviewers = [
                await given.employee(shop, name=name, login=name, roles=["审核组"])
                for name in names
            ]
            found.append(Team(shop, await given.connector(shop), reviewers))
        return found

    async def fill(self, given: World, shop: Shop, queue: Queue, due: Sequence[datetime]) -> None:
        """Applications that wait since two days before they are due; people find half of them."""
        for at in due:
            self.clock.time = at - REVIEW_WINDOW
            refs = await given.application(shop, items=4)
            orders = [(ref.merchant_id, ref.key) for ref in refs]
            self.ledger.due |= dict.fromkeys(orders, at)
            if self.chance.random() < 0.5:
                queue.waiting.append(orders)
        self.clock.time = datetime.now(UTC)

    async def fill_timers(self, given: World, shop: Shop, due: Sequence[datetime]) -> None:
        """Orders that wait for a customer, in each of the statuses in turn, and are due then."""
        for at, (status, step) in zip(due, cycle(WAITING.items())):
            self.clock.time = at - CLOCKS[status].window
            # The clock, which runs already, leaves an order with a pending refund alone.
            for order in await given.application(shop, items=2, pending_refunds=1):
                await given.take(order, step, pending_refunds=0)
                kind = EVENTS[CONSEQUENCES[status]]
                self.ledger.timers[order.merchant_id, order.key] = (kind, at)
        self.clock.time = datetime.now(UTC)

    @asynccontextmanager
    async def working(self, teams: Sequence[Team], *, cuts: float) -> AsyncIterator[None]:
        """Clients at work. Afterwards each of them has got the answer to what it asked last."""
        clients = Clients(self.ports, self.ledger, self.chance, cuts)
        tasks = [
            asyncio.create_task(work)
            for team in teams
            for work in (
                clients.submit(team.storefront, team.queue),
                *(clients.review(one, team.queue) for one in team.reviewers),
            )
        ]
        try:
            yield
            clients.stop.set()
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def caught_up(self, database: Database) -> None:
        """Wait until the clock has done what is due. What it has not, the verdict tells."""
        now = datetime.now(UTC)
        due = [order for order, at in self.ledger.due.items() if at <= now]
        others = [order for order, (_, at) in self.ledger.timers.items() if at <= now]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while await undecided(database, due) or await unfired(database, others):  # noqa: ASYNC110 - it happens elsewhere
                    await asyncio.sleep(0.2)

    async def counted(self, database: Database) -> None:
        """Wait until the figures count every event."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while await uncounted(database):  # noqa: ASYNC110 - it happens elsewhere
                    await asyncio.sleep(0.2)

    async def examined(self) -> tuple[int, str]:
        """What ``aftersales doctor`` says, and its exit status."""
        doctor = self._service("doctor")
        ran = await asyncio.to_thread(
            subprocess.run, doctor.command, env=doctor.environment, capture_output=True, text=True
        )
        return ran.returncode, ran.stdout + ran.stderr

    def said(self) -> str:
        """What the processes wrote."""
        return "\n".join(f"-- {one.name}\n{one.said[-4000:]}" for one in self.services)

    async def _ready(self, port: int) -> None:
        while not await is_ready(port):  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.1)

    def _add(self, *command: str, **settings: str) -> Service:
        service = self._service(*command, **settings)
        self.services.append(service)
        return service

    def _service(self, *command: str, **settings: str) -> Service:
        common = {
            "DATABASE_URL": self.database_url,
            "DATABASE_CONNECTIONS": "4",  # many processes share the server's hundred
            "DATA_DIR": str(self.folder),
            "SIGNING_KEY": base64.b64encode(KEY).decode(),
            "LOG_LEVEL": "warning",
            "WEBHOOKS_INSIDE": "true",
        }
        log = self.folder / f"{len(self.services)}-{command[0]}.log"
        return Service(*command, settings={**common, **self.settings, **settings}, log=log)


async def uncounted(database: Database) -> Sequence[int]:
    """The merchants of which figures do not count every event: the doctor does not compare those.

    Only merchants that have an event are looked at.
    """
    head, of_feed = quality_heads.c, feed_heads.c
    behind = (
        sa.select(of_feed.merchant_id)
        .outerjoin(quality_heads, head.merchant_id == of_feed.merchant_id)
        .where(
            head.merchant_id.is_(None)
            | (head.position < of_feed.position)
            | head.rebuilt_to.is_not(None)
            | (head.version != VERSION)
        )
    )
    async with database.read() as connection:
        rows = await connection.execute(sa.union(behind, sa.select(outbox.c.merchant_id)))
        return rows.scalars().all()


def spread(begin: datetime, end: datetime, count: int) -> list[datetime]:
    """So many instants, evenly."""
    return [begin + (end - begin) * at / count for at in range(count)]
