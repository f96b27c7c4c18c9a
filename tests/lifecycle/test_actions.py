"""The lifecycle, `actions` and the clock promise nothing that a mutation or a timer does not do.

Derived from the literal: in every status, and for every fact that a rule asks for, each mutation
answers what `actions` said that it would.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple

import pytest
from graphql import GraphQLSchema

from domain.actions import Action, Need
from domain.actors import ActorKind
from domain.clocks import CLOCKS, CONSEQUENCES
from domain.desk.refunds import RefundMethod, RefundStatus
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.permissions import DESK, Permission
from domain.statuses import Status
from jobs.timers import fire_timers
from models.ids import new_id
from models.refund import Refund
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, Person, Shop, World
from tests.steps import COLLEAGUE, ME, NOT_YET, WAYS, guarded_by, missing, permissions

pytestmark = pytest.mark.anyio

ACTIONS = """query($id: ID!) { serviceOrder(id: $id) {
  actions { action allowed blockers { code } } } }"""
READ = Permission.SERVICE_ORDER_READ
NO_WAY = {"FORBIDDEN", "NOT_YOURS", "NOT_FOUND", "MISSING_PERMISSION"}
"""The refusals of viewers whose orders do not list the action."""


class State(NamedTuple):
    """A status, the last step, and further facts that rules ask for."""

    status: Status
    last: Action | None = None
    facts: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join([self.status, *([self.last] if self.last else []), *sorted(self.facts)])


FACTS: Final[dict[Need, frozenset[str]]] = {
    Need.REFUNDS_SETTLED: frozenset({"pending_refunds"}),
    Need.REFUND_PENDING: frozenset({"pending_refunds"}),
    Need.IN_TRANSIT: frozenset({"shipped_at"}),
    Need.ARRIVED: frozenset({"shipped_at", "received_at"}),
    Need.NOT_ESCALATED: frozenset({"escalated_at"}),
    Need.SENT: frozenset({"processing"}),
    Need.NOT_REOPENED: frozenset({"reopened_at"}),
    Need.APPROVED_BY_PERSON: frozenset({"decided_by_kind"}),
    Need.REVIEW_TIME_LEFT: frozenset({"review_due_at"}),
    Need.UNASSIGNED: frozenset({"assignee_id"}),
    Need.ASSIGNED: frozenset({"assignee_id"}),
    Need.ESCALATED: frozenset({"escalated_at"}),
    Need.NOT_RULED: frozenset({"escalated_at", "ruled_at"}),
}
"""The columns that meet a need, or those that break it; without them it is the other way round."""

VALUES: Final[dict[str, Any]] = {
    "pending_refunds": 1,
    "decided_by_kind": ActorKind.SYSTEM,
    "processing": {"action": Action.EXCHANGE, "by": "小Z"},
}
"""The values of these columns; the others hold the present time."""

ASSIGNMENT: Final = {Need.UNASSIGNED, Need.ASSIGNED}
HELD_IN: Final = (Status.PENDING_REVIEW, Status.AWAITING_PROCESSING)
"""The statuses in which the viewer has an order; tests/domain/ has them all."""


def _states() -> Iterator[State]:
    for status in Status:
        yield State(status)
    for rule in LIFECYCLE.values():
        for status in sorted(rule.sources):
            for last in sorted(rule.after):
                if LIFECYCLE[last].target is status:
                    yield State(status, last)
            for need in rule.needs:
                yield from _states_of_need(need, status)


def _states_of_need(need: Need, status: Status) -> Iterator[State]:
    if need not in ASSIGNMENT or status in HELD_IN:
        yield State(status, facts=FACTS[need])
    if need is Need.NOT_RULED:
        for ruling in sorted(RULINGS):
            if LIFECYCLE[ruling].target is status:
                yield State(status, ruling, FACTS[need])


STATES: Final = tuple(dict.fromkeys(_states()))
SOME: Final = tuple(
    State(status)
    for status in (
        Status.PENDING_REVIEW,
        Status.AWAITING_FEEDBACK,
        Status.AWAITING_SHIPMENT,
        Status.AWAITING_RECEIPT,
        Status.REJECTED,
    )
)


class Case(NamedTuple):
    """The viewer, and the world that it acts in."""

    viewer: str
    states: tuple[State, ...] = STATES
    enrolment: EnrolmentStatus = EnrolmentStatus.ENABLED
    address: bool = True


CASES = [
    Case("owner"),
    Case("customer"),
    Case("storefront"),
    Case("platform"),
    Case("owner", SOME, enrolment=EnrolmentStatus.SUSPENDED),
    Case("customer", SOME, enrolment=EnrolmentStatus.SUSPENDED),
    Case("owner", SOME[:1], address=False),
]
CASES_OF_RULES = [
    Case("reviewer"),
    Case("processor"),
    Case("refunder"),
    Case("reader", SOME),
    Case("another customer", SOME),
]
"""Viewers for whom the rules alone decide: what they may do is written as for the others."""
PERMISSIONS: Final[dict[str, set[Permission]]] = {
    "owner": set(Permission),
    "reviewer": {Permission.REVIEW, Permission.NOTE},
    "processor": {Permission.RECEIVE, Permission.PROCESS, Permission.NOTE},
    "refunder": {Permission.REFUND},
    "platform": {Permission.INTERVENE},
}


async def person(given: World, shop: Shop, viewer: str) -> Person:
    match viewer:
        case "owner":
            return shop.owner
        case "processor":
            return await given.employee(shop, roles=["处理组"])
        case "reviewer" | "refunder" | "reader":
            return await given.employee(shop, READ, *PERMISSIONS.get(viewer, ()))
        case "storefront":
            return await given.connector(shop)
        case "platform":
            return await given.platform(Permission.INTERVENE)
        case _:
            return await given.customer(shop, "c-1" if viewer == "customer" else "c-2")


class Subject(NamedTuple):
    """An order, and its refund: one that waits if the state says so, else one of another order."""

    order: OrderRef
    refund: str

    def named_by(self, action: Action) -> str:
        return self.refund if WAYS[action].of == "Refund" else self.order.id


async def subject(given: World, shop: Shop, state: State, holder: Person) -> Subject:
    """An order in the state. ``holder`` has it, if anybody."""
    values = VALUES | {"assignee_id": holder.id}
    columns: dict[str, Any] = {name: values.get(name, given.now) for name in state.facts}
    if state.last is not None:
        columns["last_action"] = state.last
    if state.status is Status.AWAITING_CONFIRMATION and "processing" not in state.facts:
        columns["processing"] = {"action": state.last or "REFUND", "by": "小Z"}
        columns["review_shipment"] = {"goods": "耳机", "carrier": None, "waybill": None}
    order = await given.in_status(shop, state.status, customer_ref="c-1", **columns)
    row, id_ = await given.row(order), new_id()
    submitter: dict[str, Any] = dict.fromkeys({"submitted_by_id"} & set(Refund.model_fields), 1)
    is_pending = "pending_refunds" in state.facts
    refund = Refund(
        **submitter,
        merchant_id=shop.id,
        id=id_,
        service_order_id=order.key,
        order_number=row.order_number,
        sku=row.sku,
        amount=100,
        method=RefundMethod.BALANCE,
        status=RefundStatus.SUBMITTED if is_pending else RefundStatus.FAILED,
        submitted_by="小Z",
        submitted_at=given.now,
        reported_at=None if is_pending else given.now,
    )
    await given._add(refund)
    return Subject(order, ids.encode("Refund", shop.id, id_))


async def verdicts(client: Client, order: OrderRef) -> dict[str, list[str]]:
    """The blockers of each action that the order lists."""
    answer = await client.ask(ACTIONS, id=order.id)
    if answer is None:
        return {}
    for verdict in answer["actions"]:
        assert verdict["allowed"] is (verdict["blockers"] == [])
    return {
        verdict["action"]: [blocker["code"] for blocker in verdict["blockers"]]
        for verdict in answer["actions"]
    }


@pytest.fixture(scope="module")
def absent(schema: Any) -> set[Action]:
    """The actions that no mutation takes yet: none when ``NOT_YET`` is empty."""
    absent = missing(schema._schema)
    assert absent <= NOT_YET, sorted(absent - NOT_YET)
    return absent


def test_every_action_has_a_mutation_or_a_timer(schema: Any, record_property: Any) -> None:
    assert set(LIFECYCLE) == set(WAYS) | set(CONSEQUENCES.values())
    assert {action for action, rule in LIFECYCLE.items() if rule.system} == set(
        CONSEQUENCES.values()
    )
    core: GraphQLSchema = schema._schema
    absent = missing(core)
    if absent:
        record_property("told", f"no mutation yet: {', '.join(sorted(absent))}")
    assert absent <= NOT_YET, sorted(absent - NOT_YET)


def test_a_mutation_lets_in_those_whom_the_rules_name(schema: Any, absent: set[Action]) -> None:
    by_mutation: dict[str, set[Permission]] = {}
    for action in WAYS.keys() - absent:
        named = by_mutation.setdefault(WAYS[action].mutation, set())
        named |= permissions(LIFECYCLE[action])
    fields = schema._schema.mutation_type.fields
    assert {name: guarded_by(fields[name]) for name in by_mutation} == by_mutation


def test_every_state_that_a_rule_asks_for_is_tried() -> None:
    assert {state.status for state in STATES} == set(Status)
    for action, rule in LIFECYCLE.items():
        tried = {state.last for state in STATES if state.status in rule.sources}
        assert rule.after & tried or not rule.after, action
        for need in rule.needs:
            assert any(
                state.facts == FACTS[need] and state.status in rule.sources for state in STATES
            )


@pytest.mark.asked_once
@pytest.mark.parametrize(
    "case",
    [*CASES, *(pytest.param(case, marks=pytest.mark.one_database) for case in CASES_OF_RULES)],
    ids=lambda case: f"{case[0]} {case[2]} {case[3]}",
)
async def test_an_action_is_allowed_exactly_if_the_mutation_succeeds(
    client: Client, given: World, case: Case, absent: set[Action]
) -> None:
    shop = await given.merchant(enrolment=case.enrolment, address=case.address)
    asker = await person(given, shop, case.viewer)
    viewer = client.as_(asker.token)
    is_staff = case.viewer in PERMISSIONS and case.viewer != "platform"
    holder = asker if is_staff else shop.owner
    colleague = await given.employee(shop, roles=["售后主管"])
    employees = {ME: holder.global_id, COLLEAGUE: colleague.global_id}
    done = set[Action]()
    for state in case.states:
        tried = await subject(given, shop, state, holder)
        promised = await verdicts(viewer, tried.order)
        for action in WAYS.keys() - absent:
            way = WAYS[action]
            codes = await way.codes(viewer, tried.named_by(action), employees)
            expected = promised.get(action)
            if codes == ["FORBIDDEN"]:
                assert expected is None or {"MISSING_PERMISSION", "NOT_YOURS"} & set(expected)
            elif expected is None:
                assert way.of == "Refund" or set(codes[:1]) & NO_WAY, (str(state), action, codes)
            elif expected == [] or way.of != "Refund":
                assert codes == expected, (str(state), action)
            if codes:
                continue  # what it changed all the same, the row and the events below show
            row = await given.row(tried.order)
            if row.version == 1:
                # A report on a refund that was reported only repeats it.
                assert way.of == "Refund", (str(state), action)
                continue
            assert not expected, (str(state), action)
            done.add(action)
            assert row.version == 2, (str(state), action)
            assert row.status == (LIFECYCLE[action].target or state.status)
            assert (await given.kinds(tried.order))[1:] == [EVENTS[action]]
            tried = await subject(given, shop, state, holder)
        assert (await given.row(tried.order)).version == 1, str(state)
    assert done == _possible(case) - absent


def _possible(case: Case) -> set[Action]:
    """The actions that somebody like the viewer can take in one of the states, by the literal."""
    held = PERMISSIONS.get(case.viewer, set())
    rests = DESK if case.enrolment is not EnrolmentStatus.ENABLED else frozenset()
    return {
        action
        for action, rule in LIFECYCLE.items()
        for state in case.states
        if (
            (held.intersection(rule.staff_in(state.status)) and rule.permission not in rests)
            or (rule.customer and case.viewer == "customer")
            or (rule.connector and case.viewer == "storefront")
            or (rule.platform and case.viewer == "platform")
        )
        and (case.address or not rule.needs_address)
        and _holds(action, state)
    }


def _holds(action: Action, state: State) -> bool:
    rule = LIFECYCLE[action]
    last = state.last or (Action.RESEND if state.status is Status.AWAITING_CONFIRMATION else None)
    met = {
        Need.REFUNDS_SETTLED: "pending_refunds" not in state.facts,
        Need.REFUND_PENDING: "pending_refunds" in state.facts,
        Need.IN_TRANSIT: state.facts == {"shipped_at"},
        Need.ARRIVED: state.facts == {"shipped_at", "received_at"},
        Need.NOT_ESCALATED: "escalated_at" not in state.facts
        or ("ruled_at" in state.facts and last is Action.REPORT_UNSOLVED),
        Need.ESCALATED: "escalated_at" in state.facts and "ruled_at" not in state.facts,
        Need.NOT_RULED: "ruled_at" not in state.facts or last not in RULINGS,
        Need.SENT: state.status is Status.AWAITING_CONFIRMATION or "processing" in state.facts,
        Need.NOT_REOPENED: "reopened_at" not in state.facts,
        Need.APPROVED_BY_PERSON: "decided_by_kind" not in state.facts,
        Need.REVIEW_TIME_LEFT: "review_due_at" not in state.facts,
        Need.UNASSIGNED: "assignee_id" not in state.facts,
        Need.ASSIGNED: "assignee_id" in state.facts,
    }
    follows = not rule.after or last in rule.after
    return state.status in rule.sources and follows and all(met[need] for need in rule.needs)


@pytest.mark.parametrize("status", Status)
async def test_the_clock_announces_what_the_timers_then_do(
    client: Client, given: World, clock: StoppedClock, status: Status
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, status)
    query = "query($id: ID!) { serviceOrder(id: $id) { clock { consequence dueAt } } }"
    owner = client.as_(shop.owner.token)
    announced = (await owner.ask(query, id=order.id))["clock"]
    rule, consequence = CLOCKS.get(status), CONSEQUENCES.get(status)
    if rule is None:
        assert announced is None
        return
    assert announced["consequence"] == consequence
    clock.pass_(rule.window - timedelta(microseconds=1))
    await fire_timers(given.parts.database, clock.now())
    assert (await given.row(order)).status is status
    clock.pass_(timedelta(microseconds=1))
    assert announced["dueAt"] == clock.now().isoformat()
    await fire_timers(given.parts.database, clock.now())
    row = await given.row(order)
    assert row.status == (status if consequence is None else LIFECYCLE[consequence].target)
    kinds = await given.kinds(order)
    assert kinds[1:] == ([] if consequence is None else [EVENTS[consequence]])


async def test_the_lifecycle_lists_each_action_with_its_statuses(client: Client) -> None:
    query = """{ lifecycle { rules { action allowedFrom leadsTo }
      statuses { status consequence } } }"""
    lifecycle = await client.ask(query)
    assert {
        rule["action"]: (set(rule["allowedFrom"]), rule["leadsTo"]) for rule in lifecycle["rules"]
    } == {action: (set(rule.sources), rule.target) for action, rule in LIFECYCLE.items()}
    assert {line["status"]: line["consequence"] for line in lifecycle["statuses"]} == {
        status: CONSEQUENCES.get(status) for status in Status
    }


@pytest.mark.parametrize(
    ("who", "listed"),
    [
        ("owner", {action for action, rule in LIFECYCLE.items() if rule.staff}),
        ("reader", {action for action, rule in LIFECYCLE.items() if rule.staff}),
        ("customer", {action for action, rule in LIFECYCLE.items() if rule.customer}),
        ("platform", RULINGS),
    ],
)
async def test_staff_see_what_staff_can_do_and_customers_what_customers_can(
    client: Client, given: World, who: str, listed: set[Action]
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    asker = client.as_((await person(given, shop, who)).token)
    assert set(await verdicts(asker, order)) == listed


async def test_the_platform_is_told_what_it_lacks_for_a_ruling(
    client: Client, given: World
) -> None:
    order = await given.order(await given.merchant())
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    listed = await verdicts(platform, order)
    assert set(listed) == RULINGS
    assert all("MISSING_PERMISSION" in blockers for blockers in listed.values())


async def test_a_missing_permission_is_named_with_everything_else_that_stands_against_it(
    client: Client, given: World
) -> None:
    shop = await given.merchant(enrolment=EnrolmentStatus.SUSPENDED, address=False)
    order = await given.order(shop)
    reader = client.as_((await given.employee(shop, READ)).token)
    query = """query($id: ID!) { serviceOrder(id: $id) { actions { action blockers { code
      ... on MissingPermission { permission } ... on MerchantNotEnabled { enrolment }
      ... on NoReturnAddress { missing } ... on WrongStatus { status allowedFrom } } } } }"""
    answer = await reader.ask(query, id=order.id)
    listed = {verdict["action"]: verdict["blockers"] for verdict in answer["actions"]}
    assert listed["APPROVE"] == [
        {"code": "MISSING_PERMISSION", "permission": "REVIEW"},
        {"code": "MERCHANT_NOT_ENABLED", "enrolment": "SUSPENDED"},
        {"code": "NO_RETURN_ADDRESS", "missing": ["returnAddress"]},
    ]
    assert listed["RECEIVE"] == [
        {"code": "MISSING_PERMISSION", "permission": "RECEIVE"},
        {"code": "MERCHANT_NOT_ENABLED", "enrolment": "SUSPENDED"},
        {
            "code": "WRONG_STATUS",
            "status": "PENDING_REVIEW",
            "allowedFrom": ["AWAITING_RECEIPT"],
        },
    ]
    assert listed["NOTE"] == [{"code": "MISSING_PERMISSION", "permission": "NOTE"}]


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
