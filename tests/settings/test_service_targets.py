"""A merchant's own targets through the API: setting them, and what orders, queues and filters show.

NOON is Sunday, 2026-11-22, 20:00 in Shanghai.
"""

from datetime import timedelta
from typing import Any

import pytest

from domain.permissions import Permission
from domain.statuses import Status
from tests.client import Client, Failed
from tests.conftest import NOON, StoppedClock
from tests.given import ITEM, RECEIPT, OrderRef, Shop, World

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
MONDAY_NINE = NOON + 13 * HOUR
"""9:00 on Monday in Shanghai."""

SET = """mutation($input: SetServiceTargetsInput!) { setServiceTargets(input: $input) {
  merchant { serviceTargets { review receipt processing businessHours {
    monday { opens closes } sunday { opens closes } closedDates } } }
  refusals { code message path ... on TargetBeyondWindow { status longest } } } }"""
SHOWN = """query($id: ID!) { serviceOrder(id: $id) {
  status target { at missed } clock { dueAt } merchant { serviceTargets { review } } } }"""
LISTED = """query($filter: ServiceOrderFilter, $orderBy: ServiceOrderOrdering!) {
  serviceOrders(filter: $filter, orderBy: $orderBy, first: 100) { nodes { id } } }"""
OFFICE = {"monday": [{"opens": "09:00", "closes": "18:00"}], "closedDates": ["2026-11-24"]}


async def set_targets(client: Client, **targets: Any) -> Any:
    return await client.ask(SET, input=targets)


async def shown(client: Client, order: OrderRef | str) -> Any:
    id_ = order if isinstance(order, str) else order.id
    return await client.ask(SHOWN, id=id_)


async def listed(client: Client, order_by: str = "APPLIED_AT_ASC", **filter_: Any) -> list[str]:
    page = await client.ask(LISTED, filter=filter_, orderBy=order_by)
    return [node["id"] for node in page["nodes"]]


async def submit(client: Client, ref: str = "A-1") -> str:
    application = await client.ask(
        """mutation($input: SubmitApplicationInput!) { submitApplication(input: $input) {
          application { serviceOrders { id } } refusals { code message } } }""",
        input={
            "externalRef": ref,
            "orderNumber": f"P-{ref}",
            "customerRef": "customer-1",
            "customerName": "李小花",
            "customerPhone": "13812345678",
            "items": [ITEM],
        },
    )
    id_: str = application["application"]["serviceOrders"][0]["id"]
    return id_


@pytest.fixture
async def shop(given: World) -> Shop:
    return await given.merchant()


