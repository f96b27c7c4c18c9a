"""Replays an order's events against the rules, and reports the faults found.

Each step is checked with ``decide`` again, as if it were taken now. The effects of steps are
derived here independently of ``models.journal``, so that faults of the journal are found too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from doctor.explanations import explains
from doctor.faults import Fault
from doctor.pauses import Move, PauseHistory
from domain.actions import Action, Rule
from domain.actors import Actor, ActorKind
from domain.clocks import CONSEQUENCES, Clocks, Span, first_clocks
from domain.decision import OrderFacts, PastDecision, decide
from domain.desk.refunds import RefundStatus
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, INTERNAL, EventKind
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.permissions import Permission
from domain.personal_data import Standing, standing
from domain.refusals.orders import AlreadyDecided, NoReturnAddress, NotDue
from domain.refusals.refusal import Refusal
from domain.statuses import FINAL, Status
from domain.targets import TARGETED

ACTIONS: Final[Mapping[EventKind, Action]] = {kind: action for action, kind in EVENTS.items()}

TIMES: Final[Mapping[str, frozenset[Action]]] = {
    "shipped_at": frozenset({Action.SHIP}),
    "received_at": frozenset({Action.RECEIVE, Action.RECEIVE_CANCELLED}),
    "returned_at": frozenset({Action.RETURN_CANCELLED}),
    "processed_at": frozenset({Action.REFUND, Action.EXCHANGE, Action.REPAIR, Action.SEND_BACK}),
    "escalated_at": frozenset({Action.ESCALATE}),
    "reopened_at": frozenset({Action.REOPEN}),
    "ruled_at": RULINGS,
}
"""The columns that hold the time of a step, and the steps that set them."""

_OUTCOMES: Final[Mapping[Action, RefundStatus]] = {
    Action.SETTLE_REFUND: RefundStatus.SUCCEEDED,
    Action.FAIL_REFUND: RefundStatus.FAILED,
}
_SENDS: Final = frozenset(
    {Action.EXCHANGE, Action.REPAIR, Action.SEND_BACK, Action.RETURN_CANCELLED}
)
_ASSIGNS: Final = frozenset({Action.ASSIGN, Action.CLAIM, Action.RELEASE})
_EVERYTHING: Final = frozenset(Permission)
_OF_MERCHANT: Final = (
    ActorKind.MAIN_ACCOUNT,
    ActorKind.EMPLOYEE,
    ActorKind.CONNECTOR,
    ActorKind.CUSTOMER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A stored event."""

    sequence: int
    customer_sequence: int | None
    kind: EventKind
    at: datetime
    actor_kind: ActorKind
    actor_id: int
    actor_name: str
    from_status: Status | None
    to_status: Status | None
    details: Mapping[str, Any] | None  # Any: JSON


Finding = tuple[Fault, str]
"""A fault and its particulars."""


