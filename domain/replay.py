"""Replays an order's events against the rules, and reports the faults found.

Each step is checked with ``decide`` again, as if it were taken now. The effects of steps are
derived here independently of ``models.journal``, so that faults of the journal are found too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain.actors import Actor, ActorKind
from domain.clocks import Clocks, ReviewClock, Span, first_clocks
from domain.decision import OrderFacts, PastDecision, decide
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, EventKind
from domain.faults import Fault
from domain.lifecycle import LIFECYCLE, Action
from domain.permissions import Permission
from domain.refusals.orders import AlreadyDecided, NoReturnAddress, NotDue
from domain.refusals.refusal import Refusal
from domain.statuses import FINAL, Status

ACTIONS: Final[Mapping[EventKind, Action]] = {kind: action for action, kind in EVENTS.items()}

ORDER_TOLERANCE: Final = timedelta(minutes=2)
"""The order of two changes within this time is not certain from their times: an event has the time
at which its request arrived, and the request may have waited for another."""

_EVERYTHING: Final = frozenset(Permission)
_STAFF: Final = (ActorKind.MAIN_ACCOUNT, ActorKind.EMPLOYEE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A stored event."""

    sequence: int
    kind: EventKind
    at: datetime
    actor_kind: ActorKind
    actor_id: int
    actor_name: str
    from_status: Status | None
    to_status: Status | None
    details: Mapping[str, Any] | None  # Any: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause window. Clocks apply it from ``declared_at``."""

    name: str
    window: Span
    declared_at: datetime


Finding = tuple[Fault, str]
"""A fault and its particulars."""


