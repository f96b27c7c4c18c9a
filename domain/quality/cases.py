"""The cases of a service order: the pieces of work and the outcomes that figures count.

All cases of an order follow from its events and the pause windows. They are derived anew when an
event is added, so an event that changes the meaning of an earlier one, such as a rejection taken
back, corrects the case on its own day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntFlag, auto
from typing import Any, Final

from domain.actors import ActorKind
from domain.clocks import CLOCKS, REVIEW_GRACE, REVIEW_WINDOW, STORED_UNIT, Span, pauses_hit
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.names import Named
from domain.statuses import FINAL, Status

MILLISECOND: Final = STORED_UNIT
BAD_RATING: Final = 2
"""A customer who gives so many points of five, or fewer, was not satisfied."""


class CaseKind(Named):
    """What a case is."""

    REVIEW = auto()
    RECEIPT = auto()
    PROCESSING = auto()
    HANDLING = auto()
    RESULT = auto()
    END = auto()
    RATING = auto()


class Mark(IntFlag):
    """What is true of a case. The database stores the sum of the values: never change one."""

    ON_TIME = 1
    AUTOMATIC = 2
    BY_PERSON = 4
    APPROVED = 8
    REJECTED = 16
    REOPENED = 32
    OVERTURNED = 64
    UNSOLVED = 128
    CANCELLED = 256
    CONCLUDED = 512
    INTERVENED = 1024
    UNAIDED = 2048
    BAD = 4096


NONE: Final = Mark(0)


@dataclass(slots=True)
class Case:
    """A case, which the event with ``sequence`` made.

    ``amount`` is a duration in milliseconds; of a ``RATING`` it is the points, from 1 to 5.
    ``employee_id`` is who did the work; None for the clock, customers and connectors.
    """

    kind: CaseKind
    sequence: int
    at: datetime
    employee_id: int | None = None
    marks: Mark = NONE
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event, as far as cases depend on it."""

    sequence: int
    kind: EventKind
    at: datetime
    actor_kind: ActorKind
    actor_id: int
    from_status: Status | None
    to_status: Status
    details: Mapping[str, Any] | None = None  # Any: JSON


_PEOPLE: Final = frozenset({ActorKind.MAIN_ACCOUNT, ActorKind.EMPLOYEE})
_MERCHANTS: Final = _PEOPLE | {ActorKind.CONNECTOR}
_IN_REVIEW: Final = frozenset({Status.PENDING_REVIEW, Status.AWAITING_FEEDBACK})
_RULED: Final = frozenset(EVENTS[action] for action in RULINGS)
_RESTARTING: Final = frozenset({EventKind.REFUND_FAILED, EventKind.RULED_PROCESS})
"""The events that restart the clock of an order that already waits for processing."""
_REFUSED: Final = frozenset({Status.REJECTED, Status.CANCELLED})
_FOR_CUSTOMER: Final = frozenset({EventKind.RULED_RETURN, EventKind.RULED_PROCESS})

_DECISIONS: Final[Mapping[EventKind, Mark]] = {
    EventKind.APPROVED: Mark.APPROVED,
    EventKind.RESENT: Mark.APPROVED,
    EventKind.AUTO_APPROVED: Mark.APPROVED | Mark.AUTOMATIC,
    EventKind.REJECTED: Mark.REJECTED,
    EventKind.GIVEN_UP: NONE,
}
"""The events that end a review, and what they say of it. A question to the customer does not."""

WINDOWS: Final[Mapping[Status, timedelta]] = {
    status: CLOCKS[status].window
    for status in (Status.AWAITING_RECEIPT, Status.AWAITING_PROCESSING)
}

RELEVANT: Final = frozenset(
    EVENTS[action]
    for action, rule in LIFECYCLE.items()
    if rule.target is not None or rule.platform is not None
)
"""The kinds of events that make or correct cases."""


def running_time(start: datetime, end: datetime, windows: Sequence[Span]) -> timedelta:
    """The time between two past instants in which no clock was paused.

    ``windows`` are the pause windows that were not withdrawn, in order. They never change once
    they have begun.
    """
    hit = pauses_hit(started_at=start, due_at=end, windows=windows)
    paused = sum((min(pause.end, end) - pause.start for pause in hit), timedelta())
    return end - start - paused


