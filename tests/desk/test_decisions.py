"""The five decisions, one order at a time: what each takes, does and leaves behind."""

from typing import Any

import pytest

from domain.actions import Action
from domain.desk.reviews import MAX_NOTE
from domain.lifecycle import LIFECYCLE
from domain.permissions import Permission
from domain.statuses import Status
from schema import ids
from tests.client import Client, Failed
from tests.given import RECEIPT, World, jpeg

pytestmark = pytest.mark.anyio

REJECT = {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}
RESEND = {"goods": "蓝牙耳机", "later": True, "customerNote": "补发新品"}
DECISIONS: dict[Action, dict[str, Any]] = {
    Action.APPROVE: {"approve": {"customerNote": "请寄回", "reason": "AGREED.OTHER"}},
    Action.REJECT: {"reject": REJECT},
    Action.RESEND: {"resend": RESEND},
    Action.REQUEST_FEEDBACK: {"requestFeedback": {"question": "请补充照片"}},
    Action.RECORD_GIVE_UP: {"recordGiveUp": {"customerNote": "客户不退了"}},
}
REVIEWED = """serviceOrder { status version
  review { decision automatic reviewer { kind name } at reason { code } customerNote
    returnAddress { detail } shipment { goods carrier waybill } evidence { id } }
  timeline { sequence kind actor { kind name } fromStatus toStatus customerNote details } }"""