@dataclass(slots=True, kw_only=True)
class Replay:
    """The state of an order after its events so far.

    ``clocks`` are the possible clocks, usually one. If a pause window was declared at about the
    time of an event, it is uncertain whether the clock applied it.
    """

    merchant_id: int
    customer_ref: str
    pauses: Sequence[Pause] = ()
    moves: list[str] = field(default_factory=list)
    """The names of pause windows with a later ``CLOCK_MOVED`` event. Until that event the clock
    need not have applied them, even if declared before: the time may have gone back in between."""
    version: int = 0
    status: Status = Status.PENDING_REVIEW
    last_action: Action | None = None
    decided: PastDecision | None = None
    decided_by_id: int | None = None
    blocked: bool = False
    updated_at: datetime | None = None
    finished_at: datetime | None = None
    clocks: frozenset[Clocks] = field(default_factory=frozenset)

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
        if self.version == 0 or event.kind is EventKind.SUBMITTED:
            yield from self._begin(event)
        elif (action := ACTIONS.get(event.kind)) is not None:
            yield from self._step(event, action)
        else:
            yield from self._stay(event)
        self.version = event.sequence
        self.updated_at = event.at

    def _begin(self, event: Event) -> Iterator[Finding]:
        if event.kind is not EventKind.SUBMITTED or self.version:
            yield Fault.EVENTS_INCOMPLETE, f"event {event.sequence} is {event.kind}"
        yield from _check_statuses(event, None, Status.PENDING_REVIEW)
        self.status = event.to_status or Status.PENDING_REVIEW
        self.clocks = frozenset(
            first_clocks(event.at, windows) for windows in self._applied_windows(event.at)
        )

    def _step(self, event: Event, action: Action) -> Iterator[Finding]:
        rule = LIFECYCLE[action]
        yield from _check_statuses(event, self.status, rule.target or self.status)
        verdicts = [(clocks, self._blockers(event, action, clocks)) for clocks in self.clocks]
        # The step rules out those of the possible clocks that do not allow it.
        possible = [clocks for clocks, blockers in verdicts if not blockers]
        if verdicts and not possible:
            yield from _refused(event, verdicts[0][1])
        if action is Action.AUTO_APPROVE:
            explained = [
                clocks for clocks in possible or self.clocks if _explains(event, clocks.review)
            ]
            if not explained:
                yield Fault.EXPLANATION_WRONG, f"event {event.sequence}: {_explanation(event)}"
            possible = explained or possible
        if rule.target is not None:
            self._enter(event, rule.target, possible or self.clocks)
            self.last_action = action
            self.finished_at = event.at if rule.target in FINAL else None
            self.blocked = False
        if rule.decides:
            self.decided = PastDecision(
                action=action, by=event.actor_name, by_kind=event.actor_kind, at=event.at
            )
            self.decided_by_id = event.actor_id

    def _enter(self, event: Event, target: Status, before: Iterable[Clocks]) -> None:
        self.status = target
        entered = (
            clocks.enter(target, event.at, windows)
            for clocks in before
            for windows in self._applied_windows(event.at)
        )
        self.clocks = frozenset(
            replace(clocks, review=clocks.review.rounded()) for clocks in entered
        )

    def _stay(self, event: Event) -> Iterator[Finding]:
        """Apply an event that is not a step: the status stays the same."""
        yield from _check_statuses(event, self.status, self.status)
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

    def _moved(self, event: Event) -> Iterator[Clocks]:
        details = event.details or {}
        if details.get("window") in self.moves:
            self.moves.remove(details["window"])
        for pause in self.pauses:
            # An event is never dated before the preceding one, even if the time has gone back.
            expected_at = max(pause.declared_at, self.updated_at or pause.declared_at)
            if pause.name != details.get("window") or abs(expected_at - event.at) > ORDER_TOLERANCE:
                continue
            for clocks in self.clocks:
                for windows in self._applied_windows(event.at):
                    moved = clocks.move(pause.window, windows)
                    before, after = _iso(clocks.due_at), _iso(moved.due_at)
                    if (before, after) == (details.get("from"), details.get("to")):
                        yield moved

    def _applied_windows(self, at: datetime) -> Iterator[list[Span]]:
        """The sets of windows that a clock set ``at`` a time may have applied, usually one."""
        ahead = [pause for pause in self.pauses if pause.window.end > at]
        declared = sorted(ahead, key=lambda pause: pause.declared_at)
        certain = sum(pause.declared_at < at - ORDER_TOLERANCE for pause in declared)
        unmoved = (index for index, pause in enumerate(declared) if pause.name in self.moves)
        certain = min(certain, next(unmoved, certain))
        possible = sum(pause.declared_at <= at + ORDER_TOLERANCE for pause in declared)
        for count in range(certain, possible + 1):
            windows = (pause.window for pause in declared[:count])
            yield sorted(windows, key=lambda window: window.start)

    def _blockers(self, event: Event, action: Action, clocks: Clocks) -> tuple[Refusal, ...]:
        """The blockers of the step, if it were taken now.

        Which permissions the actor held then is not recorded, so permissions are not checked.
        """
        kind = event.actor_kind
        is_customer = kind is ActorKind.CUSTOMER
        actor = Actor(
            kind=kind,
            id=event.actor_id,
            name=event.actor_name,
            permissions=_EVERYTHING,
            merchant_id=self.merchant_id if is_customer or kind in _STAFF else None,
            customer_ref=self.customer_ref if is_customer else None,
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
            decided=self.decided,
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


def _explains(event: Event, review: ReviewClock) -> bool:
    """Whether the explanation of an automatic approval matches the clock."""
    explanation = _explanation(event)
    return bool(explanation) and (
        explanation.get("startedAt"),
        explanation.get("pauses"),
        explanation.get("dueAt"),
        explanation.get("ranAt"),
    ) == (
        review.started_at.isoformat(),
        [{"from": _iso(pause.start), "to": _iso(pause.end)} for pause in review.pauses],
        _iso(review.due_at),
        event.at.isoformat(),
    )


def _explanation(event: Event) -> Mapping[str, Any]:  # Any: JSON
    explanation: Mapping[str, Any] = (event.details or {}).get("explanation") or {}
    return explanation


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
