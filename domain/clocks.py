"""How long each wait may last, and what happens when it is over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.lifecycle import Action
from domain.statuses import Status

REVIEW_WINDOW: Final = timedelta(hours=48)
KEPT_IN: Final = timedelta(milliseconds=1)
"""What is left of a paused clock is stored in these."""


class ClockKind(StrEnum):
    """What is being waited for."""

    REVIEW = "REVIEW"
    FEEDBACK = "FEEDBACK"
    SHIPMENT = "SHIPMENT"
    RECEIPT = "RECEIPT"
    PROCESSING = "PROCESSING"
    CONFIRMATION = "CONFIRMATION"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """The wait of one status; ``consequence`` None means that being late is only counted."""

    kind: ClockKind
    window: timedelta
    consequence: Action | None


CLOCKS: Final[Mapping[Status, ClockRule]] = {
    Status.PENDING_REVIEW: ClockRule(ClockKind.REVIEW, REVIEW_WINDOW, Action.AUTO_APPROVE),
    Status.AWAITING_FEEDBACK: ClockRule(
        ClockKind.FEEDBACK, timedelta(days=7), Action.EXPIRE_FEEDBACK
    ),
    Status.AWAITING_SHIPMENT: ClockRule(
        ClockKind.SHIPMENT, timedelta(days=7), Action.EXPIRE_SHIPMENT
    ),
    Status.AWAITING_RECEIPT: ClockRule(ClockKind.RECEIPT, timedelta(days=10), None),
    Status.AWAITING_PROCESSING: ClockRule(ClockKind.PROCESSING, timedelta(hours=48), None),
    Status.AWAITING_CONFIRMATION: ClockRule(
        ClockKind.CONFIRMATION, timedelta(days=7), Action.AUTO_CONFIRM
    ),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, from its first instant up to but without its last."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClock:
    """The 48 hours of an order. Either it runs and is due, or it is paused with something left."""

    started_at: datetime
    due_at: datetime | None
    paused_at: datetime | None = None
    left: timedelta | None = None
    pauses: tuple[Span, ...] = ()

    def pause(self, now: datetime, windows: Sequence[Span]) -> Self:
        """Stop the clock. What is left is time that would have run: no pause that lies ahead."""
        if self.due_at is None:
            return self
        ahead = met_by(started_at=now, due_at=self.due_at, windows=windows)
        rest = sum((window.end - window.start for window in ahead), timedelta())
        left = max(self.due_at - now - rest, timedelta())
        so_far = tuple(
            Span(pause.start, min(pause.end, now)) for pause in self.pauses if pause.start < now
        )
        return replace(self, due_at=None, paused_at=now, left=left, pauses=so_far)

    def kept(self) -> Self:
        """As it is stored: what is left in whole ``KEPT_IN``, rounded up.

        Rounded down, the deadline would come before its time.
        """
        if self.left is None:
            return self
        return replace(self, left=-(-self.left // KEPT_IN) * KEPT_IN)

    def resume(self, now: datetime, windows: Sequence[Span]) -> Self:
        """Let the clock go on with what was left. A pause never ends before it begins."""
        if self.paused_at is None or self.left is None:
            return self
        now = max(now, self.paused_at)
        due_at = shift(started_at=now, due_at=now + self.left, windows=windows)
        met = met_by(started_at=now, due_at=due_at, windows=windows)
        pauses = (*self.pauses, Span(self.paused_at, now), *met)
        return replace(self, due_at=due_at, paused_at=None, left=None, pauses=pauses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The clock of the present status, and the review clock, running or not."""

    started_at: datetime | None
    due_at: datetime | None
    review: ReviewClock

    def enter(self, status: Status, now: datetime, windows: Sequence[Span]) -> Self:
        """The clocks after the order has come to ``status``."""
        rule = CLOCKS.get(status)
        if status is Status.PENDING_REVIEW:
            review = self.review.resume(now, windows)
            return replace(self, started_at=review.started_at, due_at=review.due_at, review=review)
        review = self.review
        if status is Status.AWAITING_FEEDBACK:
            review = review.pause(now, windows)
        if rule is None:
            return replace(self, started_at=None, due_at=None, review=review)
        due_at = shift(started_at=now, due_at=now + rule.window, windows=windows)
        return replace(self, started_at=now, due_at=due_at, review=review)

    def move(self, window: Span, windows: Sequence[Span]) -> Self:
        """The clocks after a pause was declared that lies ahead.

        ``windows`` are all that have not ended. Those that the clock would not have reached before
        are met now if the new one pushes it so far.
        """
        started_at, old = self.started_at, self.due_at
        if started_at is None or old is None:
            return self
        new = [window, *(one for one in windows if one != window and one.start >= old)]
        due_at = shift(started_at=started_at, due_at=old, windows=new)
        review = self.review
        if review.due_at is not None and review.due_at == old:
            met = met_by(started_at=started_at, due_at=due_at, windows=new)
            pauses = tuple(sorted((*review.pauses, *met), key=lambda pause: pause.start))
            review = replace(review, due_at=due_at, pauses=pauses)
        return replace(self, due_at=due_at, review=review)


def first_clocks(applied_at: datetime, windows: Sequence[Span]) -> Clocks:
    """The clocks of an order that was just applied for."""
    due_at = shift(started_at=applied_at, due_at=applied_at + REVIEW_WINDOW, windows=windows)
    met = met_by(started_at=applied_at, due_at=due_at, windows=windows)
    review = ReviewClock(started_at=applied_at, due_at=due_at, pauses=met)
    return Clocks(started_at=applied_at, due_at=due_at, review=review)


DUE_SOON: Final = timedelta(hours=4)
"""How near its deadline an order counts as due soon."""


def shift(*, started_at: datetime, due_at: datetime, windows: Iterable[Span]) -> datetime:
    """When a clock is due once the pauses that it runs into are added.

    ``windows`` must not overlap one another and be in order. A pause that begins at or after the
    deadline, the earlier pauses counted, does not move it.
    """
    for window in windows:
        overlap_from = max(started_at, window.start)
        if window.end > overlap_from and overlap_from < due_at:
            due_at += window.end - overlap_from
    return due_at


def met_by(*, started_at: datetime, due_at: datetime, windows: Iterable[Span]) -> tuple[Span, ...]:
    """The pauses that a clock runs into, each from when it met the clock."""
    return tuple(
        Span(max(started_at, window.start), window.end)
        for window in windows
        if window.end > started_at and max(started_at, window.start) < due_at
    )
