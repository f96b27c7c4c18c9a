"""One decision on many orders: every order answers for itself, in its place."""

from typing import Any

import pytest

from domain.actions import Action
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import BATCH
from domain.statuses import Status
from schema import ids
from tests.client import Client, Failed
from tests.given import OrderRef, World, jpeg

pytestmark = pytest.mark.anyio

REJECT: dict[str, Any] = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}
GIVE_UP: dict[str, Any] = {"recordGiveUp": {"customerNote": "不退了"}}
APPROVE: dict[str, Any] = {"approve": {"customerNote": "请寄回"}}
DECISIONS = {
    Action.APPROVE: APPROVE,
    Action.REJECT: REJECT,
    Action.RECORD_GIVE_UP: GIVE_UP,
}
RESULTS = "results { index done serviceOrder { id status } refusals { code } }"
PLAN = f"""query($input: ReviewPlanInput!) {{ reviewPlan(input: $input) {{
  planToken refusals {{ code }} {RESULTS} }} }}"""


async def pending(given: World, shop, count: int) -> list[OrderRef]:
    """So many orders, each of an application of its own."""
    return [await given.order(shop) for _ in range(count)]


def id_of(orders: list[OrderRef]) -> list[str]:
    return [order.id for order in orders]


async def untouched(given: World, orders: list[OrderRef]) -> bool:
    return all([(await given.row(order)).version == 1 for order in orders])


async def planned(client: Client, **said: Any) -> Any:
    return await client.ask(PLAN, input=said)


def test_the_batch_has_the_decisions_that_the_lifecycle_says(schema) -> None:
    assert set(DECISIONS) == BATCH
    fields = schema._schema.type_map["BatchDecisionInput"].fields
    assert set(fields) == {name for decision in DECISIONS.values() for name in decision}


@pytest.mark.parametrize("action", DECISIONS)
async def test_the_orders_of_one_application_are_decided_together(
    client: Client, given: World, action: Action
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 4)
    reviewer = client.as_((await given.reviewer(shop)).token)
    photo = (await reviewer.upload(jpeg()))["evidence"]["id"]
    asked = id_of([orders[2], orders[0], orders[3]])
    payload = await reviewer.do(
        "reviewServiceOrders",
        "results { index done serviceOrder { id"
        " review { decision reviewer { name } evidence { id } } } }",
        ids=asked,
        decision=DECISIONS[action],
        evidenceIds=[photo],
    )
    review = {"decision": action, "reviewer": {"name": "小A"}, "evidence": [{"id": photo}]}
    assert payload == {
        "refusals": [],
        "results": [
            {"index": at, "done": True, "serviceOrder": {"id": id_, "review": review}}
            for at, id_ in enumerate(asked)
        ],
    }
    assert await untouched(given, [orders[1]])


