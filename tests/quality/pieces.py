"""What figures consider, found in the events of an order plainly, by the definitions' texts.

Nothing here knows cases or marks, so that a mistake in ``domain.quality.cases`` does not repeat
itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from domain.actors import ActorKind
from domain.clocks import Span
from domain.events import EventKind as Kind
from domain.statuses import Status
from tests.stateful.invariants import running

Row = Mapping[str, Any]
"""An event by the names of its columns."""
Events = Sequence[Row]

MS: Final = timedelta(milliseconds=1)
REVIEW: Final = timedelta(hours=48)
GRACE: Final = timedelta(hours=4)
RECEIPT: Final = timedelta(days=10)
PROCESSING: Final = timedelta(hours=48)

PEOPLE: Final = (ActorKind.MAIN_ACCOUNT, ActorKind.EMPLOYEE)
DECISIONS: Final = (Kind.APPROVED, Kind.REJECTED, Kind.RESENT, Kind.AUTO_APPROVED, Kind.GIVEN_UP)
FOR_THE_CUSTOMER: Final = (Kind.RULED_RETURN, Kind.RULED_PROCESS)
RULED: Final = (*FOR_THE_CUSTOMER, Kind.RULED_CANCELLED, Kind.RULED_CLOSED, Kind.RULED_UPHELD)
IN_REVIEW: Final = (Status.PENDING_REVIEW, Status.AWAITING_FEEDBACK)
ENDS: Final = (Status.COMPLETED, Status.REJECTED, Status.CANCELLED)
STEPS: Final = (
    Kind.REFUNDED,
    Kind.EXCHANGED,
    Kind.REPAIRED,
    Kind.SENT_BACK,
    Kind.SOLVED,
    Kind.CLOSED,
)


@dataclass(frozen=True)
class Story:
    """The events of an order, oldest first, and the pauses of the calendar."""

    order: int
    events: Events
    windows: Sequence[Span]

    def before(self, event: Row) -> list[Row]:
        return [other for other in self.events if other["sequence"] < event["sequence"]]

    def after(self, event: Row) -> list[Row]:
        return [other for other in self.events if other["sequence"] > event["sequence"]]

    def running(self, start: datetime, end: datetime, pauses: Iterable[Span] = ()) -> timedelta:
        return running(start, max(start, end), [*self.windows, *pauses])


@dataclass(frozen=True)
class Piece:
    """What a figure considers: what an event made, who did it, and what is asked about it."""

    order: int
    event: Row
    employee: int | None
    amount: int | None = None
    """In milliseconds of running time, or in points."""
    on_time: bool = False
    story: Any = None


# Reviews


def is_review(event: Row) -> bool:
    """A decision on an application that waited for one."""
    return event["kind"] in DECISIONS and event["from_status"] in IN_REVIEW


def reviews(story: Story) -> list[Piece]:
    return [_review(story, event) for event in story.events if is_review(event)]


def _review(story: Story, decision: Row) -> Piece:
    ran, allowed = _review_clock(story, decision)
    by_merchant = decision["kind"] is not Kind.AUTO_APPROVED
    on_time = by_merchant and ran <= allowed
    return _piece(story, decision, amount=ran // MS, on_time=on_time)


def _review_clock(story: Story, decision: Row) -> tuple[timedelta, timedelta]:
    """How long the review clock ran until the decision, and how long it had.

    It stops at a question and goes on with the answer, with four hours at least; and stops at an
    approval and goes on when that is withdrawn. A rejection that is taken back restarts it.
    """
    ran, allowed = timedelta(), REVIEW
    since: datetime | None = None
    for event in (*story.before(decision), decision):
        match event["kind"]:
            case Kind.SUBMITTED | Kind.REOPENED:
                ran, allowed, since = timedelta(), REVIEW, event["at"]
            case Kind.RESPONDED:
                allowed = max(allowed, ran + GRACE)
                since = event["at"]
            case Kind.APPROVAL_WITHDRAWN:
                since = event["at"]
            case _ if since is not None and event["to_status"] is not Status.PENDING_REVIEW:
                ran += story.running(since, event["at"])
                since = None
                if event["kind"] is Kind.FEEDBACK_REQUESTED and ran < allowed:
                    # What is left is kept in whole milliseconds.
                    allowed = ran + ceil((allowed - ran) / MS) * MS
    return ran, allowed


def was_taken_back(story: Story, decision: Row) -> bool:
    """Whether the next decision of the order was made because this one was taken back."""
    back = {Kind.REJECTED: Kind.REOPENED, Kind.APPROVED: Kind.APPROVAL_WITHDRAWN}
    for event in story.after(decision):
        if is_review(event):
            return False
        if event["kind"] is back.get(decision["kind"]):
            return True
    return False


def was_overruled(story: Story, decision: Row) -> bool:
    """Whether the platform ruled for the customer on an order which this decision had ended."""
    for event in story.after(decision):
        if event["from_status"] is not decision["to_status"]:
            return False
        if event["kind"] in FOR_THE_CUSTOMER:
            return decision["to_status"] in ENDS
    return False


# Receipts and processing


def receipts(story: Story) -> list[Piece]:
    found = []
    for event in story.events:
        if event["kind"] is Kind.RECEIVED:
            [*_, sent] = (e for e in story.before(event) if e["kind"] is Kind.SHIPPED)
            ran = story.running(sent["at"], event["at"])
            found.append(_piece(story, event, amount=ran // MS, on_time=ran <= RECEIPT))
    return found


def steps(story: Story) -> list[Piece]:
    """What the merchant did with goods that waited for it, if it was not undone."""
    return [
        _piece(
            story,
            event,
            amount=_worked(story, event, since=_began(story, event)) // MS,
            on_time=story.running(_clock_started(story, event), event["at"]) <= PROCESSING,
        )
        for event in story.events
        if is_step(event) and not was_undone(story, event)
    ]


def is_step(event: Row) -> bool:
    return event["kind"] in STEPS and event["from_status"] is Status.AWAITING_PROCESSING


def was_undone(story: Story, step: Row) -> bool:
    for event in story.after(step):
        if event["kind"] is Kind.UNDONE:
            return True
        if event["from_status"] is not event["to_status"]:
            return False
    return False


def _enters(event: Row, status: Status) -> bool:
    return event["to_status"] is status and event["from_status"] is not status


def _clock_started(story: Story, step: Row) -> datetime:
    """When the processing clock started. A failed refund and a ruling restart a running one."""
    restarts = (Kind.REFUND_FAILED, Kind.RULED_PROCESS)
    return max(
        event["at"]
        for event in story.before(step)
        if _enters(event, Status.AWAITING_PROCESSING) or event["kind"] in restarts
    )


def _began(story: Story, step: Row) -> Row:
    """The event with which the work began. Work that was undone goes on."""
    return [
        event
        for event in story.before(step)
        if _enters(event, Status.AWAITING_PROCESSING) and event["kind"] is not Kind.UNDONE
    ][-1]


def _worked(story: Story, step: Row, *, since: Row) -> timedelta:
    """How long the order waited for processing, up to the step."""
    total, entered_at = timedelta(), since["at"]
    for event in story.after(since):
        if _enters(event, Status.AWAITING_PROCESSING):
            entered_at = event["at"]
        if event["from_status"] is not event["to_status"] and (
            event["from_status"] is Status.AWAITING_PROCESSING
        ):
            total += story.running(entered_at, event["at"])
        if event is step:
            return total
    raise AssertionError(step)


def handlings(story: Story) -> list[Piece]:
    """From application to the decision that stands, and from each receipt to its first step."""
    found = []
    for receipt in receipts(story):
        received = receipt.event
        following = [
            event
            for event in story.after(received)
            if event["kind"] is Kind.RECEIVED or (is_step(event) and not was_undone(story, event))
        ]
        decisions = [
            event
            for event in story.before(received)
            if is_review(event) and not was_taken_back(story, event)
        ]
        if not following or following[0]["kind"] is Kind.RECEIVED or not decisions:
            continue
        reviewed, _ = _review_clock(story, decisions[-1])
        handled = _worked(story, following[0], since=received)
        found.append(_piece(story, following[0], amount=(reviewed + handled) // MS))
    return found


# Outcomes


def results(story: Story) -> list[Piece]:
    """What the customer was asked to confirm. What was undone, or failed, is no result."""
    return [
        _outcome(story, event)
        for event in story.events
        if event["to_status"] is Status.AWAITING_CONFIRMATION
        and event["from_status"] is not Status.AWAITING_CONFIRMATION
        and _what_became(story, event) not in (Kind.UNDONE, Kind.REFUND_FAILED)
    ]


def _what_became(story: Story, result: Row) -> Kind | None:
    """The event that led out of waiting for the customer."""
    for event in story.after(result):
        if event["to_status"] is not Status.AWAITING_CONFIRMATION:
            return event["kind"]
    return None


def was_not_solved(story: Story, result: Row) -> bool:
    """Whether the customer reported it, before or after confirming."""
    for event in story.after(result):
        if event["kind"] is Kind.REPORTED_UNSOLVED:
            return True
        if event["to_status"] not in (Status.AWAITING_CONFIRMATION, Status.COMPLETED):
            return False
    return False


def ends(story: Story) -> list[Piece]:
    """The end of the order, if it is at its end."""
    last = story.events[-1]
    if last["to_status"] not in ENDS:
        return []
    ended = [event for event in story.events if event["from_status"] is not event["to_status"]][-1]
    return [_outcome(story, ended)]


def was_ruled(story: Story) -> bool:
    return any(event["kind"] in RULED for event in story.events)


def ratings(story: Story) -> list[Piece]:
    return [
        _outcome(story, event, amount=event["details"]["satisfaction"])
        for event in story.events
        if event["kind"] is Kind.CONFIRMED and (event["details"] or {}).get("satisfaction")
    ]


def _outcome(story: Story, event: Row, amount: int | None = None) -> Piece:
    """An outcome belongs to who worked on the order last, be it that the work was undone."""
    work = [
        other
        for other in story.events
        if other["sequence"] <= event["sequence"]
        and (is_review(other) or other["kind"] is Kind.RECEIVED or is_step(other))
    ]
    return Piece(story.order, event, _employee(work[-1]) if work else None, amount, story=story)


def _employee(event: Row) -> int | None:
    return event["actor_id"] if event["actor_kind"] in PEOPLE else None


def _piece(story: Story, event: Row, *, amount: int | None = None, on_time: bool = False) -> Piece:
    return Piece(story.order, event, _employee(event), amount, on_time, story)