def cases_of(events: Iterable[CaseEvent], windows: Sequence[Span]) -> list[Case]:
    """The cases of an order, from its events in their order, and the pause windows."""
    story = _Story(windows)
    for event in events:
        story.take(event)
    return story.cases


@dataclass(slots=True)
class _Story:
    """What happened so far."""

    windows: Sequence[Span]
    cases: list[Case] = field(default_factory=list)
    entered_at: datetime | None = None
    """When the order came into its status."""
    reviewed: timedelta = timedelta()
    """The running time of the review clock before the order came into its status."""
    review_limit: timedelta = REVIEW_WINDOW
    processed: timedelta = timedelta()
    """The same of work that was undone."""
    is_decided: bool = False
    """Whether the application was decided on, and that was not taken back."""
    is_received: bool = False
    """Whether goods that were approved were received, and nothing was done with them yet."""
    worker_id: int | None = None
    """Who decided, received or processed last."""
    is_ruled: bool = False

    def take(self, event: CaseEvent) -> None:
        """Add what the event makes, and correct what it takes back."""
        if event.kind is EventKind.SUBMITTED:
            self.entered_at = event.at
            return
        if event.kind in _RULED:
            self._rule(event)
        self._work(event)
        self._follow(event)
        self._come_out(event)
        self._enter(event)

    def _work(self, event: CaseEvent) -> None:
        """Add the piece of work that the event finishes."""
        came_from = event.from_status
        if event.kind in _DECISIONS and came_from in _IN_REVIEW:
            self._decide(event)
        elif event.kind is EventKind.RECEIVED:
            self._receive(event)
        elif came_from is Status.AWAITING_PROCESSING and event.actor_kind in _MERCHANTS:
            self._process(event)
        elif event.kind is EventKind.UNDONE:
            self._undo()

    def _come_out(self, event: CaseEvent) -> None:
        """Add the outcome that the event is."""
        came_from, goes_to = event.from_status, event.to_status
        if came_from in FINAL and goes_to not in FINAL:
            self._remove(CaseKind.END)
        if goes_to is Status.AWAITING_CONFIRMATION and came_from is not goes_to:
            self._add(event, CaseKind.RESULT, self.worker_id)
        if goes_to in FINAL and came_from not in FINAL:
            self._end(event)
        if event.kind is EventKind.CONFIRMED:
            self._rate(event)

    def _decide(self, event: CaseEvent) -> None:
        marks, employee_id = _DECISIONS[event.kind], _employee(event)
        if event.from_status is Status.PENDING_REVIEW:
            self.reviewed += self._in_status(event)
        if event.actor_kind in _MERCHANTS and self.reviewed <= self.review_limit:
            marks |= Mark.ON_TIME
        self.worker_id, self.is_decided = employee_id, True
        self._add(event, CaseKind.REVIEW, employee_id, marks, self.reviewed // MILLISECOND)

    def _receive(self, event: CaseEvent) -> None:
        time, employee_id = self._in_status(event), _employee(event)
        marks = Mark.ON_TIME if time <= WINDOWS[Status.AWAITING_RECEIPT] else NONE
        # An order that the customer cancelled during its review comes here by a ruling, and was
        # never decided on: it has no handling time.
        self.is_received, self.processed = self.is_decided, timedelta()
        self.worker_id = employee_id
        self._add(event, CaseKind.RECEIPT, employee_id, marks, time // MILLISECOND)

    def _process(self, event: CaseEvent) -> None:
        if event.to_status is Status.AWAITING_PROCESSING:
            return
        time, employee_id = self._in_status(event), _employee(event)
        marks = Mark.ON_TIME if time <= WINDOWS[Status.AWAITING_PROCESSING] else NONE
        self.processed += time
        self.worker_id = employee_id
        self._add(event, CaseKind.PROCESSING, employee_id, marks, self.processed // MILLISECOND)
        if self.is_received:
            total = (self.reviewed + self.processed) // MILLISECOND
            self._add(event, CaseKind.HANDLING, employee_id, NONE, total)
            self.is_received = False

    def _undo(self) -> None:
        undone = self._latest(CaseKind.PROCESSING)
        if undone is None:
            return
        self.is_received = any(
            case.kind is CaseKind.HANDLING and case.sequence == undone.sequence
            for case in self.cases
        )
        # In place: the list stays the one that grows.
        self.cases[:] = [case for case in self.cases if case.sequence != undone.sequence]

    def _follow(self, event: CaseEvent) -> None:
        """Mark or remove the earlier case that the event is about."""
        match event.kind:
            case EventKind.REOPENED:
                self.is_decided = False
                self._mark(CaseKind.REVIEW, Mark.REOPENED | Mark.OVERTURNED)
                self.reviewed, self.review_limit = timedelta(), REVIEW_WINDOW
            case EventKind.APPROVAL_WITHDRAWN:
                self.is_decided = False
                self._mark(CaseKind.REVIEW, Mark.OVERTURNED)
            case EventKind.REPORTED_UNSOLVED:
                self._mark(CaseKind.RESULT, Mark.UNSOLVED)
            case EventKind.REFUND_FAILED if event.from_status is Status.AWAITING_CONFIRMATION:
                self._remove(CaseKind.RESULT)
            case EventKind.FEEDBACK_REQUESTED if event.from_status is Status.PENDING_REVIEW:
                # As a paused clock is stored: what is left is rounded up.
                self.reviewed = (
                    (self.reviewed + self._in_status(event)) // STORED_UNIT * STORED_UNIT
                )
            case EventKind.RESPONDED:
                left = max(self.review_limit - self.reviewed, REVIEW_GRACE)
                self.review_limit = self.reviewed + left
            case _:
                pass

    def _rule(self, event: CaseEvent) -> None:
        self.is_ruled = True
        if event.from_status in FINAL:
            end = self._latest(CaseKind.END)
            if end is not None:
                end.marks = (end.marks | Mark.INTERVENED) & ~Mark.UNAIDED
        review = self._latest(CaseKind.REVIEW)
        is_refused = event.from_status in _REFUSED and event.kind in _FOR_CUSTOMER
        if is_refused and review is not None and Mark.APPROVED not in review.marks:
            review.marks |= Mark.OVERTURNED

    def _end(self, event: CaseEvent) -> None:
        if event.to_status is Status.CANCELLED:
            marks = Mark.CANCELLED
        else:
            marks = Mark.CONCLUDED if self.is_ruled else Mark.CONCLUDED | Mark.UNAIDED
        if self.is_ruled:
            marks |= Mark.INTERVENED
        self._add(event, CaseKind.END, self.worker_id, marks)

    def _rate(self, event: CaseEvent) -> None:
        points = (event.details or {}).get("satisfaction")
        if points is not None:
            marks = Mark.BAD if points <= BAD_RATING else NONE
            self._add(event, CaseKind.RATING, self.worker_id, marks, points)

    def _enter(self, event: CaseEvent) -> None:
        if event.to_status is not event.from_status:
            self.entered_at = event.at
            if event.to_status is Status.AWAITING_PROCESSING and event.kind is not EventKind.UNDONE:
                self.processed = timedelta()
        elif event.to_status is Status.AWAITING_PROCESSING and event.kind in _RESTARTING:
            self.processed += self._in_status(event)
            self.entered_at = event.at

    def _in_status(self, event: CaseEvent) -> timedelta:
        return running_time(self.entered_at or event.at, event.at, self.windows)

    def _add(
        self,
        event: CaseEvent,
        kind: CaseKind,
        employee_id: int | None,
        marks: Mark = NONE,
        amount: int | None = None,
    ) -> None:
        if employee_id is not None:
            marks |= Mark.BY_PERSON
        self.cases.append(Case(kind, event.sequence, event.at, employee_id, marks, amount))

    def _latest(self, kind: CaseKind) -> Case | None:
        return next((case for case in reversed(self.cases) if case.kind is kind), None)

    def _mark(self, kind: CaseKind, marks: Mark) -> None:
        case = self._latest(kind)
        if case is not None:
            case.marks |= marks

    def _remove(self, kind: CaseKind) -> None:
        case = self._latest(kind)
        if case is not None:
            self.cases.remove(case)


def _employee(event: CaseEvent) -> int | None:
    return event.actor_id if event.actor_kind in _PEOPLE else None
