"""The orders that will soon be overdue: which, whose, and for whose eyes."""

from datetime import timedelta
from typing import Any

import pytest

from domain.permissions import Permission
from domain.statuses import Status
from tests.client import Client, Failed
from tests.given import OrderRef, Shop, World
from tests.house.test_plans import Plans, watching

pytestmark = pytest.mark.anyio

AT_RISK = """query($hours: Int!, $queues: [ServiceOrderQueue!], $merchant: ID,
    $first: Int, $after: String) {
  atRisk(withinHours: $hours, queues: $queues, merchantId: $merchant, first: $first,
      after: $after) {
    nodes { id status assignee { name } } pageInfo { hasNextPage endCursor } totalCount } }"""
SHARES = """query($hours: Int!, $queues: [ServiceOrderQueue!], $merchant: ID) {
  atRiskByAssignee(withinHours: $hours, queues: $queues, merchantId: $merchant) {
    assignee { name } orders earliestDueAt } }"""
HOUR = timedelta(hours=1)


async def due(given: World, shop: Shop, hours: float, **columns: Any) -> OrderRef:
    """An order that is due in so many hours."""
    status = columns.pop("status", Status.PENDING_REVIEW)
    return await given.in_status(
        shop, status, **{"clock_due_at": given.now + hours * HOUR, **columns}
    )


def ids_of(page: Any) -> list[str]:
    return [node["id"] for node in page["nodes"]]


async def test_orders_that_can_still_be_saved_come_by_their_deadline(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    later = await due(given, shop, 5)
    soon = await due(given, shop, 1, status=Status.AWAITING_PROCESSING)
    last = await due(given, shop, 6, status=Status.AWAITING_RECEIPT)
    await due(given, shop, 0)  # now: too late
    await due(given, shop, -1)
    await due(given, shop, 6 + 1 / 3600)  # a second after the last hour
    await due(given, shop, 2, status=Status.AWAITING_SHIPMENT)  # the customer's clock
    owner = client.as_(shop.owner.token)
    page = await owner.ask(AT_RISK, hours=6)
    assert ids_of(page) == [soon.id, later.id, last.id]
    assert page["totalCount"] == 3
    processing = await owner.ask(AT_RISK, hours=6, queues=["PROCESSING", "PROCESSING"])
    assert ids_of(processing) == [soon.id]
    first = await owner.ask(AT_RISK, hours=6, first=2)
    rest = await owner.ask(AT_RISK, hours=6, after=first["pageInfo"]["endCursor"])
    assert ids_of(first) + ids_of(rest) == [soon.id, later.id, last.id]


async def test_shares_say_who_can_save_them_the_most_urgent_first(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    ann, bob = await given.reviewer(shop, "小安"), await given.reviewer(shop, "小波")
    await due(given, shop, 3, assignee_id=ann.id)
    await due(given, shop, 1, assignee_id=ann.id, status=Status.AWAITING_RECEIPT)
    await due(given, shop, 2, assignee_id=bob.id)
    await due(given, shop, 4)
    await due(given, shop, -1, assignee_id=bob.id)
    shares = await client.as_(shop.owner.token).ask(SHARES, hours=4)
    counts = [((share["assignee"] or {}).get("name"), share["orders"]) for share in shares]
    assert counts == [("小安", 2), ("小波", 1), (None, 1)]
    assert shares[0]["earliestDueAt"] == (given.now + HOUR).isoformat()


async def test_the_platform_names_a_merchant_and_nobody_sees_another_merchants_orders(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("京东自营")
    order = await due(given, shop, 1)
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    stranger = client.as_(other.owner.token)
    assert ids_of(await platform.ask(AT_RISK, hours=1, merchant=shop.global_id)) == [order.id]
    assert len(await platform.ask(SHARES, hours=1, merchant=shop.global_id)) == 1
    assert ids_of(await stranger.ask(AT_RISK, hours=168)) == []
    assert await stranger.ask(SHARES, hours=168) == []
    for query in (AT_RISK, SHARES):
        for viewer, merchant, code in (
            (platform, None, "BAD_USER_INPUT"),
            (stranger, shop.global_id, "NOT_FOUND"),
        ):
            with pytest.raises(Failed) as failed:
                await viewer.ask(query, hours=1, merchant=merchant)
            assert failed.value.code == code


@pytest.mark.parametrize("hours", [0, 169])
@pytest.mark.parametrize("query", [AT_RISK, SHARES])
async def test_one_hour_to_a_week_can_be_asked_for(
    client: Client, given: World, query: str, hours: int
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    with pytest.raises(Failed) as failed:
        await owner.ask(query, hours=hours)
    assert failed.value.code == "BAD_USER_INPUT"
    with pytest.raises(Failed):
        await owner.ask(query, hours=1, queues=[])


@pytest.mark.parametrize("queues", [None, ["REVIEW"], ["REVIEW", "RECEIPT"]])
async def test_a_page_and_the_shares_come_from_indexes(
    client: Client, given: World, queues: list[str] | None
) -> None:
    shop = await given.merchant()
    await due(given, shop, 1)
    owner, plans = client.as_(shop.owner.token), Plans(given.parts.database)
    with watching(plans.database.reading) as statements:
        await owner.ask(AT_RISK, hours=6, queues=queues)
    pages = [
        sent for sent in statements if "clock_due_at" in sent.text and "count" not in sent.text
    ]
    assert pages
    for page in pages:
        steps = [step for step in await plans.steps(page) if "VIRTUAL" not in step]  # the statuses
        assert steps == [], page.text