async def test_each_order_is_answered_in_its_place_whatever_became_of_it(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    good, stale, last = await pending(given, shop, 3)
    done = await given.in_status(shop, Status.AWAITING_RECEIPT)
    cancelled = await given.in_status(shop, Status.CANCELLED, decision=None, decided_by=None)
    theirs = await given.order(other)
    unknown = ids.encode("ServiceOrder", shop.id, 1)
    owner = client.as_(shop.owner.token)
    await owner.do("addNote", id=stale.id, text="客户来电")
    asked = [
        good.id,
        theirs.id,
        done.id,
        unknown,
        stale.id,
        cancelled.id,
        last.id,
    ]
    said = {
        "ids": asked,
        "decision": REJECT,
        "expectedVersions": [
            {"id": stale.id, "version": 1},
            {"id": good.id, "version": 1},
            {"id": theirs.id, "version": 1},
        ],
    }
    plan = await planned(owner, **said)
    payload = await owner.do("reviewServiceOrders", RESULTS, **said)
    assert payload["refusals"] == []
    codes = [None, "NOT_FOUND", "ALREADY_DECIDED", "NOT_FOUND", "STALE_VERSION"]
    codes += ["WRONG_STATUS", None]
    for results, after in ((plan["results"], "PENDING_REVIEW"), (payload["results"], "REJECTED")):
        assert [one["index"] for one in results] == list(range(len(asked)))
        assert [one["refusals"] for one in results] == [
            [{"code": code}] if code else [] for code in codes
        ]
        assert [one["done"] for one in results] == [code is None for code in codes]
        assert [one["serviceOrder"] and one["serviceOrder"]["id"] for one in results] == [
            None if code == "NOT_FOUND" else id_ for id_, code in zip(asked, codes, strict=True)
        ]
        assert results[0]["serviceOrder"]["status"] == after
    assert await untouched(given, [theirs])
    assert (await given.row(stale)).status is Status.PENDING_REVIEW


async def test_an_approval_across_applications_is_refused_whole_before_any_work(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    one, two = await given.application(shop, 2), await given.application(shop, 2)
    theirs = await given.order(other)
    owner = client.as_(shop.owner.token)
    for orders, count in (([*one, *two], 2), ([one[0], two[0]], 2)):
        for atomic in (False, True):
            payload = await owner.do(
                "reviewServiceOrders",
                RESULTS,
                ids=id_of(orders),
                decision=APPROVE,
                atomic=atomic,
            )
            [refusal] = payload["refusals"]
            assert (refusal["code"], refusal["applications"]) == ("DIFFERENT_APPLICATIONS", count)
            assert payload["results"] == []
    plan = await planned(owner, ids=id_of([*one, *two]), decision=APPROVE)
    assert (plan["results"], plan["planToken"]) == ([], None)
    assert [refusal["code"] for refusal in plan["refusals"]] == ["DIFFERENT_APPLICATIONS"]
    assert await untouched(given, [*one, *two])
    # What is not there has no application; and the other decisions may go across.
    payload = await owner.do(
        "reviewServiceOrders", RESULTS, ids=[one[0].id, theirs.id], decision=APPROVE
    )
    assert [result["done"] for result in payload["results"]] == [True, False]
    payload = await owner.do(
        "reviewServiceOrders", RESULTS, ids=[one[1].id, two[0].id], decision=REJECT
    )
    assert [result["done"] for result in payload["results"]] == [True, True]


async def test_an_atomic_batch_decides_all_or_none(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = await pending(given, shop, 3)
    done = await given.in_status(shop, Status.REJECTED)
    owner = client.as_(shop.owner.token)
    asked = id_of([orders[0], done, orders[1]])
    payload = await owner.do(
        "reviewServiceOrders", RESULTS, ids=asked, decision=REJECT, atomic=True
    )
    assert payload["refusals"] == []
    assert [one["done"] for one in payload["results"]] == [False] * 3
    assert [one["refusals"] for one in payload["results"]] == [
        [{"code": "OTHER_REFUSED"}],
        [{"code": "ALREADY_DECIDED"}],
        [{"code": "OTHER_REFUSED"}],
    ]
    assert [one["serviceOrder"]["status"] for one in payload["results"]] == [
        "PENDING_REVIEW",
        "REJECTED",
        "PENDING_REVIEW",
    ]
    assert await untouched(given, [*orders, done])
    payload = await owner.do(
        "reviewServiceOrders", RESULTS, ids=id_of(orders), decision=REJECT, atomic=True
    )
    assert [one["done"] for one in payload["results"]] == [True] * 3


async def test_without_atomic_the_good_ones_are_decided(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = await pending(given, shop, 2)
    done = await given.in_status(shop, Status.REJECTED)
    payload = await client.as_(shop.owner.token).do(
        "reviewServiceOrders", RESULTS, ids=id_of([orders[0], done, orders[1]]), decision=GIVE_UP
    )
    assert [one["done"] for one in payload["results"]] == [True, False, True]


@pytest.mark.parametrize("atomic", [False, True])
async def test_a_batch_has_one_to_a_hundred_orders_each_once(
    client: Client, given: World, atomic: bool
) -> None:
    shop = await given.merchant()
    orders = [*await given.application(shop, 50), *await given.application(shop, 51)]
    owner = client.as_(shop.owner.token)
    for asked in (
        [],
        id_of(orders),
        id_of([orders[0], orders[1], orders[0]]),
        id_of(orders[:1]) * 2,
    ):
        said = {"ids": asked, "decision": REJECT}
        codes = await owner.codes("reviewServiceOrders", **said, atomic=atomic)
        assert codes == ["BAD_USER_INPUT"]
        with pytest.raises(Failed) as failure:
            await planned(owner, **said)
        assert failure.value.code == "BAD_USER_INPUT"
    assert await untouched(given, orders)
    payload = await owner.do(
        "reviewServiceOrders", RESULTS, ids=id_of(orders[:100]), decision=REJECT, atomic=atomic
    )
    assert [one["done"] for one in payload["results"]] == [True] * 100
    assert [one["serviceOrder"]["id"] for one in payload["results"]] == id_of(orders[:100])


async def test_what_the_whole_batch_refers_to_is_checked_before_any_work(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    orders = await given.application(shop, 2)
    stray = await given.order(shop)
    owner = client.as_(shop.owner.token)
    photos = [(await owner.upload(jpeg(width)))["evidence"]["id"] for width in (10, 11, 12, 13)]
    address = ids.encode("ReturnAddress", other.id, other.address_id)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"decision": {"reject": {"reason": "X", "customerNote": "好"}}}, "UNKNOWN_REASON"),
        ({"decision": {"approve": {"returnAddressId": address}}}, "NOT_FOUND"),
        ({"decision": APPROVE, "evidenceIds": photos}, "TOO_MANY_PICTURES"),
        ({"decision": {"approve": {"customerNote": "字" * 501}}}, "BAD_USER_INPUT"),
        ({"decision": {"requestFeedback": {"question": "?"}}}, "BAD_USER_INPUT"),
        ({"decision": {"approve": {}, "reject": REJECT["reject"]}}, "BAD_USER_INPUT"),
        (
            {"decision": APPROVE, "expectedVersions": [{"id": orders[0].id, "version": 0}]},
            "BAD_USER_INPUT",
        ),
        (
            {"decision": APPROVE, "expectedVersions": [{"id": stray.id, "version": 1}]},
            "BAD_USER_INPUT",
        ),
        (
            {
                "decision": APPROVE,
                "expectedVersions": [
                    {"id": orders[0].id, "version": version} for version in (1, 2)
                ],
            },
            "BAD_USER_INPUT",
        ),
        ({"decision": APPROVE, "ids": [orders[0].id, shop.global_id]}, "BAD_USER_INPUT"),
        ({"decision": APPROVE, "ids": [orders[0].id, "x"]}, "BAD_USER_INPUT"),
    ]
    for said, code in wrong:
        asked: dict[str, Any] = {"ids": id_of(orders), **said}
        # A decision by an unknown name is wrong twice: it is unknown, and no known one is given.
        assert set(await owner.codes("reviewServiceOrders", **asked)) == {code}
    assert await untouched(given, orders)


async def test_a_batch_of_a_suspended_merchant_answers_for_each(
    client: Client, given: World
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.SUSPENDED)
    orders = await given.application(shop, 2)
    payload = await client.as_(shop.owner.token).do(
        "reviewServiceOrders", RESULTS, ids=id_of(orders), decision=APPROVE
    )
    assert [one["refusals"] for one in payload["results"]] == [
        [{"code": "MERCHANT_NOT_ENABLED"}]
    ] * 2
    assert await untouched(given, orders)
