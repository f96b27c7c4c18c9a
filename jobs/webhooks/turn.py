"""A turn: one worker holds one endpoint, sends what is due to it, and records what came of it.

While it holds the endpoint no other worker sends to it. So the deliveries of an order go one after
the other. A worker that dies lets its hold run out; another sends what was not recorded again, with
the same ``webhook-id``.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from auth.endpoint_viewer import find_viewer
from auth.keys import Keys
from auth.viewer import Viewer
from database.database import Database
from domain.outgoing import DeliveryFailure
from domain.webhooks import (
    NotNow,
    message_id,
)
from jobs.webhooks.outcome import Attempt, asked_pause
from jobs.webhooks.recording import record
from jobs.webhooks.slow import SlowEndpoints
from models.clock import Clock
from models.queries import deliveries
from models.queries.deliveries import EndpointKey
from models.webhook import Row
from outgoing.answer import Answer
from outgoing.http_client import HostBusy, HttpClient
from outgoing.rotation import Signer
from outgoing.target import BadUrl, Target
from watching.counts import JobCounts

Render = Callable[[Row, Row, Viewer], Awaitable[bytes]]
"""Makes the body of a message from the rows of its endpoint and delivery. Raises NotNow."""

LEASE: Final = timedelta(seconds=60)
"""How long a worker holds an endpoint. It must be longer than a turn can take."""

BATCH: Final = 32
"""Deliveries of a turn."""

LANES: Final = 8
"""Requests to an endpoint at the same time."""

MAX_REQUESTS: Final = 64
"""Requests of a process at the same time, but for those to endpoints that answer slowly."""

MAX_SLOW_REQUESTS: Final = 16
"""Requests of a process at the same time to endpoints that answer slowly."""

MAX_RENDERS: Final = 4
"""Messages that a process makes at the same time. They take connections from its requests."""

LONGEST_START: Final = timedelta(seconds=20)
"""After this long, a turn begins no other request."""

SUSPENDED_PAUSE: Final = timedelta(minutes=1)

log = logging.getLogger("aftersales.webhooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What all turns of a process share."""

    database: Database
    clock: Clock
    """The time of the desk, by which deliveries are due."""
    wall: Clock
    """The real time, which receivers compare with the signed one."""
    keys: Keys
    client: HttpClient
    render: Render
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_REQUESTS))
    slow_places: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_SLOW_REQUESTS)
    )
    renders: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_RENDERS))
    slow: SlowEndpoints = field(default_factory=SlowEndpoints)
    counts: JobCounts = field(default_factory=JobCounts)

    async def take_turn(
        self, key: EndpointKey, stop: asyncio.Event, *, is_slow: bool = False
    ) -> bool:
        """Send to the endpoint what is due. False if there was nothing, or another worker is at it.

        ``is_slow`` says that the endpoint is known to answer slowly. The turn of another one ends
        with its first slow answer. Raises Overloaded or Unreachable; the hold then runs out.
        """
        now = self.clock.now()
        async with self.database.write() as connection:
            endpoint = await deliveries.lease(connection, key, now, now + LEASE)
        if endpoint is None:
            return False
        most = BATCH if endpoint.failures == 0 else 1
        async with self.database.read() as connection:
            viewer = await find_viewer(
                connection, *key, owner_id=endpoint.owner_id, scopes=endpoint.scopes
            )
            due = await deliveries.next_of(connection, key, now, most=most) if viewer else ()
        if viewer is None:
            await self._suspend(endpoint, now + SUSPENDED_PAUSE)
            return False
        attempts = await self._send_all(endpoint, due, viewer, stop, is_slow=is_slow)
        was_hindered = bool(due) and not attempts
        now = self.clock.now()
        await record(self.database, endpoint, attempts, now, was_hindered=was_hindered)
        return bool(attempts)

    async def _suspend(self, endpoint: Row, due_at: datetime) -> None:
        """End the turn of a suspended merchant. Its time counts to no endpoint as failing."""
        key = (endpoint.merchant_id, endpoint.id)
        async with self.database.write() as connection:
            await deliveries.restart(connection, key)
            columns = {"due_at": due_at, "failing_since": None}
            await deliveries.release(connection, key, endpoint.lease, columns)

    async def _send_all(
        self,
        endpoint: Row,
        due: Sequence[Row],
        viewer: Viewer,
        stop: asyncio.Event,
        *,
        is_slow: bool,
    ) -> Sequence[Attempt]:
        """Send deliveries of different orders at once. After a failure no other is begun."""
        attempts: list[Attempt] = []
        became_slow = False
        places = self.slow_places if is_slow else self.places
        target = self._target_of(endpoint)
        waiting = iter(due)
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_START.total_seconds()

        async def send_some() -> None:
            nonlocal became_slow
            for delivery in waiting:  # shared by all lanes
                failed = any(not attempt.answer.delivered for attempt in attempts)
                if failed or became_slow or stop.is_set() or loop.time() > end:
                    return
                try:
                    async with self.renders:
                        body = await self.render(endpoint, delivery, viewer)
                    async with places:
                        if loop.time() > end:
                            return
                        attempt = await self._send(endpoint, delivery, target, body)
                except (NotNow, HostBusy):
                    return
                attempts.append(attempt)
                if self.slow.note((endpoint.merchant_id, endpoint.id), attempt.answer.duration):
                    became_slow = not is_slow

        async with asyncio.TaskGroup() as lanes:
            for _ in range(min(LANES, len(due))):
                lanes.create_task(send_some())
        return attempts

    async def _send(
        self, endpoint: Row, delivery: Row, target: Target | None, body: bytes
    ) -> Attempt:
        """Raises HostBusy: then nothing was sent."""
        signer = Signer.of(endpoint, self.keys)
        began_at = self.clock.now()
        if target is None:
            answer = Answer(failure=DeliveryFailure.ADDRESS_REFUSED, duration=timedelta())
        else:
            headers = signer.headers(message_id(delivery.id), self.wall.now(), body)
            answer = await self.client.post(target, headers, body)
        outcome = "delivered" if answer.delivered else (answer.failure or "status")
        self.counts.deliveries[outcome.lower()] += 1
        self.counts.delivery_seconds.observe(answer.duration.total_seconds())
        asked = asked_pause(answer, self.wall.now())
        return Attempt(delivery, answer, began_at, self.clock.now(), asked)

    def _target_of(self, endpoint: Row) -> Target | None:
        """None for an address that was allowed when it was entered, and no longer is."""
        try:
            return self.client.guard.read(endpoint.url)
        except BadUrl:
            return None
