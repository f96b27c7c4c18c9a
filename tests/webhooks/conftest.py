"""A shop, a receiver of its webhooks on this machine, and a worker that a test runs by hand."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app, dispatcher
from execution.stored_documents import StoredDocuments
from jobs.sequencer import sequence
from jobs.webhooks.dispatch import Dispatcher
from models.webhook import webhook_deliveries, webhook_endpoints
from outgoing.policy import Policy
from parts import Parts
from schema import ids
from schema.webhook_messages import SELECTED_FIELD
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, Shop, World
from tests.webhooks.ledger import Ledger


@dataclass(frozen=True)
class Endpoint:
    """An endpoint that a test created."""

    merchant_id: int
    id: str
    secret: str

    @property
    def key(self) -> int:
        return ids.key_of("WebhookEndpoint", self.id)[1]


@dataclass
class Desk:
    """A shop, its owner, and what sends its webhooks."""

    given: World
    shop: Shop
    client: Client
    clock: StoppedClock
    parts: Parts
    documents: StoredDocuments
    worker: Dispatcher

    async def endpoint(self, url: str, **values: Any) -> Endpoint:
        made = await self.client.do(
            "createWebhookEndpoint", "secret webhookEndpoint { id }", url=url, **values
        )
        assert made["refusals"] == [], made
        return Endpoint(self.shop.id, made["webhookEndpoint"]["id"], made["secret"])

    def other_worker(self) -> Dispatcher:
        """Another worker, as in another process."""
        return dispatcher(self.parts, self.documents, asyncio.Event())

    async def work(self, worker: Dispatcher | None = None) -> None:
        """Send everything that is due now."""
        worker = worker or self.worker
        while True:
            before = await self.attempts()
            await sequence(self.parts.database, self.clock.now())
            await worker.look()
            await worker.idle()
            if await self.attempts() == before:
                return

    async def attempts(self) -> tuple[int, int]:
        """The numbers of deliveries and of attempts to send them."""
        async with self.parts.database.read() as connection:
            rows = await connection.execute(
                sa.select(
                    sa.func.count(), sa.func.coalesce(sa.func.sum(webhook_deliveries.c.attempts), 0)
                )
            )
            [(count, attempts)] = rows.all()
            return count, attempts

    async def look(self) -> None:
        """Begin to send what is due now."""
        await sequence(self.parts.database, self.clock.now())
        await self.worker.look()

    async def later(self, time: timedelta) -> None:
        """Let the time pass, then send what is due."""
        self.clock.pass_(time)
        await self.work()

    async def later_probe(self, endpoint: Endpoint) -> None:
        """Let the time pass until the endpoint is due, then send what is due."""
        due_at = (await self.row(endpoint)).due_at
        await self.later(max(due_at - self.clock.now(), timedelta()))

    async def later_days(self, days: float) -> None:
        """Let days pass, and send whenever something is due."""
        end = self.clock.now() + timedelta(days=days)
        await self.work()
        while (due_at := await self._next_due()) is not None and due_at <= end:
            await self.later(max(due_at - self.clock.now(), timedelta(milliseconds=1)))
        self.clock.pass_(max(end - self.clock.now(), timedelta()))

    async def _next_due(self) -> datetime | None:
        async with self.parts.database.read() as connection:
            times = await connection.execute(
                sa.select(sa.func.min(webhook_endpoints.c.due_at)).where(
                    webhook_endpoints.c.disabled_at.is_(None)
                )
            )
            at: datetime | None = times.scalar_one()
            return at

    async def set(self, endpoint: Endpoint, **values: Any) -> None:
        """Set columns of an endpoint."""
        async with self.parts.database.write() as connection:
            await connection.execute(
                sa.update(webhook_endpoints)
                .where(webhook_endpoints.c.id == endpoint.key)
                .values(**values)
            )

    async def row(self, endpoint: Endpoint) -> Any:
        async with self.parts.database.read() as connection:
            query = sa.select(webhook_endpoints).where(webhook_endpoints.c.id == endpoint.key)
            return (await connection.execute(query)).one()

    async def deliveries(self, endpoint: Endpoint) -> list[Any]:
        """The rows of the deliveries to an endpoint, oldest first."""
        deliveries = webhook_deliveries
        async with self.parts.database.read() as connection:
            query = (
                sa.select(deliveries)
                .where(deliveries.c.endpoint_id == endpoint.key)
                .order_by(deliveries.c.id)
            )
            return list(await connection.execute(query))

    async def statuses(self, endpoint: Endpoint) -> list[str]:
        return [str(row.status) for row in await self.deliveries(endpoint)]

    async def note(self, order: OrderRef, text: str = "备注") -> None:
        """An event of the order."""
        assert await self.client.codes("addNote", id=order.id, text=text) == []

    async def order(self) -> OrderRef:
        return await self.given.order(self.shop)


@pytest.fixture
async def desk(parts: Parts, schema: Any, given: World, clock: StoppedClock) -> AsyncIterator[Desk]:
    open_parts = replace(parts, outgoing_policy=Policy(inside=True))
    documents = StoredDocuments(schema, SELECTED_FIELD)
    shop = await given.merchant()
    worker = dispatcher(open_parts, documents, asyncio.Event())
    app = create_app(open_parts, runs_clock=False, schema=schema)
    async with Client.of(app) as client:
        owner = client.as_(shop.owner.token)
        yield Desk(given, shop, owner, clock, open_parts, documents, worker)


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with Ledger.open() as ledger:
        yield ledger
