"""What a batch would do, and a token that holds it to that."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from domain.permissions import Permission
from schema import ids
from tests.client import Client
from tests.given import ADDRESS, OrderRef, Shop, World, jpeg

pytestmark = pytest.mark.anyio

PLAN = """query($input: ReviewPlanInput!) { reviewPlan(input: $input) { planToken
  results { index done serviceOrder { id } refusals { code } } } }"""
APPROVE: dict[str, Any] = {"approve": {"customerNote": "请寄回"}}


@dataclass
class Desk:
    """A merchant with an application, and a reviewer who has made a plan for it."""

    given: World
    client: Client
    shop: Shop
    orders: list[OrderRef]
    said: dict[str, Any]
    token: str

    async def carry_out(self, client: Client | None = None, **changes: Any) -> list[str]:
        asked = {**self.said, "planToken": self.token, **changes}
        return await (client or self.client).codes("reviewServiceOrders", **asked)

    async def plan(self) -> str:
        return str((await self.client.ask(PLAN, input=self.said))["planToken"])

    async def versions(self) -> list[int]:
        return [(await self.given.row(order)).version for order in self.orders]

    @property
    def owner(self) -> Client:
        return self.client.as_(self.shop.owner.token)


@pytest.fixture
async def desk(client: Client, given: World) -> Desk:
    shop = await given.merchant()
    orders = await given.application(shop, 3)
    reviewer = client.as_((await given.reviewer(shop)).token)
    said = {"ids": [order.id for order in orders[:2]], "decision": APPROVE}
    token = (await reviewer.ask(PLAN, input=said))["planToken"]
    return Desk(given, reviewer, shop, orders, said, token)


async def test_a_plan_changes_nothing_and_is_the_same_again(desk: Desk) -> None:
    assert await desk.plan() == desk.token
    assert await desk.versions() == [1, 1, 1]


async def test_a_plan_is_carried_out_as_long_as_nothing_changed(desk: Desk) -> None:
    # What it did not look at may change: another order, a note on the application's third.
    await desk.given.order(desk.shop)
    await desk.owner.do("addNote", id=desk.orders[2].id, text="好")
    assert await desk.carry_out() == []
    assert await desk.versions() == [2, 2, 2]


async def test_a_plan_is_good_for_one_time(desk: Desk) -> None:
    assert await desk.carry_out() == []
    assert await desk.carry_out() == ["PLAN_CHANGED"]


async def note(desk: Desk) -> None:
    await desk.owner.do("addNote", id=desk.orders[1].id, text="好")


async def decide(desk: Desk) -> None:
    decision = {"recordGiveUp": {"customerNote": "不退了"}}
    await desk.owner.do("reviewServiceOrder", id=desk.orders[0].id, decision=decision)


async def edit_default(desk: Desk) -> None:
    id_ = ids.encode("ReturnAddress", desk.shop.id, desk.shop.address_id)
    await desk.owner.do("saveReturnAddress", id=id_, address=ADDRESS | {"detail": "搬家了"})


async def other_default(desk: Desk) -> None:
    await desk.owner.do(
        "saveReturnAddress", address=ADDRESS | {"detail": "又一处"}, makeDefault=True
    )


async def suspend(desk: Desk) -> None:
    platform = desk.client.as_((await desk.given.platform()).token)
    await platform.do("suspendMerchant", merchantId=desk.shop.global_id, reason="投诉")


async def reveal(desk: Desk) -> None:
    await desk.owner.do("revealCustomerContact", id=desk.orders[0].id)


@pytest.mark.parametrize("change", [note, decide, edit_default, other_default, suspend, reveal])
async def test_whatever_changed_of_what_it_showed_the_plan_is_void(
    desk: Desk, change: Callable[[Desk], Awaitable[None]]
) -> None:
    await change(desk)
    before = await desk.versions()
    refusal = await desk.client.refused("reviewServiceOrders", **desk.said, planToken=desk.token)
    assert refusal["code"] == "PLAN_CHANGED"
    assert refusal["retryable"] is True
    assert await desk.versions() == before
    # Planned anew, it can be carried out.
    desk.token = await desk.plan()
    assert await desk.carry_out() == []


async def test_the_plan_is_for_that_question_and_for_that_person_alone(desk: Desk) -> None:
    photo = (await desk.client.upload(jpeg()))["evidence"]["id"]
    other = await desk.given.return_address(desk.shop.id, is_default=False)
    ids_ = desk.said["ids"]
    address = ids.encode("ReturnAddress", desk.shop.id, other)
    questions: list[dict[str, Any]] = [
        {"ids": ids_[::-1]},
        {"ids": ids_[:1]},
        {"ids": [*ids_, desk.orders[2].id]},
        {"decision": {"approve": {}}},
        {"decision": {"approve": {"customerNote": "请寄回!"}}},
        {"decision": {"approve": {"customerNote": "请寄回", "reason": "AGREED.OTHER"}}},
        {"decision": {"approve": {"customerNote": "请寄回", "returnAddressId": address}}},
        {"decision": {"recordGiveUp": {"customerNote": "请寄回"}}},
        {"evidenceIds": [photo]},
        {"expectedVersions": [{"id": ids_[0], "version": 7}]},
        {"planToken": ""},
        {"planToken": desk.token + "x"},
        {"planToken": desk.token[:-1]},
        {"planToken": "é"},
    ]
    for question in questions:
        assert await desk.carry_out(**question) == ["PLAN_CHANGED"], question
    colleague = desk.client.as_((await desk.given.reviewer(desk.shop)).token)
    for stranger in (colleague, desk.owner):
        assert await desk.carry_out(stranger) == ["PLAN_CHANGED"]
    assert await desk.versions() == [1, 1, 1]
    assert await desk.carry_out(atomic=True) == []


async def test_a_plan_shows_what_would_be_refused_and_the_batch_is_held_to_that_too(
    desk: Desk,
) -> None:
    await decide(desk)
    plan = await desk.client.ask(PLAN, input=desk.said)
    assert plan["results"] == [
        {
            "index": 0,
            "done": False,
            "serviceOrder": {"id": desk.orders[0].id},
            "refusals": [{"code": "ALREADY_DECIDED"}],
        },
        {"index": 1, "done": True, "serviceOrder": {"id": desk.orders[1].id}, "refusals": []},
    ]
    payload = await desk.client.do(
        "reviewServiceOrders",
        "results { index done serviceOrder { id } refusals { code } }",
        **desk.said,
        planToken=plan["planToken"],
    )
    assert payload["results"] == plan["results"]


async def test_a_permission_that_was_lost_after_the_plan_is_missing(desk: Desk) -> None:
    person = await desk.given.employee(desk.shop, Permission.REVIEW)
    client = desk.client.as_(person.token)
    token = (await client.ask(PLAN, input=desk.said))["planToken"]
    await desk.owner.do("updateEmployee", id=person.global_id, extraPermissions=[])
    assert await desk.carry_out(client, planToken=token) == ["FORBIDDEN"]
    assert await desk.versions() == [1, 1, 1]
