"""The desk's story, step by step, through HTTP alone."""

from datetime import timedelta

import pytest

from doctor.examine import examine
from doctor.finding import Finding
from jobs.timers import fire_timers
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.given import ADDRESS, ITEM, PASSWORD, RECEIPT, World, jpeg

pytestmark = pytest.mark.anyio

ORDER = "serviceOrder { id status version }"


async def test_the_story_of_a_desk(  # noqa: PLR0915 - one story
    client: Client, given: World, clock: StoppedClock
) -> None:
    platform = client.as_((await given.platform()).token)

    # The platform registers a merchant; its owner signs in.
    await platform.do(
        "registerMerchant",
        name="京北数码旗舰店",
        login="owner",
        password=PASSWORD,
        mainAccountName="店主",
    )
    owner = await client.sign_in("owner")
    merchant = await owner.ask("{ enrolment { merchant { id } } }")
    merchant_id = merchant["merchant"]["id"]

    # No address: refused. An address with two levels: refused. Nothing was changed.
    refusal = await owner.refused("applyForEnrolment")
    assert (refusal["code"], refusal["missing"]) == ("NO_RETURN_ADDRESS", ["returnAddress"])
    two_levels = ADDRESS | {"districtCode": ""}
    refusal = await owner.refused("applyForEnrolment", returnAddress=two_levels)
    assert (refusal["code"], refusal["missing"]) == ("INCOMPLETE_ADDRESS", ["districtCode"])
    assert (await owner.ask("{ enrolment { status } }"))["status"] == "NOT_ENROLLED"

    # Applied, rejected with a reason, applied again, approved.
    applied = await owner.do("applyForEnrolment", "enrolment { status }", returnAddress=ADDRESS)
    assert applied["enrolment"]["status"] == "PENDING_REVIEW"
    queue = await platform.ask(
        "{ enrolments(status: PENDING_REVIEW) { nodes { merchant { id } } } }"
    )
    assert queue["nodes"] == [{"merchant": {"id": merchant_id}}]
    await platform.do("rejectEnrolment", merchantId=merchant_id, reason="营业执照过期")
    seen = await owner.ask("{ enrolment { status attempts { number result reason } } }")
    assert seen == {
        "status": "REJECTED",
        "attempts": [{"number": 1, "result": "REJECTED", "reason": "营业执照过期"}],
    }
    await owner.do("applyForEnrolment")
    approved = await platform.do(
        "approveEnrolment",
        "enrolment { status attempts { number result reviewedBy { name } } }",
        merchantId=merchant_id,
    )
    assert approved["enrolment"]["status"] == "ENABLED"
    assert [one["result"] for one in approved["enrolment"]["attempts"]] == ["REJECTED", "ENABLED"]

    # The main account makes a review group, and employee 小A in it.
    role = await owner.do(
        "createRole",
        "role { id permissions }",
        name="夜班审核组",
        permissions=["SERVICE_ORDER_READ", "REVIEW", "NOTE"],
    )
    hired = await owner.do(
        "createEmployee",
        "employee { id roles { name } }",
        login="xiao-a",
        password=PASSWORD,
        name="小A",
        roleIds=[role["role"]["id"]],
    )
    assert hired["employee"]["roles"] == [{"name": "夜班审核组"}]
    employee_id = hired["employee"]["id"]
    reviewer = await client.sign_in("xiao-a")

    # A storefront submits an application of three items; the same reference is the same one.
    connector = await owner.do(
        "createConnector", "connector { id } token", name="商城前台", scopes=["APPLICATION_SUBMIT"]
    )
    await platform.do(
        "grantConnectorScopes", id=connector["connector"]["id"], scopes=["CUSTOMER_ACT"]
    )
    storefront = client.as_(connector["token"])
    repair = {**ITEM, "sku": "SKU-3", "expectation": "REPAIR"}
    three = {
        "externalRef": "A-1",
        "orderNumber": "P-1001",
        "customerRef": "c-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [ITEM, {**ITEM, "sku": "SKU-2"}, repair],
    }
    shape = "replayed application { id serviceOrders { id status reviewClock { remaining } } }"
    first = await storefront.do("submitApplication", shape, **three)
    again = await storefront.do("submitApplication", shape, **three)
    assert not first["replayed"]
    assert again["replayed"]
    assert again["application"] == first["application"]
    batch = [order["id"] for order in first["application"]["serviceOrders"]]
    assert len(batch) == 3
    assert {order["status"] for order in first["application"]["serviceOrders"]} == {
        "PENDING_REVIEW"
    }

    async def pending(ref: str) -> str:
        single = {**three, "externalRef": ref, "items": [ITEM]}
        shape = "application { serviceOrders { id } }"
        payload = await storefront.do("submitApplication", shape, **single)
        return str(payload["application"]["serviceOrders"][0]["id"])

    # Each of the five decisions, with the status it leads to.
    decisions = {
        "AWAITING_SHIPMENT": {"approve": {"customerNote": "请寄回"}},
        "REJECTED": {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}},
        "AWAITING_CONFIRMATION": {
            "resend": {"goods": "蓝牙耳机", "later": True, "customerNote": "补发新品"}
        },
        "AWAITING_FEEDBACK": {"requestFeedback": {"question": "请补充照片"}},
        "CANCELLED": {"recordGiveUp": {"customerNote": "客户不退了"}},
    }
    photo = (await reviewer.upload(jpeg()))["evidence"]["id"]
    done = {}
    for at, (status, decision) in enumerate(decisions.items()):
        order = await pending(f"single-{at}")
        payload = await reviewer.do(
            "reviewServiceOrder",
            "serviceOrder { id status version"
            " review { decision reviewer { name } evidence { id } } }",
            id=order,
            decision=decision,
            evidenceIds=[photo],
        )
        assert payload["refusals"] == []
        assert payload["serviceOrder"]["status"] == status
        assert payload["serviceOrder"]["review"]["reviewer"]["name"] == "小A"
        assert payload["serviceOrder"]["review"]["evidence"] == [{"id": photo}]
        done[status] = order

    # 小A is in the review group alone: processing is refused, naming what is missing.
    shipped = await client.sign_in("owner")
    await shipped.do("shipServiceOrder", id=done["AWAITING_SHIPMENT"], carrier="SF", waybill="1")
    await shipped.do("receiveServiceOrder", id=done["AWAITING_SHIPMENT"], **RECEIPT)
    closing = {"id": done["AWAITING_SHIPMENT"], "reason": "已协商"}
    with pytest.raises(Failed) as denied:
        await reviewer.do("closeServiceOrder", **closing)
    assert denied.value.extensions == {"code": "FORBIDDEN", "requires": "PROCESS"}

    # The permission is added to 小A alone, and it works.
    await owner.do("updateEmployee", id=employee_id, extraPermissions=["PROCESS"])
    closed = await reviewer.do("closeServiceOrder", ORDER, **closing)
    assert closed["serviceOrder"]["status"] == "COMPLETED"

    # A batch approval within one application works; across two it is refused whole.
    approve: dict[str, object] = {"approve": {}}
    stranger = await pending("another")
    refusal = await reviewer.refused(
        "reviewServiceOrders", ids=[*batch, stranger], decision=approve
    )
    assert (refusal["code"], refusal["applications"]) == ("DIFFERENT_APPLICATIONS", 2)
    payload = await reviewer.do(
        "reviewServiceOrders",
        "results { index done serviceOrder { id status } }",
        ids=batch,
        decision=approve,
    )
    assert [one["done"] for one in payload["results"]] == [True] * 3
    assert [one["serviceOrder"]["id"] for one in payload["results"]] == batch

    # A batch rejection with one stale order answers for each.
    fresh, stale = await pending("fresh"), await pending("stale")
    await reviewer.do("addNote", id=stale, text="客户来电催促")
    payload = await reviewer.do(
        "reviewServiceOrders",
        "results { done serviceOrder { status } refusals { code } }",
        ids=[fresh, stale],
        decision={"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}},
        expectedVersions=[{"id": stale, "version": 1}],
    )
    assert payload["results"] == [
        {"done": True, "serviceOrder": {"status": "REJECTED"}, "refusals": []},
        {
            "done": False,
            "serviceOrder": {"status": "PENDING_REVIEW"},
            "refusals": [{"code": "STALE_VERSION"}],
        },
    ]

    # Four pictures, a picture of 819,200 bytes and a renamed text file are refused.
    more = [(await reviewer.upload(jpeg(width)))["evidence"]["id"] for width in (10, 11, 12)]
    photos = [photo, *more]
    refusal = await reviewer.refused(
        "reviewServiceOrder", id=stale, decision=approve, evidenceIds=photos
    )
    assert (refusal["code"], refusal["limit"], refusal["found"]) == ("TOO_MANY_PICTURES", 3, 4)
    large = jpeg() + b"\0" * (819_200 - len(jpeg()))
    assert (await reviewer.upload(large))["refusals"] == [
        {"__typename": "PictureTooLarge", "code": "PICTURE_TOO_LARGE"}
    ]
    assert (await reviewer.upload(large[:-1]))["refusals"] == []
    text = await reviewer.upload(b"not a picture at all", "photo.jpg")
    assert [one["code"] for one in text["refusals"]] == ["NOT_A_PICTURE"]

    # At 47:59:59 nothing happens; at 48:00:00 the order is approved once, and it says why.
    submitted_at = clock.now()
    late = await pending("late")
    clock.pass_(timedelta(hours=47, minutes=59, seconds=59))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    clock.pass_(timedelta(seconds=1))
    await fire_timers(given.parts.database, clock.now())
    await fire_timers(given.parts.database, clock.now())
    order = await reviewer.ask(
        """query($id: ID!) { serviceOrder(id: $id) {
             status
             review { decision automatic reviewer { name } returnAddress { region detail } }
             timeline { kind actor { kind }
               explanation { rule ruleVersion startedAt dueAt ranAt pauses { startAt } } } } }""",
        id=late,
    )
    assert order["status"] == "AWAITING_SHIPMENT"
    assert order["review"] == {
        "decision": "AUTO_APPROVE",
        "automatic": True,
        "reviewer": {"name": "系统"},
        "returnAddress": {"region": "广东省 深圳市 南山区", "detail": "科技园路 1 号"},
    }
    submitted, automatic = order["timeline"]
    assert submitted["kind"] == "SUBMITTED"
    assert (automatic["kind"], automatic["actor"]["kind"]) == ("AUTO_APPROVED", "SYSTEM")
    due_at = (submitted_at + timedelta(hours=48)).isoformat()
    assert automatic["explanation"] == {
        "rule": "REVIEW_WINDOW_48H",
        "ruleVersion": 1,
        "startedAt": submitted_at.isoformat(),
        "dueAt": due_at,
        "ranAt": due_at,
        "pauses": [],
    }

    # After all this, every row is what the rules say.
    found: list[Finding] = []
    async with given.parts.database.read() as connection:
        await examine(connection, given.parts.pictures, clock.now(), found.append)
    assert found == []
