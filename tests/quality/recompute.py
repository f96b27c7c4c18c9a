"""The figures once more, from the events of the orders: plainly, by their definitions' texts.

Nothing here knows cases or marks. Each figure is said in words of its own and counted by hand, so
that a mistake in ``domain.quality.cases`` does not repeat itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import ceil
from typing import Any, Final

from domain.actors import ActorKind
from domain.clocks import Span
from domain.events import EventKind as Kind
from domain.quality.metrics import Metric
from domain.statuses import Status
from tests.stateful.invariants import running

Row = Mapping[str, Any]
"""An event by the names of its columns."""
Events = Sequence[Row]

MS: Final = timedelta(milliseconds=1)
DAY: Final = timedelta(days=1)
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


@dataclass(frozen=True)
class Account:
    """A figure, and the pieces behind it by order and instant."""

    numerator: int | None
    denominator: int
    value: float | None
    considered: Sequence[tuple[int, datetime]]
    counted: Sequence[tuple[int, datetime]]


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


# Figures

Is = Callable[[Piece], bool]


def _kind(*kinds: Kind) -> Is:
    return lambda piece: piece.event["kind"] in kinds


def _ended(*statuses: Status) -> Is:
    return lambda piece: piece.event["to_status"] in statuses


def _anything(_piece: Piece) -> bool:
    return True


def _on_time(piece: Piece) -> bool:
    return piece.on_time


def _overturned(piece: Piece) -> bool:
    story, event = piece.story, piece.event
    return was_taken_back(story, event) or was_overruled(story, event)


def _by_person(piece: Piece) -> bool:
    return piece.employee is not None


Of = Callable[[Story], list[Piece]]


def _works(story: Story) -> list[Piece]:
    return reviews(story) + steps(story)


def _all_works(story: Story) -> list[Piece]:
    return reviews(story) + receipts(story) + steps(story)


RATES: Final[Mapping[Metric, tuple[Of, Is, Is]]] = {
    Metric.ON_TIME_REVIEW: (reviews, _anything, _on_time),
    Metric.AUTO_APPROVAL: (reviews, _anything, _kind(Kind.AUTO_APPROVED)),
    Metric.ON_TIME_RECEIPT: (receipts, _anything, _on_time),
    Metric.ON_TIME_PROCESSING: (steps, _anything, _on_time),
    Metric.APPROVAL: (
        reviews,
        _anything,
        _kind(Kind.APPROVED, Kind.AUTO_APPROVED, Kind.RESENT),
    ),
    Metric.REJECTION: (reviews, _anything, _kind(Kind.REJECTED)),
    Metric.CANCELLATION: (ends, _anything, _ended(Status.CANCELLED)),
    Metric.SELF_COMPLETION: (
        ends,
        _ended(Status.COMPLETED, Status.REJECTED),
        lambda piece: not was_ruled(piece.story),
    ),
    Metric.INTERVENTION: (ends, _anything, lambda piece: was_ruled(piece.story)),
    Metric.UNSOLVED: (
        results,
        _anything,
        lambda piece: was_not_solved(piece.story, piece.event),
    ),
    Metric.REOPENED: (
        reviews,
        _kind(Kind.REJECTED),
        lambda piece: was_taken_back(piece.story, piece.event),
    ),
    Metric.BAD_REVIEWS: (ratings, _anything, lambda piece: (piece.amount or 0) <= 2),
    Metric.OVERTURNED: (reviews, _by_person, _overturned),
}
MEANS: Final[Mapping[Metric, tuple[Of, Is, int]]] = {
    Metric.REVIEW_HOURS_MEAN: (reviews, _anything, 3_600_000),
    Metric.HANDLING_HOURS_MEAN: (handlings, _anything, 3_600_000),
    Metric.SATISFACTION: (ratings, _anything, 1),
    Metric.WORK_HOURS_MEAN: (_works, _by_person, 3_600_000),
}
QUANTILES: Final[Mapping[Metric, tuple[Of, float]]] = {
    Metric.REVIEW_HOURS_P50: (reviews, 0.5),
    Metric.REVIEW_HOURS_P90: (reviews, 0.9),
    Metric.HANDLING_HOURS_P50: (handlings, 0.5),
    Metric.HANDLING_HOURS_P90: (handlings, 0.9),
}
COUNTS: Final[Mapping[Metric, tuple[Of, Is]]] = {Metric.HANDLED: (_all_works, _by_person)}


@dataclass(frozen=True)
class Scope:
    """The days, both included, in a zone, and of whom: None means of everybody."""

    zone: tzinfo
    first: date
    last: date
    employee: int | None = None

    def has(self, piece: Piece) -> bool:
        """Whether the event is between the midnights, and the piece the employee's."""
        is_theirs = self.employee is None or piece.employee == self.employee
        since, until = (self._midnight(day) for day in (self.first, self.last + DAY))
        return is_theirs and since <= piece.event["at"] < until

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def recompute(
    orders: Mapping[int, Events], windows: Sequence[Span], scope: Scope
) -> dict[Metric, Account]:
    """All figures of the scope."""
    stories = [Story(order, events, windows) for order, events in orders.items() if events]

    def pieces(of: Of, belongs: Is = _anything) -> list[Piece]:
        return [
            piece for story in stories for piece in of(story) if scope.has(piece) and belongs(piece)
        ]

    accounts = {
        metric: _rate(pieces(of, belongs), counts)
        for metric, (of, belongs, counts) in RATES.items()
    }
    for metric, (of, belongs, unit) in MEANS.items():
        accounts[metric] = _mean(pieces(of, belongs), unit)
    for metric, (of, share) in QUANTILES.items():
        accounts[metric] = _quantile(pieces(of), share)
    for metric, (of, belongs) in COUNTS.items():
        considered = pieces(of, belongs)
        accounts[metric] = _account(considered, considered, float(len(considered)))
    assert accounts.keys() == set(Metric)
    return accounts


def _rate(considered: list[Piece], counts: Is) -> Account:
    counted = [piece for piece in considered if counts(piece)]
    value = len(counted) / len(considered) if considered else None
    return _account(considered, counted, value, numerator=len(counted))


def _mean(considered: list[Piece], unit: int) -> Account:
    total = sum(piece.amount or 0 for piece in considered) / unit
    return _account(considered, considered, total / len(considered) if considered else None)


def _quantile(considered: list[Piece], share: float) -> Account:
    """The smallest amount that at least this share of the pieces do not exceed."""
    amounts = sorted(piece.amount or 0 for piece in considered)
    enough = [
        amount
        for amount in amounts
        if sum(other <= amount for other in amounts) >= share * len(amounts)
    ]
    return _account(considered, considered, enough[0] / 3_600_000 if enough else None)


def _account(
    considered: list[Piece],
    counted: list[Piece],
    value: float | None,
    *,
    numerator: int | None = None,
) -> Account:
    return Account(numerator, len(considered), value, _named(considered), _named(counted))


def _named(pieces: list[Piece]) -> list[tuple[int, datetime]]:
    return sorted((piece.order, piece.event["at"]) for piece in pieces)
