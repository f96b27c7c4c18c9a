"""The figures once more, from the events of the orders: plainly, by their definitions' texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from domain.clocks import Span
from domain.events import EventKind as Kind
from domain.quality.metrics import Metric
from domain.statuses import Status
from tests.quality.pieces import (
    Events,
    Piece,
    Story,
    ends,
    handlings,
    ratings,
    receipts,
    results,
    reviews,
    steps,
    was_not_solved,
    was_overruled,
    was_ruled,
    was_taken_back,
)


@dataclass(frozen=True)
class Account:
    """A figure, and the pieces behind it by order and instant."""

    numerator: int | None
    denominator: int
    value: float | None
    considered: Sequence[tuple[int, datetime]]
    counted: Sequence[tuple[int, datetime]]


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
        since, until = (self._midnight(day) for day in (self.first, self.last + timedelta(days=1)))
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
