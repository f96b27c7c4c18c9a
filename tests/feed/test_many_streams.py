"""Many streams that read at once wait for their turn, and leave room for requests."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.client import Client
from tests.feed.test_subscriptions import EVENTS, QUEUE
from tests.feed.test_turns import Feeds
from tests.given import Shop, World
from tests.streams import Stream, Streams

pytestmark = pytest.mark.anyio

MANY = 150
"""More than the queue of a process's connections holds."""


async def test_no_stream_is_refused_when_all_read_at_once(
    client: Client, given: World, streams: Streams
) -> None:
    shops = [await given.merchant(f"店铺 {number}") for number in range(MANY)]
    owner = client.as_(shops[0].owner.token)
    async with AsyncExitStack() as stack:

        async def opened(shop: Shop, query: str) -> Stream:
            stream = await stack.enter_async_context(streams.open(shop.owner.token, query))
            stream.has_begun = True
            return stream

        counted = [await opened(shop, QUEUE) for shop in shops]
        beginning = asyncio.gather(*(stream.next() for stream in counted))
        assert (await owner.ask("{ viewer { name } }"))["name"]
        counts: list[Any] = await beginning
        assert [count["review"]["waiting"] for count in counts] == [0] * MANY
        following = [await opened(shop, EVENTS) for shop in shops]
        for stream in following:
            stream.has_begun = False
        tasks = await streams.started(*following)
        feeds = Feeds(given)
        orders = [(await given.application(shop, 1))[0] for shop in shops]
        for shop, order in zip(shops, orders, strict=True):
            await feeds.wait(shop, order)
        events = await asyncio.gather(*tasks)
        assert [event["serviceOrder"]["id"] for event in events] == [order.id for order in orders]
