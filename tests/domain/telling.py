"""What stories of orders are told with: steps, and the cases that are expected of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.actors import ActorKind
from domain.clocks import Span
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE
from domain.quality.cases import CaseEvent, CaseKind, Mark
from domain.statuses import Status

NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR: Final = 3_600_000
"""In milliseconds, as all times here."""
DAY: Final = 24 * HOUR
ACTIONS: Final = {kind: action for action, kind in EVENTS.items()}
REVIEWER, RECEIVER, PROCESSOR = 1, 2, 3
PEOPLE: Final = {
    "reviewer": (ActorKind.EMPLOYEE, REVIEWER),
    "receiver": (ActorKind.EMPLOYEE, RECEIVER),
    "processor": (ActorKind.MAIN_ACCOUNT, PROCESSOR),
    "connector": (ActorKind.CONNECTOR, 4),
    "customer": (ActorKind.CUSTOMER, 0),
    "clock": (ActorKind.SYSTEM, 0),
    "platform": (ActorKind.PLATFORM, 5),
}

Step = tuple[int, str, str] | tuple[int, str, str, Mapping[str, Any]]
"""When, what, by whom; and with which details."""
Expected = tuple[CaseKind, int, int | None, Mark, int | None]
"""The kind, the number of the step, the employee, the marks and the amount."""

APPLIED: Final[Step] = (0, "SUBMITTED", "connector")
APPROVED: Final[Step] = (HOUR, "APPROVED", "reviewer")
SENT: Final[Step] = (2 * HOUR, "SHIPPED", "customer")
RECEIVED: Final[Step] = (5 * HOUR, "RECEIVED", "receiver")
HERE: Final = (APPLIED, APPROVED, SENT, RECEIVED)
"""The goods are here: four steps."""

M = Mark
BY = M.BY_PERSON
GOOD: Final = M.ON_TIME | M.APPROVED | BY
NO: Final = M.ON_TIME | M.REJECTED | BY
DONE: Final = M.CONCLUDED | M.UNAIDED | BY
RULED_CLOSED: Final = M.CONCLUDED | M.INTERVENED | BY
REVIEWED: Final[Expected] = (CaseKind.REVIEW, 2, REVIEWER, GOOD, HOUR)
ARRIVED: Final[Expected] = (CaseKind.RECEIPT, 4, RECEIVER, M.ON_TIME | BY, 3 * HOUR)


def review(at: int, marks: Mark, amount: int, who: int | None = REVIEWER) -> Expected:
    return CaseKind.REVIEW, at, who, marks, amount


def processed(at: int, amount: int, marks: Mark = M.ON_TIME | BY) -> Expected:
    return CaseKind.PROCESSING, at, PROCESSOR, marks, amount


def handled(at: int, amount: int) -> Expected:
    return CaseKind.HANDLING, at, PROCESSOR, BY, amount


def result(at: int, marks: Mark = BY, who: int | None = PROCESSOR) -> Expected:
    return CaseKind.RESULT, at, who, marks, None


def end(at: int, marks: Mark, who: int | None = PROCESSOR) -> Expected:
    return CaseKind.END, at, who, marks, None


@dataclass(frozen=True)
class Story:
    name: str
    steps: Sequence[Step]
    expected: Sequence[Expected]
    windows: Sequence[Span] = field(default=())


def at(time: int) -> datetime:
    return NOON + timedelta(milliseconds=time)


def window(start: int, end: int) -> Span:
    return Span(at(start), at(end))


def events(steps: Sequence[Step]) -> list[CaseEvent]:
    """The steps as events. Where each leads, the rules say."""
    found = list[CaseEvent]()
    status: Status | None = None
    for sequence, (time, name, who, *details) in enumerate(steps, start=1):
        kind = EventKind[name]
        rule = LIFECYCLE[ACTIONS[kind]] if kind in ACTIONS else None
        assert status is None or rule is None or status in rule.sources, (name, status)
        to_status = (rule and rule.target) or status or Status.PENDING_REVIEW
        actor = PEOPLE[who]
        more = details[0] if details else None
        found.append(CaseEvent(sequence, kind, at(time), *actor, status, to_status, more))
        status = to_status
    return found


ASKED: Final[Step] = (40 * HOUR, "FEEDBACK_REQUESTED", "reviewer")
REFUND: Final[Step] = (9 * HOUR, "REFUNDED", "processor")
CONFIRMED: Final[Step] = (20 * HOUR, "CONFIRMED", "customer", {})
UNSOLVED: Final[Step] = (30 * HOUR, "REPORTED_UNSOLVED", "customer")
ESCALATED: Final[Step] = (31 * HOUR, "ESCALATED", "customer")
FIRST_REFUND: Final = (REVIEWED, ARRIVED, processed(5, 4 * HOUR), handled(5, 5 * HOUR))
