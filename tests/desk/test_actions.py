"""What an order says can be done to it is exactly what then can be done."""

from typing import NamedTuple

import pytest

from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE, Action, Rule
from domain.permissions import DESK, Permission
from domain.statuses import Status
from tests.client import Client
from tests.desk.steps import STEPS
from tests.given import OrderRef, Person, Shop, World

pytestmark = pytest.mark.anyio

ACTIONS = """query($id: ID!) { serviceOrder(id: $id) {
  actions { action allowed blockers { code } } } }"""
READ = Permission.SERVICE_ORDER_READ
NO_WAY = {"FORBIDDEN", "NOT_YOURS", "NOT_FOUND", "MISSING_PERMISSION"}
"""What those hear whose orders do not even speak of the action."""


EVERY = tuple(Status)
SOME = (
    Status.PENDING_REVIEW,
    Status.AWAITING_FEEDBACK,
    Status.AWAITING_SHIPMENT,
    Status.AWAITING_RECEIPT,
    Status.REJECTED,
)


class Case(NamedTuple):
    """Who asks, in what kind of world, of which orders, and how much of it is allowed."""

    who: str
    allowed: int
    statuses: tuple[Status, ...] = EVERY
    enrolment: EnrolmentStatus = EnrolmentStatus.ENABLED
    address: bool = True


STAFF = [step.rule for step in STEPS.values() if step.rule.permission]
CUSTOMER = [step.rule for step in STEPS.values() if step.rule.customer]
NOTES = len(EVERY)


def pairs(rules: list[Rule], statuses: tuple[Status, ...] = EVERY) -> int:
    """How many pairs of a rule and one of its sources there are, among these statuses."""
    return sum(len(rule.sources & set(statuses)) for rule in rules)


def steps(*permissions: Permission) -> int:
    """The pairs of the rules that need one of the permissions."""
    return pairs([rule for rule in STAFF if rule.permission in permissions])


ALLOWED_WHILE_SUSPENDED = [rule for rule in STAFF if rule.permission not in DESK]
ALLOWED_WITHOUT_ADDRESS = [rule for rule in STAFF if not rule.needs_address]
CASES = [
    Case("owner", pairs(STAFF)),
    Case("reviewer", steps(Permission.REVIEW) + NOTES),
    Case("processor", steps(Permission.RECEIVE, Permission.PROCESS) + NOTES),
    Case("customer", pairs(CUSTOMER)),
    Case("reader", 0, SOME),
    Case("another customer", 0, SOME),
    Case("storefront", 0, SOME),
    Case(
        "owner",
        pairs(ALLOWED_WHILE_SUSPENDED, SOME),
        SOME,
        enrolment=EnrolmentStatus.SUSPENDED,
    ),
    Case("customer", pairs(CUSTOMER, SOME), SOME, enrolment=EnrolmentStatus.SUSPENDED),
    Case("owner", pairs(ALLOWED_WITHOUT_ADDRESS, SOME[:1]), SOME[:1], address=False),
]


def test_the_steps_are_those_of_today() -> None:
    """The cases count with the rules: no more and no fewer mutations are found than there are."""
    assert {action.value: step.mutation for action, step in STEPS.items()}.items() >= {
        "APPROVE": "reviewServiceOrder",
        "RESPOND": "respondToFeedback",
        "SHIP": "shipServiceOrder",
        "CANCEL": "cancelServiceOrder",
        "RECEIVE": "receiveServiceOrder",
        "CLOSE": "closeServiceOrder",
        "NOTE": "addNote",
    }.items()
    assert pairs(CUSTOMER) >= 6


async def person(given: World, shop: Shop, who: str) -> Person:
    match who:
        case "owner":
            return shop.owner
        case "reviewer":
            return await given.reviewer(shop)
        case "processor":
            return await given.employee(shop, roles=["处理组"])
        case "reader":
            return await given.employee(shop, READ)
        case "storefront":
            return await given.connector(shop)
        case _:
            return await given.customer(shop, "c-1" if who == "customer" else "c-2")