@dataclass(slots=True, kw_only=True)
class Replay:
    """The state of an order after its events so far.

    ``clocks`` are the possible clocks, usually one. If a pause window was declared or withdrawn at
    about the time of an event, it is uncertain whether the clock applied the change.
    """

    merchant_id: int
    customer_ref: str
    pauses: PauseHistory = field(default_factory=PauseHistory)
    moves: list[Move] = field(default_factory=list)
    """The ``CLOCK_MOVED`` events that are still to come."""
    version: int = 0
    customer_version: int = 0
    status: Status = Status.PENDING_REVIEW
    last_action: Action | None = None
    decided: PastDecision | None = None
    decided_by_id: int | None = None
    blocked: bool = False
    updated_at: datetime | None = None
    customer_updated_at: datetime | None = None
    finished_at: datetime | None = None
    times: dict[str, datetime | None] = field(default_factory=lambda: dict.fromkeys(TIMES))
    """The columns of the order that hold the time of a step, by their names."""
    has_sent: bool = False
    """Whether the merchant has sent goods after receipt, and did not undo that."""
    refunds: Counter[RefundStatus] = field(default_factory=Counter)
    assignee_id: int | None = None
    clocks: frozenset[Clocks] = field(default_factory=frozenset)
    target_at: datetime | None = None
    personal_data_erased_at: datetime | None = None

    def take(self, event: Event) -> Iterator[Finding]:
        """Apply the next event, continuing from the status that it states. Yields its faults."""
        if self.updated_at is not None and event.at < self.updated_at:
            yield (
                Fault.EVENTS_DESCEND,
                f"event {event.sequence} at {event.at}, after {self.updated_at}",
            )
        if event.sequence != self.version + 1:
            gap = f"event {event.sequence} comes after event {self.version}"
            yield Fault.EVENTS_INCOMPLETE, gap
        yield from self._count_for_customer(event)
        if self.version == 0 or event.kind is EventKind.SUBMITTED:
            yield from self._begin(event)
        elif (action := ACTIONS.get(event.kind)) is not None:
            yield from self._step(event, action)
        else:
            yield from self._stay(event)
        self.version = event.sequence
        self.updated_at = event.at

    def _count_for_customer(self, event: Event) -> Iterator[Finding]:
        is_internal = event.kind in INTERNAL
        expected = None if is_internal else self.customer_version + 1
        if event.customer_sequence != expected:
            difference = f"{event.customer_sequence} instead of {expected}"
            yield Fault.CUSTOMER_SEQUENCE_BROKEN, f"event {event.sequence}: {difference}"
        if not is_internal:
            self.customer_version = event.customer_sequence or self.customer_version + 1
            self.customer_updated_at = event.at

    def _begin(self, event: Event) -> Iterator[Finding]:
        if event.kind is not EventKind.SUBMITTED or self.version:
            yield Fault.EVENTS_INCOMPLETE, f"event {event.sequence} is {event.kind}"
        yield from _check_statuses(event, None, Status.PENDING_REVIEW)
        self.status = event.to_status or Status.PENDING_REVIEW
        self.clocks = frozenset(
            first_clocks(event.at, windows) for windows in self._applied_windows(event.at)
        )
        yield from self._set_target(event)

    def _step(self, event: Event, action: Action) -> Iterator[Finding]:
        rule = LIFECYCLE[action]
        yield from _check_statuses(event, self.status, rule.target or self.status)
        verdicts = [(clocks, self._blockers(event, action, clocks)) for clocks in self.clocks]
        # The step rules out those of the possible clocks that do not allow it.
        possible = [clocks for clocks, blockers in verdicts if not blockers]
        if verdicts and not possible:
            yield from _refused(event, verdicts[0][1])
        if CONSEQUENCES.get(self.status) is action:
            explained = [
                clocks for clocks in possible or self.clocks if self._explains(event, clocks)
            ]
            if not explained:
                yield Fault.EXPLANATION_WRONG, f"event {event.sequence}: {_explanation(event)}"
            possible = explained or possible
        self._record(event, action)
        if rule.target is not None:
            self._enter(event, rule, rule.target, possible or self.clocks)
            yield from self._set_target(event)
            self.last_action = action
            self.finished_at = event.at if rule.target in FINAL else None
            self.blocked = False
        if rule.decides:
            self.decided = PastDecision(
                action=action, by=event.actor_name, by_kind=event.actor_kind, at=event.at
            )
            self.decided_by_id = event.actor_id
        elif rule.takes_back:
            self.decided = self.decided_by_id = None

    def _record(self, event: Event, action: Action) -> None:
        """Apply what the step changes besides status and clocks."""
        for column, actions in TIMES.items():
            if action in actions:
                self.times[column] = event.at
        if action in _SENDS:
            self.has_sent = True
        if action is Action.UNDO:
            self.times["processed_at"] = None
            self.has_sent = False
        details = event.details or {}
        if action in _ASSIGNS or "previousAssigneeId" in details:
            stored = details.get("assigneeId")
            self.assignee_id = None if stored is None else int(stored)
        if action is Action.ESCALATE:
            self.times["ruled_at"] = None
        if action is Action.RULE_RETURN:
            self.times |= dict.fromkeys(("shipped_at", "received_at", "returned_at"))
        if action is Action.REFUND:
            self.refunds[RefundStatus.SUBMITTED] += 1
        elif action in _OUTCOMES:
            self.refunds[RefundStatus.SUBMITTED] -= 1
            self.refunds[_OUTCOMES[action]] += 1

    def _enter(self, event: Event, rule: Rule, target: Status, before: Iterable[Clocks]) -> None:
        self.status = target
        decided_at = None if self.decided is None else self.decided.at
        entered = (
            clocks.enter(
                target, event.at, windows, resumption=rule.resumption, decided_at=decided_at
            )
            for clocks in before
            for windows in self.pauses.applied_windows(
                event.at, self.moves, backdated=self._is_backdated(event, clocks)
            )
        )
        self.clocks = frozenset(
            replace(clocks, review=clocks.review.rounded()) for clocks in entered
        )

    def _set_target(self, event: Event) -> Iterator[Finding]:
        """Apply the merchant's own target. The settings of the time are not stored.

        So the target cannot be computed again, but it has its limits.
        """
        stored = (event.details or {}).get("targetAt")
        self.target_at = None if stored is None else datetime.fromisoformat(stored)
        if self.target_at is None:
            return
        dues = [clocks.due_at for clocks in self.clocks if clocks.due_at is not None]
        is_early = self.target_at < event.at and event.kind is not EventKind.CLOCK_MOVED
        if self.status not in TARGETED.values() or is_early or self.target_at > max(dues):
            yield Fault.TARGET_WRONG, f"event {event.sequence} ({event.kind}): {stored}"

    def _is_backdated(self, event: Event, clocks: Clocks) -> bool:
        """Whether the event may have its deadline for a date: after a jump of the sandbox's clock.

        Even then it is not dated before the preceding event.
        """
        due_at, last_at = clocks.due_at, self.updated_at
        is_system = event.actor_kind is ActorKind.SYSTEM
        return is_system and due_at is not None and event.at == max(due_at, last_at or due_at)

    def _stay(self, event: Event) -> Iterator[Finding]:
        """Apply an event that is not a step: the status stays the same."""
        yield from _check_statuses(event, self.status, self.status)
        if self.personal_data_erased_at is not None:
            yield Fault.STEP_NOT_ALLOWED, f"event {event.sequence}: {event.kind} after the erasure"
        if event.kind is EventKind.PERSONAL_DATA_ERASED:
            yield from self._erase(event)
        if event.kind is EventKind.AUTO_APPROVAL_BLOCKED:
            verdicts = [
                self._blockers(event, Action.AUTO_APPROVE, clocks) for clocks in self.clocks
            ]
            if not any(_lacks_an_address(blockers) for blockers in verdicts):
                yield from _refused(event, verdicts[0])
        if event.kind in (EventKind.AUTO_APPROVAL_BLOCKED, EventKind.AUTO_APPROVAL_UNBLOCKED):
            blocks = event.kind is EventKind.AUTO_APPROVAL_BLOCKED
            if blocks is self.blocked:
                yield Fault.STEP_NOT_ALLOWED, f"event {event.sequence}: {event.kind} repeated"
            self.blocked = blocks
        if event.kind is EventKind.CLOCK_MOVED:
            moved = frozenset(self._moved(event))
            if not moved:
                yield (
                    Fault.CLOCK_DIFFERS,
                    f"event {event.sequence}: no pause window explains the new deadline",
                )
            self.clocks = moved or self.clocks
            if self.target_at is not None:
                yield from self._set_target(event)

    def _erase(self, event: Event) -> Iterator[Finding]:
        facts = SimpleNamespace(
            status=self.status,
            finished_at=self.finished_at,
            escalated_at=self.times["escalated_at"],
            ruled_at=self.times["ruled_at"],
            pending_refunds=self.refunds[RefundStatus.SUBMITTED],
            personal_data_erased_at=self.personal_data_erased_at,
        )
        # How long orders were kept then is not stored.
        stands = standing(facts, finished_by=None)
        if stands is not Standing.ERASABLE:
            yield Fault.STEP_NOT_ALLOWED, f"event {event.sequence} ({event.kind}): {stands}"
        self.personal_data_erased_at = event.at

    def _moved(self, event: Event) -> Iterator[Clocks]:
        details = event.details or {}
        move = Move(details.get("window", ""), event.at)
        if move in self.moves:
            self.moves.remove(move)
        for clocks in self.clocks:
            yield from self.pauses.moved(
                clocks, event.at, not_before=self.updated_at or event.at, details=details
            )

    def _explains(self, event: Event, clocks: Clocks) -> bool:
        return explains(_explanation(event), self.status, clocks, event.at)

    def _applied_windows(self, at: datetime) -> Iterator[list[Span]]:
        return self.pauses.applied_windows(at, self.moves)

    def _blockers(self, event: Event, action: Action, clocks: Clocks) -> tuple[Refusal, ...]:
        """The blockers of the step, if it were taken now.

        Which permissions the actor held then is not recorded, so permissions are not checked.
        """
        kind, decided = event.actor_kind, self.decided
        actor = Actor(
            kind=kind,
            id=event.actor_id,
            name=event.actor_name,
            permissions=_EVERYTHING,
            merchant_id=self.merchant_id if kind in _OF_MERCHANT else None,
            customer_ref=self.customer_ref if kind is ActorKind.CUSTOMER else None,
        )
        facts = OrderFacts(
            merchant_id=self.merchant_id,
            customer_ref=self.customer_ref,
            enrolment=EnrolmentStatus.ENABLED,
            status=self.status,
            version=self.version,
            has_return_address=bool((event.details or {}).get("returnAddress")),
            due_at=clocks.due_at,
            finished_at=self.finished_at,
            last_action=self.last_action,
            customer_version=self.customer_version,
            pending_refunds=self.refunds[RefundStatus.SUBMITTED],
            shipped_at=self.times["shipped_at"],
            received_at=self.times["received_at"],
            returned_at=self.times["returned_at"],
            escalated_at=self.times["escalated_at"],
            reopened_at=self.times["reopened_at"],
            has_review_time=decided is not None and clocks.review.left_at(decided.at) > timedelta(),
            has_sent=self.has_sent or (decided is not None and decided.action is Action.RESEND),
            assignee_id=self.assignee_id,
            ruled_at=self.times["ruled_at"],
            personal_data_erased_at=self.personal_data_erased_at,
            decided=decided,
        )
        return decide(facts, actor, action, event.at).blockers


def _check_statuses(event: Event, source: Status | None, target: Status) -> Iterator[Finding]:
    if (event.from_status, event.to_status) != (source, target):
        difference = f"{event.from_status} → {event.to_status} instead of {source} → {target}"
        yield Fault.STATUSES_BROKEN, f"event {event.sequence} ({event.kind}): {difference}"


def _refused(event: Event, blockers: Sequence[Refusal]) -> Iterator[Finding]:
    kinds = {type(blocker) for blocker in blockers}
    fault = Fault.STEP_NOT_ALLOWED
    if AlreadyDecided in kinds:
        fault = Fault.DECIDED_TWICE
    elif NotDue in kinds:
        fault = Fault.ACTED_EARLY
    codes = ", ".join(blocker.code() for blocker in blockers)
    yield fault, f"event {event.sequence} ({event.kind}): {codes}"


def _lacks_an_address(blockers: Sequence[Refusal]) -> bool:
    return all(isinstance(blocker, NoReturnAddress) for blocker in blockers)


def _explanation(event: Event) -> Mapping[str, Any]:  # Any: JSON
    explanation: Mapping[str, Any] = (event.details or {}).get("explanation") or {}
    return explanation
