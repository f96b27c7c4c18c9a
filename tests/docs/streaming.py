"""The first result of a subscription, without a network."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, Final

from strawberry import Schema

from domain.text import Language
from execution.planned_subscriptions import PlannedSubscriptions
from jobs.sequencer import sequence
from parts import Parts
from resolvers.context import ClientRequest, Context

PATIENCE_S: Final = 10


async def first_result(
    parts: Parts, schema: Schema, token: str | None, query: str, variables: Mapping[str, Any]
) -> Any:
    """Give all events their places, and read what the subscription sends first."""
    await sequence(parts.database, parts.clock.now())
    request = ClientRequest(now=parts.clock.now(), language=Language.EN, token=token)
    context = Context(parts.services, request)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(parts.services.follower.run(stop))
        results = PlannedSubscriptions(schema).subscribe(query, None, variables, context)
        try:
            async with aclosing(results), asyncio.timeout(PATIENCE_S):
                return json.loads(await anext(results))
        finally:
            stop.set()
