"""The counts of a merchant's orders by status."""

from datetime import timedelta
from typing import Any

import pytest

from domain.statuses import Status
from models.queries.status_counts import count_statuses
from tests.client import Client
from tests.conftest import NOON
from tests.desk.test_filters import at, shop_with
from tests.given import World

pytestmark = pytest.mark.anyio

QUERY = "query($applied: InstantRange) { statusCounts(applied: $applied) { status count } }"


async def counted(client: Client, **window: Any) -> dict[str, int]:
    counts = await client.ask(QUERY, applied=window or None)
    assert [count["status"] for count in counts] == list(Status)
    return {count["status"]: count["count"] for count in counts if count["count"]}


async def test_each_status_is_counted_and_zeros_too(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    assert await counted(owner) == {}
    for number, status in enumerate(Status, 1):
        await given.in_status(shop, status)
        if number % 2:
            await given.in_status(shop, status)
    assert await counted(owner) == {
        status: 2 if number % 2 else 1 for number, status in enumerate(Status, 1)
    }


async def test_a_window_counts_what_was_applied_for_in_it(client: Client, given: World) -> None:
    shop, owner = await shop_with(client, given)
    hour = timedelta(hours=1)
    for hours in (1, 2, 3):
        await given.order(shop, applied_at=NOON + hours * hour)
    await given.in_status(shop, Status.COMPLETED, applied_at=NOON + 2 * hour)
    waiting, done = Status.PENDING_REVIEW.value, Status.COMPLETED.value
    assert await counted(owner) == {waiting: 3, done: 1}
    assert await counted(owner, **{"from": at(2 * hour)}) == {waiting: 2, done: 1}
    assert await counted(owner, to=at(2 * hour)) == {waiting: 1}
    assert await counted(owner, **{"from": at(hour), "to": at(2 * hour)}) == {waiting: 1}


async def test_a_status_is_counted_up_to_a_limit(given: World) -> None:
    shop = await given.merchant()
    await given.application(shop, 3)
    async with given.parts.database.read() as connection:
        counts = await count_statuses(
            connection, shop.id, applied_from=None, applied_to=None, most=2
        )
    assert (counts[Status.PENDING_REVIEW], counts[Status.REJECTED]) == (2, 0)
