"""Streams of a process that places events, without a network."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from strawberry import Schema

from domain.text import Language
from execution.planned_subscriptions import PlannedSubscriptions
from jobs.sequencer import keep_sequencing
from parts import Parts
from resolvers.context import ClientRequest, Context

PATIENCE_S = 60


@dataclass
class Stream:
    """The results of a subscription; an error ends a test that does not expect it."""

    results: AsyncGenerator[bytes, None]
    has_begun: bool = False
    waiting: "asyncio.Task[Any] | None" = None

    async def next(self) -> Any:
        """The value of the only root field of the next result."""
        self.has_begun = True
        async with asyncio.timeout(PATIENCE_S):
            data = json.loads(await anext(self.results))["data"]
        return next(iter(data.values()))

    async def take(self, count: int) -> list[Any]:
        return [await self.next() for _ in range(count)]


@dataclass
class Streams:
    """Opens streams in this process."""

    parts: Parts
    subscriptions: PlannedSubscriptions
    schema: Schema

    @asynccontextmanager
    async def open(self, token: str | None, query: str, **variables: Any) -> AsyncIterator[Stream]:
        request = ClientRequest(now=self.parts.clock.now(), language=Language.EN, token=token)
        context = Context(self.parts.services, request)
        results = self.subscriptions.subscribe(query, None, variables, context)
        stream = Stream(results)
        try:
            yield stream
        finally:
            if stream.waiting is not None:
                stream.waiting.cancel()
                await asyncio.wait([stream.waiting])
            await results.aclose()

    async def started(self, *streams: Stream) -> list["asyncio.Task[Any]"]:
        """The next result of each stream; on return all wait for what happens from now on."""
        follower = self.parts.services.follower
        expected = follower.readers + len(streams) - sum(stream.has_begun for stream in streams)
        tasks = []
        for stream in streams:
            stream.waiting = asyncio.create_task(stream.next())
            tasks.append(stream.waiting)
        async with asyncio.timeout(PATIENCE_S):
            while follower.readers < expected:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.01)
        return tasks


@asynccontextmanager
async def streaming(parts: Parts, schema: Schema) -> AsyncIterator[Streams]:
    """Run what streams need while the block runs."""
    services, stop = parts.services, asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(services.follower.run(stop))
        tasks.create_task(services.viewer_watch.run(stop))
        tasks.create_task(
            keep_sequencing(
                parts.database,
                parts.clock,
                stop,
                retention=timedelta(days=30),
                placed=services.follower.ring,
            )
        )
        yield Streams(parts, PlannedSubscriptions(schema), schema)
        stop.set()
