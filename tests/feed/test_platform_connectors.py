"""Streams of storefronts of the platform, which serve several merchants."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from domain.permissions import Permission
from execution.streams import StreamEnded, SubscriptionRefused
from tests.client import Client
from tests.feed.test_subscriptions import EVENTS, code_of
from tests.given import World
from tests.streams import Streams

pytestmark = pytest.mark.anyio


async def test_a_stream_of_a_storefront_ends_with_the_service_to_its_merchant(
    client: Client, given: World, streams: Streams
) -> None:
    taken, suspended = await given.merchant(), await given.merchant("京东家电")
    staying = await given.merchant("京东超市")
    shops = (taken, suspended, staying)
    storefront = await given.connector(None, [Permission.SERVICE_ORDER_READ])
    platform = client.as_((await given.platform()).token)
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(
                streams.open(storefront.token, EVENTS, merchantId=shop.global_id)
            )
            for shop in shops
        ]
        *ending, going_on = await streams.started(*opened)
        (connector,) = await platform.ask("{ platformConnectors { id } }")
        served = [suspended.global_id, staying.global_id]
        assert [
            await platform.codes("suspendMerchant", merchantId=suspended.global_id, reason="检查"),
            await platform.codes(
                "setPlatformConnectorMerchants", id=connector["id"], merchantIds=served
            ),
        ] == [[], []]
        _, waiting = await asyncio.wait(ending, timeout=2)
        assert not waiting
        errors = [task.exception() for task in ending]
        assert all(isinstance(error, StreamEnded | SubscriptionRefused) for error in errors)
        assert [code_of(error) for error in errors] == ["NOT_FOUND", "MERCHANT_NOT_ENABLED"]
        assert not going_on.done()
    with pytest.raises(SubscriptionRefused) as refused:
        async with streams.open(storefront.token, EVENTS, merchantId=suspended.global_id) as stream:
            await stream.next()
    assert code_of(refused.value) == "MERCHANT_NOT_ENABLED"
