"""Receivers of webhooks, which fail on purpose and keep what they were sent."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from database.database import Database
from domain.webhooks import DeliveryStatus
from jobs.webhooks.turn import LEASE
from models.feed import feed_heads
from models.webhook import webhook_deliveries, webhook_endpoints
from schema import ids
from tests.faults.readings import Inbox, Message, event_key
from tests.faults.site import Team
from tests.faults.wire import ask
from tests.webhooks import ledger
from tests.webhooks.receiver import answer_of

CREATE: Final = """mutation($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) { webhookEndpoint { id } refusals { code } } }"""
SELECTION: Final = "query($id: ID!) { serviceOrder(id: $id) { number status version } }"
FAULTS: Final = 0.06
"""Of a hundred messages so many are not accepted at once, or late; all are when they come again."""
SLOW_S: Final = 0.5
BROKEN: Final = b"HTTP/1.1 200 "


@dataclass(slots=True)
class Receivers:
    """A server with an address for each endpoint."""

    chance: random.Random
    server: ledger.Ledger
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    """By the path of the address."""

    @classmethod
    @asynccontextmanager
    async def open(cls, chance: random.Random) -> AsyncIterator["Receivers"]:
        async with ledger.Ledger.open() as server:
            receivers = cls(chance, server)
            server.answer = receivers._answer
            yield receivers

    async def add(self, database: Database, team: Team, port: int, **values: object) -> None:
        """Create an endpoint of the merchant that receives its messages here."""
        path = f"/{len(self.inboxes)}"
        inbox = self.inboxes[path] = Inbox(f"the receiver of {team.shop.id}", team.shop.id)
        said = {"url": self.server.url(path), **values}
        answer = await ask(
            port, {"query": CREATE, "variables": {"input": said}}, team.shop.owner.token
        )
        made = answer.body["data"]["createWebhookEndpoint"]
        _, id_ = ids.key_of("WebhookEndpoint", made["webhookEndpoint"]["id"])
        inbox.after = await _start_of(database, team.shop.id, id_)

    async def _answer(self, message: ledger.Message) -> bytes:
        messages = self.inboxes[message.path].messages
        is_new = all(other.id != message.id for other in messages)
        fault = self.chance.random() / FAULTS if is_new else 1
        accepted = fault >= 2 / 3
        messages.append(Message(message.id, event_key(*message.place), accepted))
        if fault < 1 / 3:
            return answer_of(500)
        if fault < 2 / 3:
            return BROKEN  # and the connection is closed
        if fault < 1:
            await asyncio.sleep(SLOW_S)
        return ledger.OK


async def _start_of(database: Database, merchant_id: int, id_: int) -> int:
    """Where an endpoint began that is sent all events: it may have got some of them by now."""
    endpoints, deliveries = webhook_endpoints.c, webhook_deliveries.c
    first = sa.select(sa.func.min(deliveries.position) - 1).where(
        deliveries.merchant_id == merchant_id, deliveries.endpoint_id == id_
    )
    start = sa.select(sa.func.coalesce(first.scalar_subquery(), endpoints.position)).where(
        endpoints.merchant_id == merchant_id, endpoints.id == id_
    )
    async with database.read() as connection:
        return (await connection.execute(start)).scalar_one()


async def unsent(database: Database) -> bool:
    """Whether an endpoint has not got everything."""
    endpoints, heads = webhook_endpoints.c, feed_heads.c
    behind = (
        sa.select(endpoints.id)
        .join(feed_heads, heads.merchant_id == endpoints.merchant_id)
        .where(endpoints.position < heads.position)
    )
    pending = sa.select(webhook_deliveries.c.id).where(
        webhook_deliveries.c.status == DeliveryStatus.PENDING
    )
    async with database.read() as connection:
        either = sa.select(sa.or_(sa.exists(behind), sa.exists(pending)))
        return bool((await connection.execute(either)).scalar_one())


async def retry_now(database: Database) -> None:
    """Let all retries be due, as they would be later."""
    now = datetime.now(UTC)
    deliveries, endpoints = webhook_deliveries.c, webhook_endpoints.c
    async with database.write() as connection:
        await connection.execute(
            sa.update(webhook_endpoints).where(endpoints.due_at > now).values(due_at=now)
        )
        await connection.execute(
            sa.update(webhook_deliveries)
            .where(deliveries.status == DeliveryStatus.PENDING, deliveries.next_attempt_at > now)
            .values(next_attempt_at=now)
        )


async def stays_held(database: Database) -> bool:
    """Whether a worker has held an endpoint all the while for a second, dead or busy."""
    endpoints = webhook_endpoints.c
    for _ in range(10):
        async with database.read() as connection:
            held = sa.select(endpoints.id).where(endpoints.leased_until > datetime.now(UTC))
            if not (await connection.execute(held)).first():
                return False
        await asyncio.sleep(0.1)
    return True


async def end_holds(database: Database) -> None:
    """Let holds run out that began before now. No process may run that has one."""
    now = datetime.now(UTC)
    leased_until = webhook_endpoints.c.leased_until
    async with database.write() as connection:
        await connection.execute(
            sa.update(webhook_endpoints).where(leased_until <= now + LEASE).values(leased_until=now)
        )
