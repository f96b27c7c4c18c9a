"""An export is watched until it is over."""

from typing import Any

import pytest
from strawberry import Schema

from execution.streams import SubscriptionRefused
from tests.client import Client
from tests.exports.running import ask, run_all
from tests.given import World
from tests.streams import streaming

pytestmark = pytest.mark.anyio

CHANGED = "subscription($id: ID!) { exportChanged(id: $id) { status rowsWritten url } }"


async def test_the_progress_of_an_export_is_sent_until_it_is_over(
    client: Client, given: World, schema: Schema
) -> None:
    shop, other = await given.merchant(), await given.merchant("京东自营")
    await given.application(shop, items=2)
    export = await ask(client.as_(shop.owner.token), "NUMBER")
    async with streaming(given.parts, schema) as streams:
        async with streams.open(shop.owner.token, CHANGED, id=export["id"]) as stream:
            assert await stream.next() == {"status": "QUEUED", "rowsWritten": 0, "url": None}
            await run_all(given.parts)
            last: dict[str, Any] = await stream.next()
            assert (last["status"], last["rowsWritten"]) == ("DONE", 2)
            assert last["url"] is not None
            with pytest.raises(StopAsyncIteration):
                await stream.next()
        for token in (other.owner.token, (await given.reviewer(shop)).token):
            with pytest.raises(SubscriptionRefused) as refused:
                async with streams.open(token, CHANGED, id=export["id"]) as stream:
                    await stream.next()
            code = (refused.value.errors[0].extensions or {})["code"]
            assert code == ("NOT_FOUND" if token == other.owner.token else "FORBIDDEN")
