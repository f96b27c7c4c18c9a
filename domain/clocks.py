"""The clocks of service orders: the deadline of each status, and its consequence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.lifecycle import Action
from domain.statuses import Status

REVIEW_WINDOW: Final = timedelta(hours=48)
STORED_UNIT: Final = timedelta(milliseconds=1)
"""The unit in which the remaining time of a paused clock is stored."""


class ClockKind(StrEnum):
    """What a clock waits for."""

    REVIEW = "REVIEW"
    FEEDBACK = "FEEDBACK"
    SHIPMENT = "SHIPMENT"
    RECEIPT = "RECEIPT"
    PROCESSING = "PROCESSING"
    CONFIRMATION = "CONFIRMATION"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """The clock of a status. ``consequence`` None: the order only becomes overdue."""

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
    """A period of time. ``start`` is inclusive, ``end`` exclusive."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClock:
    """The 48-hour review clock: running with ``due_at``, or paused with the remaining ``left``."""

    started_at: datetime
    due_at: datetime | None
    paused_at: datetime | None = None
    left: timedelta | None = None
    pauses: tuple[Span, ...] = ()

    def pause(self, now: datetime, windows: Sequence[Span]) -> Self:
        """Pause the clock. The remaining time excludes the pause windows ahead."""
        if self.due_at is None:
            return self
        ahead = pauses_hit(started_at=now, due_at=self.due_at, windows=windows)
        paused = sum((window.end - window.start for window in ahead), timedelta())
        left = max(self.due_at - now - paused, timedelta())
        past = tuple(
            Span(pause.start, min(pause.end, now)) for pause in self.pauses if pause.start < now
        )
        return replace(self, due_at=None, paused_at=now, left=left, pauses=past)

    def rounded(self) -> Self:
        """The clock as stored: the remaining time in whole ``STORED_UNIT``, rounded up.

        Rounding down would move the deadline forward.
        """
        if self.left is None:
            return self
        return replace(self, left=-(-self.left // STORED_UNIT) * STORED_UNIT)

    def resume(self, now: datetime, windows: Sequence[Span]) -> Self:
        """Resume the clock with the remaining time. A pause never ends before it starts."""
        if self.paused_at is None or self.left is None:
            return self
        now = max(now, self.paused_at)
        due_at = shift(started_at=now, due_at=now + self.left, windows=windows)
        hit = pauses_hit(started_at=now, due_at=due_at, windows=windows)
        pauses = (*self.pauses, Span(self.paused_at, now), *hit)
        return replace(self, due_at=due_at, paused_at=None, left=None, pauses=pauses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The clock of the current status, and the review clock."""

    started_at: datetime | None
    due_at: datetime | None
    review: ReviewClock

    def enter(self, status: Status, now: datetime, windows: Sequence[Span]) -> Self:
        """The clocks after the order enters ``status``."""
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
        """The clocks after the declaration of a future pause window.

        ``windows`` are all windows that have not ended. A window after the old deadline counts too
        if the new window postpones the deadline beyond its start.
        """
        started_at, old_due_at = self.started_at, self.due_at
        if started_at is None or old_due_at is None:
            return self
        later = (other for other in windows if other != window and other.start >= old_due_at)
        new = [window, *later]
        due_at = shift(started_at=started_at, due_at=old_due_at, windows=new)
        review = self.review
        if review.due_at is not None and review.due_at == old_due_at:
            hit = pauses_hit(started_at=started_at, due_at=due_at, windows=new)
            pauses = tuple(sorted((*review.pauses, *hit), key=lambda pause: pause.start))
            review = replace(review, due_at=due_at, pauses=pauses)
        return replace(self, due_at=due_at, review=review)


def first_clocks(applied_at: datetime, windows: Sequence[Span]) -> Clocks:
    """The clocks of a new order."""
    due_at = shift(started_at=applied_at, due_at=applied_at + REVIEW_WINDOW, windows=windows)
    hit = pauses_hit(started_at=applied_at, due_at=due_at, windows=windows)
    review = ReviewClock(started_at=applied_at, due_at=due_at, pauses=hit)
    return Clocks(started_at=applied_at, due_at=due_at, review=review)


DUE_SOON: Final = timedelta(hours=4)
"""An order counts as due soon within this time before its deadline."""


def shift(*, started_at: datetime, due_at: datetime, windows: Iterable[Span]) -> datetime:
    """The deadline, postponed by the pause windows that the clock hits.

    ``windows`` must be in order and must not overlap. A window that starts at or after the
    deadline, as postponed by earlier windows, does not postpone it.
    """
    for window in windows:
        overlap_from = max(started_at, window.start)
        if window.end > overlap_from and overlap_from < due_at:
            due_at += window.end - overlap_from
    return due_at


def pauses_hit(
    *, started_at: datetime, due_at: datetime, windows: Iterable[Span]
) -> tuple[Span, ...]:
    """The pauses that a clock hits, each from when the clock hits it."""
    return tuple(
        Span(max(started_at, window.start), window.end)
        for window in windows
        if window.end > started_at and max(started_at, window.start) < due_at
    )
