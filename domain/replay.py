"""An order's events, taken one after another: where they lead, and what the rules say to each.

The steps are asked of ``decide`` once more, as if they were taken now. What ``journal`` writes is
read off the tables a second time here, so that a fault in what writes is seen as well.
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

AT_ONCE: Final = timedelta(minutes=2)
"""Within such a time, what came first cannot be told from the times alone: a request carries the
time at which it came, and may have waited for another."""

_EVERYTHING: Final = frozenset(Permission)
_STAFF: Final = (ActorKind.MAIN_ACCOUNT, ActorKind.EMPLOYEE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as it is stored."""

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
    """A pause window, and since when clocks heed it."""

    name: str
    window: Span
    declared_at: datetime


Found = tuple[Fault, str]
"""What is wrong, and the particulars."""


@dataclass(slots=True, kw_only=True)
class Replay:
    """An order on its way through its events.

    ``clocks`` are all that it may have: mostly one. Where a pause was declared at about the time of
    an event, whether it was heeded shows only later, if ever.
    """

    merchant_id: int
    customer_ref: str
    pauses: Sequence[Pause] = ()
    moves: list[str] = field(default_factory=list)
    """The pauses that are still to move the clock: until then it need not have heeded them,
    whenever they were declared, for the time may have gone back meanwhile."""
    version: int = 0
    status: Status = Status.PENDING_REVIEW
    last_action: Action | None = None
    decided: PastDecision | None = None
    decided_by_id: int | None = None
    blocked: bool = False
    updated_at: datetime | None = None
    finished_at: datetime | None = None
    clocks: frozenset[Clocks] = field(default_factory=frozenset)

    def take(self, event: Event) -> Iterator[Found]:
        """Go one event on; answers what is wrong with it, and goes on from where it says."""
        if self.updated_at is not None and event.at < self.updated_at:
            yield (
                Fault.EVENTS_DESCEND,
                f"event {event.sequence} at {event.at}, after {self.updated_at}",
            )
        if event.sequence != self.version + 1:
            said = f"event {event.sequence} comes after event {self.version}"
            yield Fault.EVENTS_INCOMPLETE, said
        if self.version == 0 or event.kind is EventKind.SUBMITTED:
            yield from self._begin(event)
        elif (action := ACTIONS.get(event.kind)) is not None:
            yield from self._step(event, action)
        else:
            yield from self._stay(event)
        self.version = event.sequence
        self.updated_at = event.at

    def _begin(self, event: Event) -> Iterator[Found]:
        if event.kind is not EventKind.SUBMITTED or self.version:
            yield Fault.EVENTS_INCOMPLETE, f"event {event.sequence} is {event.kind}"
        yield from _leads(event, None, Status.PENDING_REVIEW)
        self.status = event.to_status or Status.PENDING_REVIEW
        self.clocks = frozenset(first_clocks(event.at, heeded) for heeded in self._heeded(event.at))

    def _step(self, event: Event, action: Action) -> Iterator[Found]:
        rule = LIFECYCLE[action]
        yield from _leads(event, self.status, rule.target or self.status)
        found = [(clocks, self._blockers(event, action, clocks)) for clocks in self.clocks]
        # Of the clocks that it may have had, those that allow it.
        possible = [clocks for clocks, blockers in found if not blockers]
        if found and not possible:
            yield from _refused(event, found[0][1])
        if action is Action.AUTO_APPROVE:
            explained = [one for one in possible or self.clocks if _explains(event, one.review)]
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
            clocks.enter(target, event.at, heeded)
            for clocks in before
            for heeded in self._heeded(event.at)
        )
        self.clocks = frozenset(replace(clocks, review=clocks.review.kept()) for clocks in entered)

    def _stay(self, event: Event) -> Iterator[Found]:
        """What is no step: it leaves the status as it is."""
        yield from _leads(event, self.status, self.status)
        if event.kind is EventKind.AUTO_APPROVAL_BLOCKED:
            found = [self._blockers(event, Action.AUTO_APPROVE, clocks) for clocks in self.clocks]
            if not any(_lacks_an_address(blockers) for blockers in found):
                yield from _refused(event, found[0])
        if event.kind in (EventKind.AUTO_APPROVAL_BLOCKED, EventKind.AUTO_APPROVAL_UNBLOCKED):
            blocks = event.kind is EventKind.AUTO_APPROVAL_BLOCKED
            if blocks is self.blocked:
                yield Fault.STEP_NOT_ALLOWED, f"event {event.sequence}: {event.kind} once more"
            self.blocked = blocks
        if event.kind is EventKind.CLOCK_MOVED:
            moved = frozenset(self._moved(event))
            if not moved:
                yield Fault.CLOCK_DIFFERS, f"event {event.sequence}: no pause moves the clock so"
            self.clocks = moved or self.clocks

    def _moved(self, event: Event) -> Iterator[Clocks]:
        details = event.details or {}
        if details.get("window") in self.moves:
            self.moves.remove(details["window"])
        for pause in self.pauses:
            # An event does not come before the last one, whatever the time is.
            expected_at = max(pause.declared_at, self.updated_at or pause.declared_at)
            if pause.name != details.get("window") or abs(expected_at - event.at) > AT_ONCE:
                continue
            for clocks in self.clocks:
                for heeded in self._heeded(event.at):
                    moved = clocks.move(pause.window, heeded)
                    before, after = _said(clocks.due_at), _said(moved.due_at)
                    if (before, after) == (details.get("from"), details.get("to")):
                        yield moved

    def _heeded(self, at: datetime) -> Iterator[list[Span]]:
        """The pauses that a clock set ``at`` a time may have heeded: mostly one answer."""
        ahead = [one for one in self.pauses if one.window.end > at]
        told = sorted(ahead, key=lambda one: one.declared_at)
        sure = sum(one.declared_at < at - AT_ONCE for one in told)
        unmoved = (place for place, one in enumerate(told) if one.name in self.moves)
        sure = min(sure, next(unmoved, sure))
        maybe = sum(one.declared_at <= at + AT_ONCE for one in told)
        for known in range(sure, maybe + 1):
            yield sorted((one.window for one in told[:known]), key=lambda window: window.start)

    def _blockers(self, event: Event, action: Action, clocks: Clocks) -> tuple[Refusal, ...]:
        """What the rules say to it, were it done now. Who held which permission is not known."""
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


def _leads(event: Event, source: Status | None, target: Status) -> Iterator[Found]:
    if (event.from_status, event.to_status) != (source, target):
        said = f"{event.from_status} → {event.to_status} instead of {source} → {target}"
        yield Fault.STATUSES_BROKEN, f"event {event.sequence} ({event.kind}): {said}"


def _refused(event: Event, blockers: Sequence[Refusal]) -> Iterator[Found]:
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
    """Whether an automatic approval is explained by the clock."""
    explanation = _explanation(event)
    return bool(explanation) and (
        explanation.get("startedAt"),
        explanation.get("pauses"),
        explanation.get("dueAt"),
        explanation.get("ranAt"),
    ) == (
        review.started_at.isoformat(),
        [{"from": _said(pause.start), "to": _said(pause.end)} for pause in review.pauses],
        _said(review.due_at),
        event.at.isoformat(),
    )


def _explanation(event: Event) -> Mapping[str, Any]:  # Any: JSON
    found: Mapping[str, Any] = (event.details or {}).get("explanation") or {}
    return found


def _said(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
