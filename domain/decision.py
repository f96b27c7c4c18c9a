"""The one place that says whether somebody may do something to a service order now."""

from dataclasses import dataclass
from datetime import datetime

from domain.actors import Actor, ActorKind
from domain.clocks import CLOCKS
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE, Action, Rule
from domain.permissions import DESK
from domain.refusals.general import MissingPermission, NotYours
from domain.refusals.orders import (
    AlreadyDecided,
    DeadlinePassed,
    MerchantNotEnabled,
    NoReturnAddress,
    NotDue,
    StaleVersion,
    WrongStatus,
)
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
    """What the rules need to know of an order; nothing of it is worked out here.

    ``due_at`` is when the clock of the present status runs out, None when none runs.
    ``last_action`` is the action that brought the order to its present status.
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
    decided: PastDecision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Allowed, until the clock takes over, or the reasons why not."""

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
    """Say whether ``actor`` may do ``action`` to an order at ``now``.

    A person may still decide after the review deadline, until the system has: being late is
    counted, not punished by a race against a timer's tick. The system is never early.
    """
    rule = LIFECYCLE[action]
    blockers = [
        blocker
        for blocker in (
            _who(facts, actor, rule),
            _merchant(facts, actor, rule),
            _where(facts, rule),
            _version(facts, expected_version),
            _when(facts, actor, rule, now),
            _address(facts, rule),
        )
        if blocker is not None
    ]
    if blockers:
        return Verdict(action=action, blockers=tuple(blockers))
    return Verdict(action=action, until=_until(facts, rule, now))


def _who(facts: OrderFacts, actor: Actor, rule: Rule) -> Refusal | None:
    if actor.kind is ActorKind.SYSTEM:
        return None if rule.system else NotYours()
    if actor.kind is ActorKind.CUSTOMER:
        own = actor.merchant_id == facts.merchant_id and actor.customer_ref == facts.customer_ref
        return None if rule.customer and own else NotYours()
    if rule.permission is None or actor.merchant_id != facts.merchant_id:
        return NotYours()
    if rule.permission not in actor.permissions:
        return MissingPermission(permission=rule.permission)
    return None


def _merchant(facts: OrderFacts, actor: Actor, rule: Rule) -> Refusal | None:
    # Customers and the clock go on while a merchant is suspended: they did nothing wrong.
    staff = actor.kind not in (ActorKind.SYSTEM, ActorKind.CUSTOMER)
    if staff and rule.permission in DESK and facts.enrolment is not EnrolmentStatus.ENABLED:
        return MerchantNotEnabled(enrolment=facts.enrolment)
    return None


def _where(facts: OrderFacts, rule: Rule) -> Refusal | None:
    undone = not rule.undoes or facts.last_action in rule.undoes
    if facts.status in rule.sources and undone:
        return None
    if rule.decides and facts.decided is not None:
        return AlreadyDecided(
            by=facts.decided.by,
            by_kind=facts.decided.by_kind,
            at=facts.decided.at,
            decision=facts.decided.action,
            automatic=facts.decided.by_kind is ActorKind.SYSTEM,
        )
    return WrongStatus(status=facts.status, allowed_from=tuple(sorted(rule.sources)))


def _version(facts: OrderFacts, expected: int | None) -> Refusal | None:
    if expected is None or expected == facts.version:
        return None
    return StaleVersion(current=facts.version)


def _when(facts: OrderFacts, actor: Actor, rule: Rule, now: datetime) -> Refusal | None:
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