@pytest.mark.parametrize("action", DECISIONS)
async def test_a_decision_is_kept_with_who_when_and_what_the_customer_was_told(
    client: Client, given: World, action: Action
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    reviewer = client.as_((await given.reviewer(shop)).token)
    [said] = DECISIONS[action].values()
    payload = await reviewer.do(
        "reviewServiceOrder", REVIEWED, id=order.id, decision=DECISIONS[action]
    )
    assert payload["refusals"] == []
    found = payload["serviceOrder"]
    note = said.get("customerNote", said.get("question"))
    assert found["status"] == LIFECYCLE[action].target
    assert found["version"] == 2
    assert found["review"] == {
        "decision": action,
        "automatic": False,
        "reviewer": {"kind": "EMPLOYEE", "name": "小A"},
        "at": given.now.isoformat(),
        "reason": {"code": said["reason"]} if "reason" in said else None,
        "customerNote": note,
        "returnAddress": {"detail": "科技园路 1 号"} if action is Action.APPROVE else None,
        "shipment": (
            {"goods": "蓝牙耳机", "carrier": None, "waybill": None}
            if action is Action.RESEND
            else None
        ),
        "evidence": [],
    }
    event = found["timeline"][-1]
    assert [one["sequence"] for one in found["timeline"]] == [1, 2]
    assert event["actor"] == {"kind": "EMPLOYEE", "name": "小A"}
    assert (event["fromStatus"], event["toStatus"]) == ("PENDING_REVIEW", found["status"])
    assert event["customerNote"] == note
    assert set(event["details"] or {}) == {
        name
        for name, there in (
            ("returnAddress", action is Action.APPROVE),
            ("returnAddressRule", action is Action.APPROVE),
            ("shipment", action is Action.RESEND),
            ("reason", "reason" in said),
        )
        if there
    }


@pytest.mark.parametrize("action", DECISIONS)
async def test_a_decision_lacks_nothing_that_it_must_carry(
    client: Client, given: World, action: Action
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    reviewer = client.as_((await given.reviewer(shop)).token)
    [(name, said)] = DECISIONS[action].items()
    required = set(said) - {"later"} if action is not Action.APPROVE else set()
    assert bool(required) is (action is not Action.APPROVE)
    for field in sorted(required):
        rest = {key: value for key, value in said.items() if key != field}
        for lack in ({}, {field: None}, {field: ""}, {field: " \n"}, {field: 1}):
            decision = {name: rest | lack}
            codes = await reviewer.codes("reviewServiceOrder", id=order.id, decision=decision)
            assert codes == ["BAD_USER_INPUT"], decision
    for field in sorted(set(said) - {"later", "reason", "goods"}):
        decision = {name: said | {field: "字" * (MAX_NOTE + 1)}}
        codes = await reviewer.codes("reviewServiceOrder", id=order.id, decision=decision)
        assert codes == ["BAD_USER_INPUT"]
    assert (await given.row(order)).version == 1
    for field in sorted(set(said) & {"customerNote", "question"}):
        decision = {name: said | {field: "字" * MAX_NOTE}}
        assert await reviewer.codes("reviewServiceOrder", id=order.id, decision=decision) == []


@pytest.mark.parametrize(
    "decision",
    [
        {},
        {"approve": None},
        {"approve": {}, "reject": REJECT},
        {"approve": {}, "reject": None},
        {"forgive": {}},
        {"approve": {"price": "1"}},
        None,
        "APPROVE",
        [{"approve": {}}, {"reject": REJECT}],
    ],
    ids=str,
)
async def test_exactly_one_decision_is_given(
    client: Client, given: World, decision: object
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    codes = await owner.codes("reviewServiceOrder", id=order.id, decision=decision)
    assert set(codes) == {"BAD_USER_INPUT"}  # twice, for a key that is unknown and the only one
    assert (await given.row(order)).version == 1


@pytest.mark.parametrize("name", ["approve", "reject"])
@pytest.mark.parametrize("reason", ["NOT_ELIGIBLE", "QUALITY.BROKEN", "NONE", "原因"])
async def test_a_reason_is_one_of_those_for_reviews(
    client: Client, given: World, name: str, reason: str
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    said = {"reason": reason, "customerNote": "好"}
    refusal = await client.as_(shop.owner.token).refused(
        "reviewServiceOrder", id=order.id, decision={name: said}
    )
    assert (refusal["code"], refusal["reason"]) == ("UNKNOWN_REASON", reason)
    assert (await given.row(order)).version == 1


async def test_the_customer_is_sent_to_the_address_that_was_chosen(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    order = await given.order(shop)
    chosen = await given.return_address(shop.id, is_default=False)
    id_ = ids.encode("ReturnAddress", shop.id, chosen)
    await owner.do(
        "saveReturnAddress",
        id=id_,
        address={
            "contact": "仓管",
            "phone": "021-5555",
            "provinceCode": "310000",
            "cityCode": "310100",
            "districtCode": "310115",
            "detail": "张江路 2 号",
        },
    )
    payload = await owner.do(
        "reviewServiceOrder",
        "serviceOrder { review { returnAddress { contact phone zip region detail } } }",
        id=order.id,
        decision={"approve": {"returnAddressId": id_}},
    )
    assert payload["serviceOrder"]["review"]["returnAddress"] == {
        "contact": "仓管",
        "phone": "021-5555",
        "zip": None,
        "region": "上海市 浦东新区",
        "detail": "张江路 2 号",
    }


async def test_an_address_of_another_merchant_is_not_found(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    for id_ in (
        ids.encode("ReturnAddress", other.id, other.address_id),
        ids.encode("ReturnAddress", shop.id, other.address_id),
        ids.encode("ReturnAddress", shop.id, 1),
        other.global_id,
    ):
        refusal = await owner.refused(
            "reviewServiceOrder", id=order.id, decision={"approve": {"returnAddressId": id_}}
        )
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "ReturnAddress")
        assert refusal["path"] == ["decision", "approve", "returnAddressId"]
    assert (await given.row(order)).version == 1


async def test_without_any_address_nothing_is_approved_and_the_rest_goes_on(
    client: Client, given: World
) -> None:
    shop = await given.merchant(address=False)
    owner = client.as_(shop.owner.token)
    for action, decision in DECISIONS.items():
        order = await given.order(shop)
        codes = await owner.codes("reviewServiceOrder", id=order.id, decision=decision)
        assert codes == (["NO_RETURN_ADDRESS"] if action is Action.APPROVE else [])


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ({}, False),
        ({"later": False}, False),
        ({"later": True}, True),
        ({"carrier": "SF"}, False),
        ({"waybill": "1"}, False),
        ({"carrier": "SF", "later": True}, False),
        ({"waybill": "1", "later": True}, False),
        ({"carrier": "SF", "waybill": "1", "later": True}, False),
        ({"carrier": " ", "waybill": "1"}, False),
        ({"carrier": "SF", "waybill": "1"}, True),
        ({"carrier": "SF", "waybill": "1", "later": False}, True),
        ({"carrier": "", "waybill": None, "later": True}, True),
    ],
    ids=str,
)
async def test_a_resend_has_carrier_and_waybill_or_says_later(
    client: Client, given: World, said: dict[str, Any], accepted: bool
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    decision = {"resend": {"goods": "耳机", "customerNote": "补发", **said}}
    if not accepted:
        codes = await owner.codes("reviewServiceOrder", id=order.id, decision=decision)
        assert codes == ["BAD_USER_INPUT"]
        assert (await given.row(order)).version == 1
        return
    payload = await owner.do("reviewServiceOrder", REVIEWED, id=order.id, decision=decision)
    assert payload["serviceOrder"]["review"]["shipment"] == {
        "goods": "耳机",
        "carrier": said.get("carrier") or None,
        "waybill": said.get("waybill") or None,
    }


@pytest.mark.parametrize("action", DECISIONS)
async def test_who_comes_late_is_told_who_decided_when_and_what(
    client: Client, given: World, action: Action
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    for status in Status:
        order = await given.in_status(shop, status)
        said = {"id": order.id, "decision": DECISIONS[action]}
        if status in LIFECYCLE[action].sources:
            assert await owner.codes("reviewServiceOrder", **said) == []
            continue
        refusal = await owner.refused("reviewServiceOrder", **said)
        row = await given.row(order)
        assert {
            name: refusal[name]
            for name in ("code", "by", "at", "decision", "automatic", "retryable")
        } == {
            "code": "ALREADY_DECIDED",
            "by": {"kind": "EMPLOYEE", "name": "小Z"},
            "at": given.now.isoformat(),
            "decision": row.decision,
            "automatic": False,
            "retryable": False,
        }
        assert row.version == 1


async def test_what_the_customer_cancelled_nobody_decided(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    customer = client.as_((await given.customer(shop)).token)
    await customer.do("cancelServiceOrder", id=order.id)
    payload = await client.as_(shop.owner.token).do(
        "reviewServiceOrder", id=order.id, decision=DECISIONS[Action.APPROVE]
    )
    [refusal] = payload["refusals"]
    assert (refusal["code"], refusal["status"], refusal["allowedFrom"]) == (
        "WRONG_STATUS",
        "CANCELLED",
        ["AWAITING_FEEDBACK", "PENDING_REVIEW"],
    )


async def test_what_has_moved_on_since_it_was_read_is_not_changed(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    await owner.do("addNote", id=order.id, text="客户来电")
    said = {"id": order.id, "decision": {"approve": {}}}
    for stale in (1, 0, -1, 3, 2**31 - 1):
        refusal = await owner.refused("reviewServiceOrder", **said, expectedVersion=stale)
        assert (refusal["code"], refusal["current"]) == ("STALE_VERSION", 2)
        assert refusal["retryable"] is True
    assert await owner.codes("reviewServiceOrder", **said, expectedVersion=2) == []
    # Both that it moved on and that it was decided are told.
    codes = await owner.codes("reviewServiceOrder", **said, expectedVersion=2)
    assert codes == ["ALREADY_DECIDED", "STALE_VERSION"]


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("addNote", Status.COMPLETED, {"text": "好"}),
        ("shipServiceOrder", Status.AWAITING_SHIPMENT, {"carrier": "SF", "waybill": "1"}),
        ("receiveServiceOrder", Status.AWAITING_RECEIPT, RECEIPT),
        ("closeServiceOrder", Status.AWAITING_PROCESSING, {"reason": "好"}),
    ],
)
async def test_every_change_of_the_staff_minds_the_version_if_it_is_told(
    client: Client, given: World, name: str, status: Status, said: dict[str, Any]
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, status)
    owner = client.as_(shop.owner.token)
    codes = await owner.codes(name, id=order.id, expectedVersion=2, **said)
    assert codes == ["STALE_VERSION"]
    assert await owner.codes(name, id=order.id, expectedVersion=1, **said) == []
    assert (await given.row(order)).version == 2


async def test_a_decision_carries_up_to_three_pictures_in_their_order(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    photos = [(await owner.upload(jpeg(width)))["evidence"]["id"] for width in (10, 11, 12, 13)]
    foreign = (await client.as_(other.owner.token).upload(jpeg(14)))["evidence"]["id"]
    unknown = ids.encode("Evidence", shop.id, "0" * 64)
    said = {"id": order.id, "decision": {"approve": {}}}
    refusal = await owner.refused("reviewServiceOrder", **said, evidenceIds=photos)
    assert (refusal["code"], refusal["limit"], refusal["found"]) == ("TOO_MANY_PICTURES", 3, 4)
    for stranger in (foreign, unknown):
        refusal = await owner.refused(
            "reviewServiceOrder", **said, evidenceIds=[photos[0], stranger]
        )
        assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["evidenceIds", "1"])
    assert (await given.row(order)).version == 1
    chosen = [photos[2], photos[0], photos[1]]
    payload = await owner.do("reviewServiceOrder", REVIEWED, **said, evidenceIds=chosen)
    assert payload["serviceOrder"]["review"]["evidence"] == [{"id": one} for one in chosen]


async def test_an_order_of_another_merchant_is_not_found(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    theirs = await given.order(other)
    owner = client.as_(shop.owner.token)
    disguised = ids.encode("ServiceOrder", shop.id, theirs.key)
    for id_ in (theirs.id, disguised, ids.encode("ServiceOrder", shop.id, 1), shop.global_id):
        refusal = await owner.refused(
            "reviewServiceOrder", id=id_, decision=DECISIONS[Action.APPROVE]
        )
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "ServiceOrder")
    assert (await given.row(theirs)).version == 1


async def test_without_the_right_to_read_one_may_decide_and_sees_nothing(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    blind = client.as_((await given.employee(shop, Permission.REVIEW)).token)
    payload = await blind.do(
        "reviewServiceOrder", "serviceOrder { status }", id=order.id, decision={"approve": {}}
    )
    assert payload == {"serviceOrder": None, "refusals": []}
    with pytest.raises(Failed):
        await blind.ask("query($id: ID!) { serviceOrder(id: $id) { status } }", id=order.id)
    assert (await given.row(order)).status is Status.AWAITING_SHIPMENT
