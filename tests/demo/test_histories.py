"""Every event of the demo is a step that the rules allow to the actor who took it, at that time."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from domain.actions import Action
from domain.actors import SYSTEM, Actor, ActorKind
from domain.clocks import CLOCKS, Clocks, first_clocks
from domain.decision import OrderFacts, PastDecision, decide
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, INTERNAL
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.permissions import MAIN_ACCOUNT, Permission
from domain.statuses import FINAL, Status
from domain.targets import TARGETED
from models.accounts import accounts, connectors
from models.merchant import suspensions
from models.queries.queues import QUEUES, count_queues
from models.staff import employee_roles, employees, roles
from tests.demo.reading import NOW, Made, rows

pytestmark = pytest.mark.anyio

ACTIONS = {kind: action for action, kind in EVENTS.items()}
TIMES: Mapping[Action, str] = {
    Action.SHIP: "shipped_at",
    Action.RECEIVE: "received_at",
    Action.RECEIVE_CANCELLED: "received_at",
    Action.RETURN_CANCELLED: "returned_at",
    Action.ESCALATE: "escalated_at",
    Action.REOPEN: "reopened_at",
    **dict.fromkeys(RULINGS, "ruled_at"),
}
UNSETS: Mapping[Action, tuple[str, ...]] = {
    Action.ESCALATE: ("ruled_at",),
    Action.RULE_RETURN: ("shipped_at", "received_at", "returned_at"),
}
SENDS = {Action.EXCHANGE, Action.REPAIR, Action.SEND_BACK, Action.RETURN_CANCELLED}
ASSIGNS = {Action.ASSIGN, Action.CLAIM, Action.RELEASE}
PENDING = {Action.REFUND: 1, Action.SETTLE_REFUND: -1, Action.FAIL_REFUND: -1}


@dataclass(frozen=True)
class People:
    """Who may do what, as the demo's accounts, roles and connectors say."""

    permissions: dict[int, frozenset[Permission]]
    suspended_at: dict[int, Any]

    @classmethod
    async def read(cls, made: Made) -> "People":
        permissions: dict[int, set[Permission]] = defaultdict(set)
        of_role = {row.id: row.permissions for row in await rows(made.database, roles)}
        for employee in await rows(made.database, employees):
            permissions[employee.id] |= set(map(Permission, employee.extra_permissions))
            if employee.is_main:
                permissions[employee.id] |= MAIN_ACCOUNT
        for link in await rows(made.database, employee_roles):
            permissions[link.employee_id] |= set(map(Permission, of_role[link.role_id]))
        for connector in await rows(made.database, connectors):
            permissions[connector.id] |= set(map(Permission, connector.scopes))
        for account in await rows(made.database, accounts):
            if account.kind is ActorKind.PLATFORM:
                permissions[account.id] |= set(map(Permission, account.permissions))
        return cls(
            {id_: frozenset(held) for id_, held in permissions.items()},
            {row.merchant_id: row.suspended_at for row in await rows(made.database, suspensions)},
        )

    def actor(self, event: Any, customer_ref: str) -> Actor:
        if event.actor_kind is ActorKind.SYSTEM:
            return SYSTEM
        is_customer = event.actor_kind is ActorKind.CUSTOMER
        is_platform = event.actor_kind is ActorKind.PLATFORM
        return Actor(
            kind=event.actor_kind,
            id=event.actor_id,
            name=event.actor_name,
            permissions=frozenset() if is_customer else self.permissions[event.actor_id],
            merchant_id=None if is_platform else event.merchant_id,
            customer_ref=customer_ref if is_customer else None,
        )

    def enrolment(self, event: Any) -> EnrolmentStatus:
        since = self.suspended_at.get(event.merchant_id)
        is_suspended = since is not None and event.at >= since
        return EnrolmentStatus.SUSPENDED if is_suspended else EnrolmentStatus.ENABLED


def assignee(event: Any) -> int | None:
    """Who is in charge of the order after an assignment."""
    stored = (event.details or {}).get("assigneeId")
    return stored and int(stored)