async def said(client: Client, order: OrderRef) -> dict[str, list[str]]:
    """For each action that the order speaks of, what stands against it."""
    found = await client.ask(ACTIONS, id=order.id)
    if found is None:
        return {}
    for one in found["actions"]:
        assert one["allowed"] is (one["blockers"] == [])
    return {
        one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in found["actions"]
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, (case.who, *case[-2:]))))
async def test_an_action_is_allowed_exactly_if_the_mutation_succeeds(
    client: Client, given: World, case: Case
) -> None:
    shop = await given.merchant(enrolment=case.enrolment, address=case.address)
    asker = client.as_((await person(given, shop, case.who)).token)
    allowed = 0
    for status in case.statuses:
        order = await given.in_status(shop, status, customer_ref="c-1")
        verdicts = await said(asker, order)
        for action, step in STEPS.items():
            codes = await asker.codes(step.mutation, id=order.id, **step.input(shop))
            expected = verdicts.get(action)
            if expected is None:
                assert codes[0] in NO_WAY
            elif codes == ["FORBIDDEN"]:
                assert "MISSING_PERMISSION" in expected or "NOT_YOURS" in expected
            else:
                assert codes == expected, (status, action)
            if codes == []:
                allowed += 1
                order = await given.in_status(shop, status, customer_ref="c-1")
            else:
                assert (await given.row(order)).version == 1
    assert allowed == case.allowed


@pytest.mark.parametrize(
    ("who", "listed"),
    [
        ("owner", {action for action, rule in LIFECYCLE.items() if rule.permission}),
        ("reader", {action for action, rule in LIFECYCLE.items() if rule.permission}),
        ("customer", {action for action, rule in LIFECYCLE.items() if rule.customer}),
    ],
)
async def test_staff_see_what_staff_can_do_and_customers_what_customers_can(
    client: Client, given: World, who: str, listed: set[Action]
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    asker = client.as_((await person(given, shop, who)).token)
    assert set(await said(asker, order)) == listed


async def test_the_platform_is_told_that_nothing_of_it_is_its_own(
    client: Client, given: World
) -> None:
    order = await given.order(await given.merchant())
    platform = client.as_((await given.platform()).token)
    verdicts = await said(platform, order)
    assert verdicts
    assert all("NOT_YOURS" in blockers for blockers in verdicts.values())


async def test_a_missing_permission_is_named_with_everything_else_that_stands_against_it(
    client: Client, given: World
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.SUSPENDED, address=False)
    order = await given.order(shop)
    reader = client.as_((await given.employee(shop, READ)).token)
    query = """query($id: ID!) { serviceOrder(id: $id) { actions { action blockers { code
      ... on MissingPermission { permission } ... on MerchantNotEnabled { enrolment }
      ... on NoReturnAddress { missing } ... on WrongStatus { status allowedFrom } } } } }"""
    found = await reader.ask(query, id=order.id)
    verdicts = {one["action"]: one["blockers"] for one in found["actions"]}
    assert verdicts["APPROVE"] == [
        {"code": "MISSING_PERMISSION", "permission": "REVIEW"},
        {"code": "MERCHANT_NOT_ENABLED", "enrolment": "SUSPENDED"},
        {"code": "NO_RETURN_ADDRESS", "missing": ["returnAddress"]},
    ]
    assert verdicts["RECEIVE"] == [
        {"code": "MISSING_PERMISSION", "permission": "RECEIVE"},
        {"code": "MERCHANT_NOT_ENABLED", "enrolment": "SUSPENDED"},
        {
            "code": "WRONG_STATUS",
            "status": "PENDING_REVIEW",
            "allowedFrom": ["AWAITING_RECEIPT"],
        },
    ]
    assert verdicts["NOTE"] == [{"code": "MISSING_PERMISSION", "permission": "NOTE"}]


async def test_a_decision_is_allowed_until_the_clock_takes_it_away(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    query = """query($id: ID!) { serviceOrder(id: $id) { reviewClock { dueAt }
      actions { action allowedUntil } } }"""
    found = await client.as_(shop.owner.token).ask(query, id=order.id)
    until = {one["action"]: one["allowedUntil"] for one in found["actions"]}
    assert until["APPROVE"] == until["REJECT"] == found["reviewClock"]["dueAt"]
    assert until["NOTE"] is None
    assert until["RECEIVE"] is None  # not allowed at all
