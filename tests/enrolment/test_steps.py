"""Admission: every step from every status, and what is kept of it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.enrolment import ENROLMENT, EnrolmentStatus, EnrolmentStep
from domain.statuses import Status
from jobs.timers import fire_timers
from schema import ids
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import ADDRESS, RECEIPT, World

pytestmark = pytest.mark.anyio

MUTATIONS = {
    EnrolmentStep.APPLY: "applyForEnrolment",
    EnrolmentStep.APPROVE: "approveEnrolment",
    EnrolmentStep.REJECT: "rejectEnrolment",
    EnrolmentStep.SUSPEND: "suspendMerchant",
    EnrolmentStep.RESUME: "resumeMerchant",
}
HISTORY = """{ enrolment { status
  attempts { number appliedBy { kind name } appliedAt reviewedBy { kind name } reviewedAt
    result reason }
  suspensions { suspendedBy { name } suspendedAt reason resumedBy { name } resumedAt
    resumeReason } } }"""


@pytest.mark.parametrize("step", EnrolmentStep)
@pytest.mark.parametrize("status", EnrolmentStatus)
async def test_a_step_is_taken_from_where_the_table_allows_it_and_from_nowhere_else(
    client: Client, given: World, status: EnrolmentStatus, step: EnrolmentStep
) -> None:
    shop = await given.merchant(enrolment=status)
    owner, platform = client.as_(shop.owner.token), client.as_((await given.platform()).token)
    said: dict[str, Any] = {}
    if step is not EnrolmentStep.APPLY:
        said["merchantId"] = shop.global_id
    if ENROLMENT[step].needs_reason:
        said["reason"] = "说明"
    asker = owner if step is EnrolmentStep.APPLY else platform
    if status in ENROLMENT[step].sources:
        payload = await asker.do(MUTATIONS[step], "enrolment { status }", **said)
        assert payload["refusals"] == []
        assert payload["enrolment"] == {"status": ENROLMENT[step].target}
        after = ENROLMENT[step].target
    else:
        payload = await asker.do(MUTATIONS[step], "enrolment { status }", **said)
        [refusal] = payload["refusals"]
        assert refusal["code"] == "WRONG_ENROLMENT_STATUS"
        assert refusal["enrolment"] == status
        assert refusal["allowedEnrolments"] == list(ENROLMENT[step].sources)
        assert payload["enrolment"] is None
        after = status
    assert (await owner.ask("{ enrolment { status } }"))["status"] == after


async def test_every_attempt_is_kept_with_who_when_and_why(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.NOT_ENROLLED)
    owner, platform = client.as_(shop.owner.token), client.as_((await given.platform()).token)
    times = []

    async def step(asker: Client, name: str, **said: object) -> None:
        clock.pass_(timedelta(hours=1))
        times.append(clock.now().isoformat())
        assert await asker.codes(name, **said) == []

    merchant = {"merchantId": shop.global_id}
    await step(owner, "applyForEnrolment")
    await step(platform, "rejectEnrolment", **merchant, reason="执照过期")
    await step(owner, "applyForEnrolment")
    await step(platform, "rejectEnrolment", **merchant, reason="地址不符")
    await step(owner, "applyForEnrolment")
    await step(platform, "approveEnrolment", **merchant)
    await step(platform, "suspendMerchant", **merchant, reason="投诉过多")
    await step(platform, "resumeMerchant", **merchant, reason="已整改")
    await step(platform, "suspendMerchant", **merchant, reason="再次投诉")
    found = await owner.ask(HISTORY)
    assert found["status"] == "SUSPENDED"
    assert found["attempts"] == [
        {
            "number": number,
            "appliedBy": {"kind": "EMPLOYEE", "name": "店主"},
            "appliedAt": times[2 * number - 2],
            "reviewedBy": {"kind": "PLATFORM", "name": "平台小王"},
            "reviewedAt": times[2 * number - 1],
            "result": result,
            "reason": reason,
        }
        for number, result, reason in (
            (1, "REJECTED", "执照过期"),
            (2, "REJECTED", "地址不符"),
            (3, "ENABLED", None),
        )
    ]
    assert found["suspensions"] == [
        {
            "suspendedBy": {"name": "平台小王"},
            "suspendedAt": times[6],
            "reason": "投诉过多",
            "resumedBy": {"name": "平台小王"},
            "resumedAt": times[7],
            "resumeReason": "已整改",
        },
        {
            "suspendedBy": {"name": "平台小王"},
            "suspendedAt": times[8],
            "reason": "再次投诉",
            "resumedBy": None,
            "resumedAt": None,
            "resumeReason": None,
        },
    ]


async def test_a_pending_attempt_has_no_reviewer_yet(client: Client, given: World) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.NOT_ENROLLED)
    owner = client.as_(shop.owner.token)
    await owner.do("applyForEnrolment")
    [attempt] = (await owner.ask(HISTORY))["attempts"]
    assert attempt["result"] == "PENDING_REVIEW"
    assert [attempt[name] for name in ("reviewedBy", "reviewedAt", "reason")] == [None] * 3


@pytest.mark.parametrize("name", ["rejectEnrolment", "suspendMerchant", "resumeMerchant"])
@pytest.mark.parametrize("reason", ["", "  ", "字" * 501, None])
async def test_a_step_against_a_merchant_takes_a_reason(
    client: Client, given: World, name: str, reason: str | None
) -> None:
    shop = await given.merchant()
    platform = client.as_((await given.platform()).token)
    codes = await platform.codes(name, merchantId=shop.global_id, reason=reason)
    assert codes == ["BAD_USER_INPUT"]
    assert (await client.as_(shop.owner.token).ask(HISTORY))["suspensions"] == []


async def test_applying_without_a_valid_address_names_what_is_missing_and_saves_nothing(
    client: Client, given: World
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.NOT_ENROLLED, address=False)
    owner = client.as_(shop.owner.token)
    refusal = await owner.refused("applyForEnrolment")
    assert (refusal["code"], refusal["missing"]) == ("NO_RETURN_ADDRESS", ["returnAddress"])
    for name in sorted(ADDRESS):
        for blank in ("", "  "):
            address = ADDRESS | {name: blank}
            refusal = await owner.refused("applyForEnrolment", returnAddress=address)
            assert (refusal["code"], refusal["missing"]) == ("INCOMPLETE_ADDRESS", [name])
    refusal = await owner.refused("applyForEnrolment", returnAddress=dict.fromkeys(ADDRESS, ""))
    assert set(refusal["missing"]) == set(ADDRESS)
    state = await owner.ask("{ enrolment { status attempts { number } returnAddresses { id } } }")
    assert state == {"status": "NOT_ENROLLED", "attempts": [], "returnAddresses": []}


@pytest.mark.parametrize(
    ("codes", "level", "division"),
    [
        (("999999", "440300", "440305"), "province", "999999"),
        (("440300", "440300", "440305"), "province", "440300"),
        (("440000", "440305", "440305"), "city", "440305"),
        (("440000", "320100", "440305"), "city", "320100"),
        (("440000", "440300", "440300"), "district", "440300"),
        (("440000", "440300", "320102"), "district", "320102"),
        (("440000", "440300", "４４０３０５"), "district", "４４０３０５"),
    ],
)
async def test_each_division_must_be_below_the_one_before_it(
    client: Client, given: World, codes: tuple[str, str, str], level: str, division: str
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.NOT_ENROLLED, address=False)
    names = ("provinceCode", "cityCode", "districtCode")
    address = ADDRESS | dict(zip(names, codes, strict=True))
    owner = client.as_(shop.owner.token)
    refusal = await owner.refused("applyForEnrolment", returnAddress=address)
    assert (refusal["code"], refusal["level"], refusal["division"]) == (
        "UNKNOWN_DIVISION",
        level,
        division,
    )


async def test_the_address_that_comes_with_an_application_becomes_the_default(
    client: Client, given: World
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.NOT_ENROLLED)
    owner = client.as_(shop.owner.token)
    await owner.do("applyForEnrolment", returnAddress=ADDRESS | {"detail": "新仓库"})
    found = await owner.ask("{ returnAddresses { detail isDefault } }")
    assert found == [
        {"detail": "科技园路 1 号", "isDefault": False},
        {"detail": "新仓库", "isDefault": True},
    ]


async def test_the_queue_of_the_platform_has_the_pending_ones_alone(
    client: Client, given: World
) -> None:
    shops = {
        status: [await given.merchant(f"{status}-{at}", enrolment=status) for at in range(2)]
        for status in EnrolmentStatus
    }
    query = """query($status: EnrolmentStatus) { enrolments(status: $status, first: 100) {
      totalCount nodes { merchant { id } status } } }"""
    platform = client.as_((await given.platform()).token)
    for status, expected in shops.items():
        found = await platform.ask(query, status=status)
        assert found["nodes"] == [
            {"merchant": {"id": shop.global_id}, "status": status} for shop in expected
        ]
        assert found["totalCount"] == 2
    assert (await platform.ask(query, status=None))["totalCount"] == 2 * len(shops)


async def test_an_unknown_merchant_is_not_found(client: Client, given: World) -> None:
    platform = client.as_((await given.platform()).token)
    refusal = await platform.refused("approveEnrolment", merchantId=ids.encode("Merchant", 1))
    assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Merchant")


@pytest.mark.parametrize(
    "status", [status for status in EnrolmentStatus if status is not EnrolmentStatus.ENABLED]
)
async def test_while_a_merchant_is_not_enabled_nothing_is_reviewed_received_or_processed(
    client: Client, given: World, status: EnrolmentStatus
) -> None:
    shop = await given.merchant(enrolment=status)
    owner = client.as_(shop.owner.token)
    orders = {
        name: await given.order(shop, status=order_status)
        for name, order_status in (
            ("reviewServiceOrder", Status.PENDING_REVIEW),
            ("shipServiceOrder", Status.AWAITING_SHIPMENT),
            ("receiveServiceOrder", Status.AWAITING_RECEIPT),
            ("closeServiceOrder", Status.AWAITING_PROCESSING),
        )
    }
    rest: dict[str, dict[str, Any]] = {
        "reviewServiceOrder": {"decision": {"approve": {}}},
        "shipServiceOrder": {"carrier": "SF", "waybill": "1"},
        "receiveServiceOrder": RECEIPT,
        "closeServiceOrder": {"reason": "好"},
    }
    for name, order in orders.items():
        refusal = await owner.refused(name, id=order.id, **rest[name])
        assert (refusal["code"], refusal["enrolment"]) == ("MERCHANT_NOT_ENABLED", status)
        assert (await given.row(order)).version == 1
    batch = await owner.do(
        "reviewServiceOrders",
        "results { done refusals { code } }",
        ids=[orders["reviewServiceOrder"].id],
        decision={"approve": {}},
    )
    assert batch["results"] == [{"done": False, "refusals": [{"code": "MERCHANT_NOT_ENABLED"}]}]
    # Notes and reading go on.
    assert await owner.codes("addNote", id=orders["reviewServiceOrder"].id, text="好") == []


async def test_the_orders_of_a_suspended_merchant_keep_running_and_are_approved_by_the_clock(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    platform, owner = client.as_((await given.platform()).token), client.as_(shop.owner.token)
    await platform.do("suspendMerchant", merchantId=shop.global_id, reason="投诉过多")
    clock.pass_(timedelta(hours=48))
    assert (await fire_timers(given.parts.database, clock.now())).approved == 1
    assert (await given.row(order)).status == "AWAITING_SHIPMENT"
    # The customer goes on, the staff does not, until the merchant is let go on.
    customer = client.as_((await given.customer(shop)).token)
    assert await customer.codes("shipServiceOrder", id=order.id, carrier="SF", waybill="1") == []
    received = {"id": order.id, **RECEIPT}
    assert await owner.codes("receiveServiceOrder", **received) == ["MERCHANT_NOT_ENABLED"]
    await platform.do("resumeMerchant", merchantId=shop.global_id, reason="已整改")
    assert await owner.codes("receiveServiceOrder", **received) == []


async def test_a_merchant_sees_its_own_enrolment_alone(client: Client, given: World) -> None:
    shop = await given.merchant()
    await given.merchant("另一家", enrolment=EnrolmentStatus.REJECTED)
    owner = client.as_(shop.owner.token)
    found = await owner.ask("{ enrolment { merchant { name } status } }")
    assert found == {"merchant": {"name": "京北数码"}, "status": "ENABLED"}
    with pytest.raises(Failed) as failure:
        await owner.ask("{ enrolments { totalCount } }")
    assert failure.value.extensions == {"code": "FORBIDDEN", "requires": "ENROLMENT_REVIEW"}


async def test_an_address_is_not_even_valid_without_its_required_fields(
    client: Client, given: World
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.NOT_ENROLLED, address=False)
    owner = client.as_(shop.owner.token)
    for name in sorted(ADDRESS):
        without = {key: value for key, value in ADDRESS.items() if key != name}
        for address in (without, ADDRESS | {name: None}):
            codes = await owner.codes("applyForEnrolment", returnAddress=address)
            assert codes == ["BAD_USER_INPUT"], name
    # The postal code is the one field that an address does without.
    assert await owner.codes("applyForEnrolment", returnAddress=ADDRESS | {"zip": None}) == []