@dataclass
class History:
    """An order after its events so far. Nothing of ``demo`` or ``doctor`` is used."""

    customer_ref: str
    clocks: Clocks
    status: Status = Status.PENDING_REVIEW
    customer_version: int = 1
    last_action: Action | None = None
    decided: PastDecision | None = None
    finished_at: Any = None
    pending_refunds: int = 0
    has_sent: bool = False
    assignee_id: int | None = None
    times: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(TIMES.values()))

    def facts(self, event: Any, enrolment: EnrolmentStatus) -> OrderFacts:
        return OrderFacts(
            merchant_id=event.merchant_id,
            customer_ref=self.customer_ref,
            enrolment=enrolment,
            status=self.status,
            version=event.sequence - 1,
            customer_version=self.customer_version,
            has_return_address=True,  # every shop has one
            due_at=self.clocks.due_at,
            finished_at=self.finished_at,
            last_action=self.last_action,
            pending_refunds=self.pending_refunds,
            has_review_time=self.decided is not None
            and self.clocks.review.left_at(self.decided.at) > timedelta(),
            has_sent=self.has_sent
            or (self.decided is not None and self.decided.action is Action.RESEND),
            assignee_id=self.assignee_id,
            decided=self.decided,
            **self.times,
        )

    def take(self, event: Any, action: Action) -> None:
        rule = LIFECYCLE[action]
        self.customer_version += event.kind not in INTERNAL
        self.pending_refunds += PENDING.get(action, 0)
        self.times |= dict.fromkeys(UNSETS.get(action, ()))
        if action in TIMES:
            self.times[TIMES[action]] = event.at
        if action in SENDS:
            self.has_sent = True
        if action is Action.UNDO:
            self.has_sent = False
        if action in ASSIGNS:
            self.assignee_id = assignee(event)
        if rule.decides:
            self.decided = PastDecision(
                action=action, by=event.actor_name, by_kind=event.actor_kind, at=event.at
            )
        if rule.target is not None:
            self.status, self.last_action = rule.target, action
            self.clocks = self.clocks.enter(
                rule.target,
                event.at,
                (),
                resumption=rule.resumption,
                decided_at=None if self.decided is None else self.decided.at,
            )
            self.finished_at = event.at if rule.target in FINAL else None
        if rule.takes_back:
            self.decided = None


async def test_each_event_is_a_step_that_the_rules_allowed_its_actor_at_that_instant(
    made: Made,
) -> None:
    people = await People.read(made)
    taken: set[Action] = set()
    for order in made.orders:
        submitted, *steps = made.events[order.id]
        history = History(order.customer_ref, first_clocks(submitted.at, ()))
        for event in steps:
            action = ACTIONS[event.kind]
            facts = history.facts(event, people.enrolment(event))
            verdict = decide(facts, people.actor(event, order.customer_ref), action, event.at)
            assert verdict.allowed, (event, verdict.blockers)
            history.take(event, action)
            taken.add(action)
        assert (history.status, history.clocks.due_at) == (order.status, order.clock_due_at)
        assert history.assignee_id == order.assignee_id
    # Orders change hands on a desk that people work at; in the demo they are claimed.
    assert taken == set(Action) - {Action.ASSIGN, Action.RELEASE}


def is_assignment(event: Any) -> bool:
    return ACTIONS.get(event.kind) in ASSIGNS


def sets_a_clock(event: Any) -> bool:
    """Also a step that leads to the status that the order has: its clock begins again."""
    action = ACTIONS.get(event.kind)
    return action is None or LIFECYCLE[action].target is not None


async def test_what_no_event_set_is_not_set(made: Made) -> None:
    claimed = {id_ for id_, events in made.events.items() if any(map(is_assignment, events))}
    assert claimed
    assert {order.id for order in made.orders if order.assignee_id is not None} == claimed
    assert not any(order.auto_approval_blocked for order in made.orders)
    for order in made.orders:
        stored = [(event.details or {}).get("targetAt") for event in made.events[order.id]]
        waits = order.status in TARGETED.values()
        entered = [
            target
            for event, target in zip(made.events[order.id], stored, strict=True)
            if sets_a_clock(event)
        ]
        assert (order.target_at and order.target_at.isoformat()) == (entered[-1] if waits else None)


async def test_each_working_merchant_has_a_backlog(made: Made) -> None:
    """Orders wait, are due soon, overdue and past a target, in each queue that can have them."""
    for shop in made.shops.values():
        if shop.enrolment is not EnrolmentStatus.ENABLED:
            continue
        async with made.database.read() as connection:
            counts = await count_queues(connection, shop.id, NOW)
        for name, status in QUEUES.items():
            queue = getattr(counts, name)
            assert queue["waiting"] >= (30 if shop.id in made.large else 5), (shop.name, name)
            # The clock leaves no review overdue: the order is approved.
            is_counted = CLOCKS[status].consequence is None
            assert (queue["overdue"] >= 5) is is_counted, (shop.name, name)
            assert queue["due_soon"] >= (3 if shop.id in made.large else 0), (shop.name, name)
            has_target = name in (shop.service_targets or {})
            assert (queue["past_target"] >= 10) is has_target, (shop.name, name, queue)
            assert queue["past_target"] < queue["waiting"], (shop.name, name)
