"""A colleague's day: what an employee did, and the summary of the desk; who may read them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.permissions import Permission
from domain.quality.cases import CaseKind, Mark
from domain.statuses import Status
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import RECEIPT, Person, Shop, World
from tests.house.test_plans import Plans, watching

pytestmark = pytest.mark.anyio

ACTIVITY = """query($employee: ID, $period: QualityPeriod!, $first: Int, $after: String) {
  activity(employeeId: $employee, period: $period, first: $first, after: $after) {
    employee { id name } firstDay lastDay timeZone isCurrent done { kind cases onTime }
    figures { metric numerator denominator value }
    cases { totalCount nodes { kind day serviceOrder { number } } pageInfo { endCursor } } } }"""
SUMMARY = """query($date: String, $merchant: ID) {
  dailySummary(date: $date, merchantId: $merchant) {
    merchant { name } day timeZone isCurrent done { kind cases onTime }
  queues { review { waiting overdue } processing { waiting } }
  byEmployee { employee { name } done { kind cases } waiting overdue } } }"""
TODAY = {"day": "2026-11-22"}
MONTH = {"month": "2026-11"}

Count = Callable[[], Awaitable[None]]


def some(done: list[dict[str, Any]]) -> dict[str, int]:
    """The kinds of which there are cases."""
    return {item["kind"]: item["cases"] for item in done if item["cases"]}


def values(activity: dict[str, Any]) -> dict[str, float | None]:
    return {figure["metric"]: figure["value"] for figure in activity["figures"]}


async def test_an_employee_sees_what_they_did_themselves(
    client: Client, given: World, clock: StoppedClock, count: Count
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 3)
    ann = await given.employee(shop, Permission.REVIEW, Permission.SERVICE_ORDER_READ, name="小安")
    owner, staff = client.as_(shop.owner.token), client.as_(ann.token)
    clock.pass_(timedelta(hours=2))
    for order in orders[:2]:
        await staff.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    await owner.do("reviewServiceOrder", id=orders[2].id, decision={"approve": {}})
    await owner.do("shipServiceOrder", id=orders[0].id, carrier="顺丰", waybill="SF123456")
    await owner.do("receiveServiceOrder", id=orders[0].id, **RECEIPT)
    await owner.do("withdrawApproval", id=orders[1].id, reason="点错了", expectedVersion=2)
    await count()
    own = await staff.ask(ACTIVITY, period=TODAY)
    assert own["employee"] == {"id": ann.global_id, "name": "小安"}
    assert (own["firstDay"], own["lastDay"], own["isCurrent"]) == ("2026-11-22",) * 2 + (True,)
    assert some(own["done"]) == {"REVIEW": 2}
    assert [item["kind"] for item in own["done"]] == [kind.value for kind in CaseKind]
    figures = values(own)
    assert (figures["HANDLED"], figures["OVERTURNED"]) == (2.0, 0.5)
    assert (figures["WORK_HOURS_MEAN"], figures["SATISFACTION"]) == (2.0, None)
    assert own["cases"]["totalCount"] == 2
    assert await staff.ask(ACTIVITY, period=TODAY, employee=ann.global_id) == own
    assert await owner.ask(ACTIVITY, period=TODAY, employee=ann.global_id) == own
    owners = await owner.ask(ACTIVITY, period=TODAY)
    assert some(owners["done"]) == {"REVIEW": 1, "RECEIPT": 1}
    report = await owner.ask(
        """query($employee: ID, $period: QualityPeriod!) {
          qualityReport(period: $period, employeeId: $employee) { figures { metric value } } }""",
        employee=ann.global_id,
        period=TODAY,
    )
    assert figures.items() <= values(report).items()


async def test_the_work_comes_in_pages_the_latest_first_from_an_index(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    ann, bob = await given.reviewer(shop, "小安"), await given.reviewer(shop, "小波")
    orders = await given.application(shop, 4)
    today = given.now.toordinal()
    for age, order in enumerate(orders):
        at = given.now - timedelta(days=age)
        await given.quality_case(order, ann, at=at, day=today - age)
    for kind in (CaseKind.PROCESSING, CaseKind.HANDLING):  # of one event
        await given.quality_case(orders[0], ann, kind=kind, sequence=5)
    await given.quality_case(orders[0], bob, sequence=9)
    await given.quality_case(orders[1], ann, sequence=9, day=today - 40)
    owner, plans = client.as_(shop.owner.token), Plans(given.parts.database)
    arguments = {"employee": ann.global_id, "period": MONTH}
    with watching(plans.database.reading) as statements:
        first = (await owner.ask(ACTIVITY, **arguments, first=2))["cases"]
        after = first["pageInfo"]["endCursor"]
        rest = (await owner.ask(ACTIVITY, **arguments, after=after))["cases"]
    pages = [sent for sent in statements if "ORDER BY quality_case" in sent.text]
    assert len(pages) >= 2
    for page in pages:
        steps = [step for step in await plans.steps(page) if "VIRTUAL" not in step]  # the kinds
        assert steps == [], page.text
    kinds = [node["kind"] for node in first["nodes"] + rest["nodes"]]
    assert kinds == ["PROCESSING", "REVIEW", "REVIEW", "REVIEW", "REVIEW"]
    days = [node["day"] for node in rest["nodes"]]
    assert days == sorted(days, reverse=True)
    assert first["totalCount"] == 5


async def test_only_those_who_read_quality_see_the_work_of_others(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("京东自营")
    ann, bob = await given.reviewer(shop, "小安"), await given.reviewer(shop, "小波")
    reader = await given.employee(shop, Permission.QUALITY_READ)
    platform = await given.platform(Permission.MERCHANT_READ)
    ruler = await given.platform(Permission.INTERVENE)
    customer = await given.customer(shop)

    async def code(person: Person, named: Person | None) -> str:
        try:
            employee = None if named is None else named.global_id
            await client.as_(person.token).ask(ACTIVITY, period=TODAY, employee=employee)
        except Failed as failed:
            return failed.code
        return "OK"

    nobody = Person(1, "nobody", "", shop.id)
    for person, named, expected in (
        (ann, None, "OK"),
        (ann, ann, "OK"),
        (ann, bob, "FORBIDDEN"),
        (ann, other.owner, "FORBIDDEN"),
        (ann, nobody, "FORBIDDEN"),
        (reader, ann, "OK"),
        (reader, other.owner, "NOT_FOUND"),
        (reader, nobody, "NOT_FOUND"),
        (platform, ann, "OK"),
        (platform, None, "BAD_USER_INPUT"),
        (ruler, ann, "FORBIDDEN"),
        (ruler, None, "FORBIDDEN"),
        (customer, ann, "FORBIDDEN"),
        (customer, None, "FORBIDDEN"),
    ):
        assert await code(person, named) == expected, (person.login, named, expected)
    seen = await client.as_(reader.token).ask(ACTIVITY, period=TODAY, employee=ann.global_id)
    assert seen["cases"] is None  # orders take another permission


async def waiting(given: World, shop: Shop, status: Status, hours: int, **columns: Any) -> None:
    await given.in_status(shop, status, clock_due_at=given.now + timedelta(hours=hours), **columns)


async def test_the_summary_tells_what_was_done_and_what_waits_by_employee(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("京东自营")
    ann, bob = await given.reviewer(shop, "小安"), await given.reviewer(shop, "小波")
    closed = await given.in_status(shop, Status.COMPLETED)
    for sequence in (2, 3):
        await given.quality_case(closed, ann, sequence=sequence)
    automatic = {"employee_id": None, "marks": int(Mark.AUTOMATIC | Mark.APPROVED)}
    await given.quality_case(closed, ann, sequence=4, **automatic)
    await given.quality_case(closed, ann, sequence=5, day=given.now.toordinal() - 1)
    await waiting(given, shop, Status.PENDING_REVIEW, -1, assignee_id=bob.id)
    await waiting(given, shop, Status.PENDING_REVIEW, 5, assignee_id=bob.id)
    await waiting(given, shop, Status.AWAITING_PROCESSING, 5)
    await waiting(given, shop, Status.AWAITING_SHIPMENT, 5, assignee_id=ann.id)
    owner = client.as_(shop.owner.token)
    summary = await owner.ask(SUMMARY)
    assert (summary["day"], summary["merchant"]) == ("2026-11-22", {"name": "京北数码"})
    assert some(summary["done"]) == {"REVIEW": 3}
    assert summary["done"][0]["onTime"] == 2
    assert summary["queues"] == {
        "review": {"waiting": 2, "overdue": 1},
        "processing": {"waiting": 1},
    }
    lines = [
        ((line["employee"] or {}).get("name"), some(line["done"]), line["waiting"], line["overdue"])
        for line in summary["byEmployee"]
    ]
    assert lines == [
        ("小安", {"REVIEW": 2}, 0, 0),
        ("小波", {}, 2, 1),
        (None, {"REVIEW": 1}, 1, 0),
    ]
    yesterday = await owner.ask(SUMMARY, date="2026-11-21")
    assert some(yesterday["done"]) == {"REVIEW": 1}
    assert yesterday["queues"] == summary["queues"]
    empty = await client.as_(other.owner.token).ask(SUMMARY)
    assert (some(empty["done"]), empty["byEmployee"]) == ({}, [])
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    assert await platform.ask(SUMMARY, merchant=shop.global_id) == summary


async def test_a_summary_of_another_merchant_or_of_no_day_is_refused(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop, other = await given.merchant(), await given.merchant("京东自营")
    owner = client.as_(shop.owner.token)
    for arguments, code in (
        ({"merchant": other.global_id}, "NOT_FOUND"),
        ({"date": "2026-02-30"}, "BAD_USER_INPUT"),
        ({"date": "today"}, "BAD_USER_INPUT"),
    ):
        with pytest.raises(Failed) as failed:
            await owner.ask(SUMMARY, **arguments)
        assert failed.value.code == code
    clock.pass_(timedelta(hours=4))  # midnight in Shanghai, where the merchant is
    assert (await owner.ask(SUMMARY))["day"] == "2026-11-23"
