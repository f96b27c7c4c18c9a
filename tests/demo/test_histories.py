"""Every event of the demo is a step that the rules allow to the actor who took it, at that time."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.actions import Action
from domain.actors import SYSTEM, Actor, ActorKind
from domain.clocks import CLOCKS, Clocks, first_clocks
from domain.decision import OrderFacts, PastDecision, decide
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, INTERNAL
from domain.lifecycle import LIFECYCLE
from domain.permissions import MAIN_ACCOUNT, Permission
from domain.statuses import FINAL, Status
from domain.targets import TARGETED
from models.accounts import connectors
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
}
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
        return cls(
            {id_: frozenset(held) for id_, held in permissions.items()},
            {row.merchant_id: row.suspended_at for row in await rows(made.database, suspensions)},
        )

    def actor(self, event: Any, customer_ref: str) -> Actor:
        if event.actor_kind is ActorKind.SYSTEM:
            return SYSTEM
        is_customer = event.actor_kind is ActorKind.CUSTOMER
        return Actor(
            kind=event.actor_kind,
            id=event.actor_id,
            name=event.actor_name,
            permissions=frozenset() if is_customer else self.permissions[event.actor_id],
            merchant_id=event.merchant_id,
            customer_ref=customer_ref if is_customer else None,
        )

    def enrolment(self, event: Any) -> EnrolmentStatus:
        since = self.suspended_at.get(event.merchant_id)
        is_suspended = since is not None and event.at >= since
        return EnrolmentStatus.SUSPENDED if is_suspended else EnrolmentStatus.ENABLED


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
            decided=self.decided,
            **self.times,
        )

    def take(self, event: Any, action: Action) -> None:
        rule = LIFECYCLE[action]
        self.customer_version += event.kind not in INTERNAL
        self.pending_refunds += PENDING.get(action, 0)
        if action in TIMES:
            self.times[TIMES[action]] = event.at
        if rule.decides:
            self.decided = PastDecision(
                action=action, by=event.actor_name, by_kind=event.actor_kind, at=event.at
            )
        if rule.target is not None:
            self.status, self.last_action = rule.target, action
            self.clocks = self.clocks.enter(rule.target, event.at, ())
            self.finished_at = event.at if rule.target in FINAL else None


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
    assert taken == set(Action)


async def test_what_no_event_set_is_not_set(made: Made) -> None:
    assert {order.assignee_id for order in made.orders} == {None}
    assert not any(order.auto_approval_blocked for order in made.orders)
    for order in made.orders:
        stored = [(event.details or {}).get("targetAt") for event in made.events[order.id]]
        waits = order.status in TARGETED.values()
        entered = [
            target
            for event, target in zip(made.events[order.id], stored, strict=True)
            if event.to_status is not event.from_status
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
            assert queue["waiting"] >= 30, (shop.name, name)
            # The clock leaves no review overdue: the order is approved.
            is_counted = CLOCKS[status].consequence is None
            assert (queue["overdue"] >= 5) is is_counted, (shop.name, name)
            assert queue["due_soon"] >= 3, (shop.name, name)
            has_target = name in (shop.service_targets or {})
            assert (queue["past_target"] >= 10) is has_target, (shop.name, name, queue)
            assert queue["past_target"] < queue["waiting"], (shop.name, name)
