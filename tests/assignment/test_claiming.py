"""Claiming the most urgent orders that nobody has."""

from datetime import timedelta

import pytest

from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, Person, Shop, World

pytestmark = pytest.mark.anyio

CLAIMED = "replayed serviceOrders { id assignee { id name } version }"


async def claim(client: Client, who: Person, queue: str = "REVIEW", count: int = 2) -> list[str]:
    payload = await client.as_(who.token).do(
        "claimServiceOrders", CLAIMED, queue=queue, count=count
    )
    assert payload["refusals"] == []
    assert {order["assignee"]["id"] for order in payload["serviceOrders"]} <= {who.global_id}
    return [order["id"] for order in payload["serviceOrders"]]


async def queue_of(given: World, clock: StoppedClock, shop: Shop, count: int) -> list[OrderRef]:
    """Orders that wait for review, the most urgent first."""
    orders = []
    for _ in range(count):
        orders.append(await given.order(shop))
        clock.pass_(timedelta(minutes=1))
    return orders


async def test_the_most_urgent_orders_that_nobody_has_are_claimed(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    first, second = await given.reviewer(shop, "小A"), await given.reviewer(shop, "小B")
    orders = [order.id for order in await queue_of(given, clock, shop, 5)]
    assert await claim(client, first) == orders[:2]
    assert await claim(client, second) == orders[2:4]
    assert await claim(client, first, count=50) == orders[4:]
    assert await claim(client, second) == []
