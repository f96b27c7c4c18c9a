"""Decides whether an actor may take an action on a service order now, and why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.actions import Action, Need, Rule
from domain.actors import Actor, ActorKind, NamedActor
from domain.clocks import CLOCKS
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.permissions import DESK
from domain.refusals.assignment import AlreadyAssigned, NotAssigned
from domain.refusals.general import MissingPermission, NotYours
from domain.refusals.orders import (
    AlreadyDecided,
    AlreadyEscalated,
    AlreadyReopened,
    AlreadyRuled,
    ApprovedBySystem,
    DeadlinePassed,
    MerchantNotEnabled,
    NoReturnAddress,
    NoReviewTimeLeft,
    NotArrived,
    NotDue,
    NotEscalated,
    NothingSent,
    NotInTransit,
    PersonalDataErased,
    StaleVersion,
    WrongLastStep,
    WrongStatus,
)
from domain.refusals.refunds import NoRefundPending, RefundPending
from domain.refusals.refusal import Refusal
from domain.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """The latest review decision on an order."""

    action: Action
    by: str
    by_kind: ActorKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """The facts of an order that the rules depend on.

    ``due_at`` is the deadline of the current status, None if no clock runs. ``last_action`` is the
    action that led to the current status. ``customer_version`` counts the events that the customer
    sees. ``has_review_time``: the review clock had time left when the latest decision was made.
    ``has_sent``: the merchant has sent goods to the customer, or is to send them. ``ruled_at`` is
    the ruling on the latest escalation.
    """

    merchant_id: int
    customer_ref: str
    enrolment: EnrolmentStatus
    status: Status
    version: int
    has_return_address: bool
    due_at: datetime | None = None
    finished_at: datetime | None = None
    last_action: Action | None = None
    customer_version: int = 0
    pending_refunds: int = 0
    shipped_at: datetime | None = None
    received_at: datetime | None = None
    returned_at: datetime | None = None
    escalated_at: datetime | None = None
    reopened_at: datetime | None = None
    has_review_time: bool = False
    has_sent: bool = False
    assignee_id: int | None = None
    ruled_at: datetime | None = None
    personal_data_erased_at: datetime | None = None
    decided: PastDecision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the action is allowed. ``until`` is its deadline; ``blockers`` say why not."""

    action: Action
    until: datetime | None = None
    blockers: tuple[Refusal, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.blockers


def decide(
    facts: OrderFacts,
    actor: Actor,
    action: Action,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> Verdict:
    """Decide whether ``actor`` may take ``action`` on an order at ``now``.

    A person may decide after the review deadline until the system has decided: a late decision is
    counted as overdue, but does not race against the job's interval. The system is never early.
    """
    rule = LIFECYCLE[action]
    blockers = [
        blocker
        for blocker in (
            _actor(facts, actor, rule),
            _erasure(facts),
            _enrolment(facts, actor, rule),
            _status(facts, rule),
            _needs(facts, rule),
            _version(facts, actor, expected_version),
            _deadlines(facts, actor, rule, now),
            _address(facts, rule),
        )
        if blocker is not None
    ]
    if blockers:
        return Verdict(action=action, blockers=tuple(blockers))
    return Verdict(action=action, until=_until(facts, rule, now))


def _actor(facts: OrderFacts, actor: Actor, rule: Rule) -> Refusal | None:
    if actor.kind is ActorKind.SYSTEM:
        return None if rule.system else NotYours()
    if actor.kind is ActorKind.CUSTOMER:
        own = actor.merchant_id == facts.merchant_id and actor.customer_ref == facts.customer_ref
        return None if rule.customer and own else NotYours()
    needed, is_foreign = rule.staff_in(facts.status), actor.merchant_id != facts.merchant_id
    if actor.kind is ActorKind.CONNECTOR:
        needed = () if rule.connector is None else (rule.connector,)
    elif actor.kind is ActorKind.PLATFORM:
        needed, is_foreign = () if rule.platform is None else (rule.platform,), False
    if not needed or is_foreign:
        return NotYours()
    if actor.permissions.isdisjoint(needed):
        return MissingPermission(permission=needed[0])
    if rule.others is not None and facts.assignee_id not in (None, actor.id):
        held = rule.others in actor.permissions
        return None if held else MissingPermission(permission=rule.others)
    return None


def _erasure(facts: OrderFacts) -> Refusal | None:
    """An order whose personal data is erased never changes again: a text would bring some back."""
    erased_at = facts.personal_data_erased_at
    return None if erased_at is None else PersonalDataErased(at=erased_at)


def _enrolment(facts: OrderFacts, actor: Actor, rule: Rule) -> Refusal | None:
    # Customers and deadlines are not affected by the suspension of a merchant, nor is a connector,
    # which only reports what has happened.
    staff = actor.kind not in (ActorKind.SYSTEM, ActorKind.CUSTOMER, ActorKind.CONNECTOR)
    if staff and rule.permission in DESK and facts.enrolment is not EnrolmentStatus.ENABLED:
        return MerchantNotEnabled(enrolment=facts.enrolment)
    return None


def _status(facts: OrderFacts, rule: Rule) -> Refusal | None:
    if facts.status in rule.sources:
        if not rule.after or facts.last_action in rule.after:
            return None
        return WrongLastStep(expected=tuple(sorted(rule.after)))
    if rule.decides and facts.decided is not None:
        return AlreadyDecided(
            by=NamedActor(kind=facts.decided.by_kind, name=facts.decided.by),
            at=facts.decided.at,
            decision=facts.decided.action,
            automatic=facts.decided.by_kind is ActorKind.SYSTEM,
        )
    return WrongStatus(status=facts.status, allowed_from=tuple(sorted(rule.sources)))


def _needs(facts: OrderFacts, rule: Rule) -> Refusal | None:
    return next((refusal for need in rule.needs if (refusal := _NEEDS[need](facts))), None)


def _escalated_before(facts: OrderFacts) -> Refusal | None:
    """An order is escalated anew only if the customer objects to what followed from a ruling."""
    if facts.escalated_at is None:
        return None
    if facts.ruled_at is None:
        return AlreadyEscalated(at=facts.escalated_at)
    return None if facts.last_action is Action.REPORT_UNSOLVED else AlreadyRuled(at=facts.ruled_at)


def _bound_by_ruling(facts: OrderFacts) -> Refusal | None:
    if facts.ruled_at is None or facts.last_action not in RULINGS:
        return None
    return AlreadyRuled(at=facts.ruled_at)


_NEEDS: Final[Mapping[Need, Callable[[OrderFacts], Refusal | None]]] = {
    Need.REFUNDS_SETTLED: lambda facts: (
        RefundPending(pending=facts.pending_refunds) if facts.pending_refunds else None
    ),
    Need.REFUND_PENDING: lambda facts: None if facts.pending_refunds else NoRefundPending(),
    Need.IN_TRANSIT: lambda facts: (
        None if facts.shipped_at is not None and facts.received_at is None else NotInTransit()
    ),
    Need.ARRIVED: lambda facts: (
        None if facts.received_at is not None and facts.returned_at is None else NotArrived()
    ),
    Need.NOT_ESCALATED: _escalated_before,
    Need.ESCALATED: lambda facts: (
        None if facts.escalated_at is not None and facts.ruled_at is None else NotEscalated()
    ),
    Need.SENT: lambda facts: None if facts.has_sent else NothingSent(),
    Need.NOT_REOPENED: lambda facts: (
        None if facts.reopened_at is None else AlreadyReopened(at=facts.reopened_at)
    ),
    Need.APPROVED_BY_PERSON: lambda facts: (
        ApprovedBySystem(at=facts.decided.at)
        if facts.decided is not None and facts.decided.by_kind is ActorKind.SYSTEM
        else None
    ),
    Need.REVIEW_TIME_LEFT: lambda facts: None if facts.has_review_time else NoReviewTimeLeft(),
    Need.UNASSIGNED: lambda facts: (
        None if facts.assignee_id is None else AlreadyAssigned(assigned_to=None)
    ),
    Need.ASSIGNED: lambda facts: NotAssigned() if facts.assignee_id is None else None,
    Need.NOT_RULED: _bound_by_ruling,
}
"""What is missing when a need of a rule is not met."""


def current_version(facts: OrderFacts, kind: ActorKind) -> int:
    """The order's version as an actor of the kind sees it."""
    return facts.customer_version if kind is ActorKind.CUSTOMER else facts.version


def _version(facts: OrderFacts, actor: Actor, expected: int | None) -> Refusal | None:
    current = current_version(facts, actor.kind)
    return None if expected in (None, current) else StaleVersion(current=current)


def _deadlines(facts: OrderFacts, actor: Actor, rule: Rule, now: datetime) -> Refusal | None:
    if actor.kind is ActorKind.SYSTEM and facts.due_at is not None and now < facts.due_at:
        return NotDue(due_at=facts.due_at)
    window = (rule.within or {}).get(facts.status)
    if window is not None and facts.finished_at is not None and now > facts.finished_at + window:
        return DeadlinePassed(due_at=facts.finished_at + window)
    return None


def _address(facts: OrderFacts, rule: Rule) -> Refusal | None:
    if rule.needs_address and not facts.has_return_address:
        return NoReturnAddress(missing=("returnAddress",))
    return None


def _until(facts: OrderFacts, rule: Rule, now: datetime) -> datetime | None:
    window = (rule.within or {}).get(facts.status)
    if window is not None and facts.finished_at is not None:
        return facts.finished_at + window
    clock = CLOCKS.get(facts.status)
    if rule.system or rule.target is None or clock is None or clock.consequence is None:
        return None
    return facts.due_at if facts.due_at is not None and now < facts.due_at else None