async def test_a_new_order_gets_the_target_that_its_merchant_has_set(
    client: Client, given: World, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    answer = await set_targets(owner, review=120, businessHours=OFFICE)
    assert answer["merchant"]["serviceTargets"] == {
        "review": 120,
        "receipt": None,
        "processing": None,
        "businessHours": {
            "monday": [{"opens": "09:00", "closes": "18:00"}],
            "sunday": [],
            "closedDates": ["2026-11-24"],
        },
    }
    storefront = client.as_((await given.connector(shop)).token)
    order = await shown(owner, await submit(storefront))
    assert order["target"] == {"at": (MONDAY_NINE + 2 * HOUR).isoformat(), "missed": False}
    assert order["clock"]["dueAt"] == (NOON + 48 * HOUR).isoformat()


async def test_each_step_sets_the_target_of_the_status_that_it_leads_to(
    client: Client, given: World, shop: Shop, clock: StoppedClock
) -> None:
    owner = client.as_(shop.owner.token)
    await set_targets(owner, review=60, receipt=120, processing=180)
    order = await given.order(shop)
    customer = client.as_((await given.customer(shop)).token)
    assert (await shown(owner, order))["target"] is None  # it waited before the targets were set

    async def take(mutation: str, actor: Client = owner, **said: Any) -> Any:
        clock.pass_(HOUR)
        await actor.do(mutation, id=order.id, **said)
        target = (await shown(owner, order))["target"]
        return target and target["at"]

    def after(minutes: int) -> str:
        return (clock.now() + timedelta(minutes=minutes)).isoformat()

    asked = {"requestFeedback": {"question": "请补充照片"}}
    assert await take("reviewServiceOrder", decision=asked) is None
    # Back in review the target starts anew.
    assert await take("respondToFeedback", customer, text="好") == after(60)
    assert await take("reviewServiceOrder", decision={"approve": {}}) is None
    assert await take("shipServiceOrder", carrier="顺丰", waybill="1") == after(120)
    assert await take("receiveServiceOrder", **RECEIPT) == after(180)
    assert await take("sendBackServiceOrder", carrier="顺丰", waybill="2") is None
    assert await take("undoProcessing") == after(180)
    assert await take("closeServiceOrder", reason="已处理") is None


async def test_a_target_stays_as_it_was_when_the_settings_change(
    client: Client, given: World, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    storefront = client.as_((await given.connector(shop)).token)
    await set_targets(owner, review=60)
    before = await submit(storefront, "A-1")
    await set_targets(owner, review=120)
    assert (await shown(owner, before))["target"]["at"] == (NOON + HOUR).isoformat()
    after = await submit(storefront, "A-2")
    assert (await shown(owner, after))["target"]["at"] == (NOON + 2 * HOUR).isoformat()
    answer = await set_targets(owner)
    assert answer == {"merchant": {"serviceTargets": None}, "refusals": []}
    assert (await shown(owner, after))["target"]["at"] == (NOON + 2 * HOUR).isoformat()
    assert (await shown(owner, await submit(storefront, "A-3")))["target"] is None


async def test_a_target_beyond_the_platforms_window_is_refused_and_nothing_is_set(
    client: Client, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    await set_targets(owner, review=60)
    answer = await set_targets(owner, review=2881, receipt=14_401, processing=2881)
    assert answer["merchant"] is None
    assert [
        (refusal["code"], refusal["path"], refusal["status"], refusal["longest"])
        for refusal in answer["refusals"]
    ] == [
        ("TARGET_BEYOND_WINDOW", ["review"], "PENDING_REVIEW", 2880),
        ("TARGET_BEYOND_WINDOW", ["receipt"], "AWAITING_RECEIPT", 14_400),
        ("TARGET_BEYOND_WINDOW", ["processing"], "AWAITING_PROCESSING", 2880),
    ]
    # Extending the 48 hours of one order is not possible, and the refusal says so.
    assert "neither can the 48 hours of a single order" in answer["refusals"][0]["message"]
    assert (await set_targets(owner, review=2880))["refusals"] == []


async def test_a_passed_target_has_no_consequence_and_shows_in_counters_filter_and_ordering(
    client: Client, given: World, shop: Shop, clock: StoppedClock
) -> None:
    owner = client.as_(shop.owner.token)
    other = await given.merchant("另一家")
    storefront = client.as_((await given.connector(shop)).token)
    await given.order(other, target_at=NOON)
    plain = (await given.order(shop)).id
    await set_targets(owner, review=120)
    late = await submit(storefront, "A-1")
    await set_targets(owner, review=60)
    early = await submit(storefront, "A-2")
    received = await given.in_status(shop, Status.AWAITING_RECEIPT, target_at=NOON + HOUR)
    query = """{ queueSummary { review { waiting overdue pastTarget } receipt { pastTarget }
      processing { pastTarget } } }"""

    async def counted() -> tuple[int, int, int]:
        summary = await owner.ask(query)
        assert summary["review"]["waiting"] == 3
        assert summary["review"]["overdue"] == 0
        review, receipt, processing = [
            summary[name]["pastTarget"] for name in ("review", "receipt", "processing")
        ]
        return review, receipt, processing

    clock.pass_(HOUR - timedelta(microseconds=1))
    assert await counted() == (0, 0, 0)
    assert await listed(owner, pastTarget=True) == []
    clock.pass_(timedelta(microseconds=1))
    assert await counted() == (1, 1, 0)
    assert set(await listed(owner, pastTarget=True)) == {early, received.id}
    assert set(await listed(owner, pastTarget=False)) == {plain, late}
    assert await listed(owner, pastTarget=True, status=["PENDING_REVIEW"]) == [early]
    assert await listed(owner, "TARGET_AT_ASC") == [early, received.id, late]
    assert await listed(owner, "TARGET_AT_DESC") == [late, received.id, early]
    assert (await shown(owner, early))["target"]["missed"] is True
    assert (await shown(owner, early))["status"] == "PENDING_REVIEW"
    assert (await shown(owner, late))["target"]["missed"] is False


async def test_customers_see_no_target_and_cannot_find_orders_by_one(
    client: Client, given: World, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    await set_targets(owner, review=60)
    order = await submit(client.as_((await given.connector(shop)).token))
    customer = client.as_((await given.customer(shop)).token)
    seen = await shown(customer, order)
    assert (seen["target"], seen["merchant"]["serviceTargets"]) == (None, None)
    assert await listed(customer, pastTarget=True) == []
    assert await listed(customer, pastTarget=False) == [order]
    assert await listed(customer, "TARGET_AT_ASC") == []
    timeline = "query($id: ID!) { serviceOrder(id: $id) { timeline { details } } }"
    [event] = (await customer.ask(timeline, id=order))["timeline"]
    assert event["details"] is None
    [event] = (await owner.ask(timeline, id=order))["timeline"]
    assert event["details"] == {"targetAt": (NOON + HOUR).isoformat()}


async def test_a_pause_window_moves_the_target_with_the_deadline(
    client: Client, given: World, shop: Shop, clock: StoppedClock
) -> None:
    owner = client.as_(shop.owner.token)
    platform = client.as_((await given.platform()).token)
    await set_targets(owner, review=120)
    order = await submit(client.as_((await given.connector(shop)).token))
    clock.pass_(timedelta(minutes=1))
    start, end = NOON + HOUR, NOON + 4 * HOUR
    await platform.do(
        "declarePauseWindow", name="停电", startAt=start.isoformat(), endAt=end.isoformat()
    )
    moved = await shown(owner, order)
    assert moved["target"]["at"] == (NOON + 5 * HOUR).isoformat()
    assert moved["clock"]["dueAt"] == (NOON + 51 * HOUR).isoformat()


PERIOD = {"opens": "09:00", "closes": "18:00"}
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"review": 0}, ["review"]),
    ({"receipt": -5}, ["receipt"]),
    ({"businessHours": {}}, ["businessHours"]),
    ({"businessHours": {"monday": [PERIOD] * 4}}, ["businessHours", "monday"]),
    ({"businessHours": {"monday": [PERIOD] * 2}}, ["businessHours", "monday"]),
    *(
        (
            {"businessHours": {"friday": [{"opens": opens, "closes": "18:00"}]}},
            ["businessHours", "friday", "0", "opens"],
        )
        for opens in ("", "9:00", "09:60", "25:00", "24:01", "０９:00", "09:00:00", "9 Uhr")
    ),
    *(
        (
            {"businessHours": {"sunday": [PERIOD, {"opens": "19:00", "closes": closes}]}},
            ["businessHours", "sunday", "1", "closes"],
        )
        for closes in ("19:00", "18:59", "00:00", "24:30")
    ),
    *(
        (
            {"businessHours": {"monday": [PERIOD], "closedDates": ["2026-12-31", day]}},
            ["businessHours", "closedDates", "1"],
        )
        for day in (
            "",
            "2026-02-30",
            "20261231",
            "2026-W53-4",
            "2026-12-31T00:00:00Z",
            "0000-01-01",
        )
    ),
    (
        {"businessHours": {"monday": [PERIOD], "closedDates": ["2026-12-31"] * 61}},
        ["businessHours", "closedDates"],
    ),
]


async def test_settings_that_make_no_sense_are_bad_input(client: Client, shop: Shop) -> None:
    owner = client.as_(shop.owner.token)
    for wrong, path in WRONG:
        with pytest.raises(Failed) as failure:
            await set_targets(owner, **wrong)
        assert failure.value.extensions == {"code": "BAD_USER_INPUT", "argument": path}, wrong


async def test_a_merchant_sets_the_time_zone_in_which_its_hours_are_meant(
    client: Client, given: World, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    set_zone = """mutation($input: SetTimeZoneInput!) { setTimeZone(input: $input) {
      merchant { timeZone } refusals { code } } }"""
    zone = "query { enrolment { merchant { timeZone } } }"
    assert (await owner.ask(zone))["merchant"]["timeZone"] == "Asia/Shanghai"
    answer = await owner.ask(set_zone, input={"timeZone": "Asia/Urumqi"})
    assert answer == {"merchant": {"timeZone": "Asia/Urumqi"}, "refusals": []}
    await set_targets(owner, review=60, businessHours=OFFICE)
    order = await submit(client.as_((await given.connector(shop)).token))
    at = (await shown(owner, order))["target"]["at"]
    assert at == (MONDAY_NINE + 3 * HOUR).isoformat()  # Ürümqi is two hours behind
    for wrong in ("", "Beijing", "asia/shanghai", "../etc/passwd", "localtime", "Asia", "+08:00"):
        with pytest.raises(Failed) as failure:
            await owner.ask(set_zone, input={"timeZone": wrong})
        assert failure.value.extensions == {"code": "BAD_USER_INPUT", "argument": ["timeZone"]}
    assert (await owner.ask(zone))["merchant"]["timeZone"] == "Asia/Urumqi"


async def test_only_who_manages_the_settings_sets_targets_and_the_desk_reads_them(
    client: Client, given: World, shop: Shop
) -> None:
    await set_targets(client.as_(shop.owner.token), review=60)
    order = await given.order(shop)
    reviewer = client.as_((await given.reviewer(shop)).token)
    with pytest.raises(Failed) as failure:
        await set_targets(reviewer, review=30)
    assert failure.value.code == "FORBIDDEN"
    assert (await shown(reviewer, order))["merchant"]["serviceTargets"] == {"review": 60}
    manager = await given.employee(shop, Permission.SETTINGS_MANAGE, name="小B")
    assert (await set_targets(client.as_(manager.token), review=30))["refusals"] == []
