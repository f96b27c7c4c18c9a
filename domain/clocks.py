"""The clocks of service orders: the deadline of each status, and its consequence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.actions import Action, ReviewResumption
from domain.statuses import Status

REVIEW_WINDOW: Final = timedelta(hours=48)
REVIEW_GRACE: Final = timedelta(hours=4)
"""The least time that the merchant has for review after a customer's answer."""
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
    """The clock of a status. ``consequence`` None: the order only becomes overdue.

    ``name`` and ``version`` name the rule in the explanation of its consequence.
    """

    kind: ClockKind
    window: timedelta
    consequence: Action | None
    version: int = 1

    @property
    def name(self) -> str:
        """Kind and length, for example ``REVIEW_WINDOW_48H`` or ``SHIPMENT_WINDOW_7D``."""
        if self.window > REVIEW_WINDOW and self.window % timedelta(days=1) == timedelta():
            return f"{self.kind}_WINDOW_{self.window.days}D"
        return f"{self.kind}_WINDOW_{self.window // timedelta(hours=1)}H"


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

CONSEQUENCES: Final[Mapping[Status, Action]] = {
    status: rule.consequence for status, rule in CLOCKS.items() if rule.consequence is not None
}
"""The system's action when the clock of a status is over."""


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

    @property
    def grace(self) -> timedelta:
        """How much ``REVIEW_GRACE`` has added to a running clock."""
        if self.due_at is None:
            return timedelta()
        paused = sum((pause.end - pause.start for pause in self.pauses), timedelta())
        return self.due_at - self.started_at - paused - REVIEW_WINDOW

    def pause(self, now: datetime, windows: Sequence[Span]) -> Self:
        """Pause the clock. The remaining time excludes the pause windows ahead."""
        if self.due_at is None:
            return self
        left = max(running_time(start=now, due_at=self.due_at, windows=windows), timedelta())
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

    def resume(
        self, now: datetime, windows: Sequence[Span], *, least: timedelta = REVIEW_GRACE
    ) -> Self:
        """Resume the clock with the remaining time, or with ``least`` if that is more.

        A pause never ends before it starts.
        """
        if self.paused_at is None or self.left is None:
            return self
        now = max(now, self.paused_at)
        left = max(self.left, least)
        due_at = shift(started_at=now, due_at=now + left, windows=windows)
        hit = pauses_hit(started_at=now, due_at=due_at, windows=windows)
        pauses = (*self.pauses, Span(self.paused_at, now), *hit)
        return replace(self, due_at=due_at, paused_at=None, left=None, pauses=pauses)

    def left_at(self, decided_at: datetime) -> timedelta:
        """The time that a clock had left when the decision was made that stopped it."""
        return self.pause(decided_at, self.pauses).left or timedelta()

    def take_back(self, decided_at: datetime, now: datetime, windows: Sequence[Span]) -> Self:
        """Go on as if the clock had been paused while the decision stood.

        Without a grace: with one, a merchant could approve and withdraw for ever.
        """
        # The windows that the clock took into account, not those of today: while the decision
        # stood, no change of the calendar moved it.
        paused = self.pause(decided_at, self.pauses)
        return paused.resume(now, windows, least=timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The clock of the current status, and the review clock.

    ``pauses`` are those of the current status's clock, also the ones that lie ahead.
    """

    started_at: datetime | None
    due_at: datetime | None
    review: ReviewClock
    pauses: tuple[Span, ...] = ()

    def enter(
        self,
        status: Status,
        now: datetime,
        windows: Sequence[Span],
        *,
        resumption: ReviewResumption = ReviewResumption.ANSWERED,
        decided_at: datetime | None = None,
    ) -> "Clocks":
        """The clocks after the order enters ``status``.

        For an order that comes back to review, ``resumption`` says how its review clock goes on;
        ``decided_at`` is when the decision was made that is withdrawn.
        """
        rule = CLOCKS.get(status)
        if status is Status.PENDING_REVIEW:
            review = self._back_in_review(now, windows, resumption, decided_at)
            return Clocks(
                started_at=review.started_at,
                due_at=review.due_at,
                review=review,
                pauses=review.pauses,
            )
        review = self.review
        if status is Status.AWAITING_FEEDBACK:
            review = review.pause(now, windows)
        if rule is None:
            return Clocks(started_at=None, due_at=None, review=review)
        due_at = shift(started_at=now, due_at=now + rule.window, windows=windows)
        hit = pauses_hit(started_at=now, due_at=due_at, windows=windows)
        return Clocks(started_at=now, due_at=due_at, review=review, pauses=hit)

    def _back_in_review(
        self,
        now: datetime,
        windows: Sequence[Span],
        resumption: ReviewResumption,
        decided_at: datetime | None,
    ) -> ReviewClock:
        match resumption:
            case ReviewResumption.RESTARTED:
                return first_clocks(now, windows).review
            case ReviewResumption.WITHDRAWN:
                return self.review.take_back(decided_at or now, now, windows)
            case ReviewResumption.ANSWERED:
                return self.review.resume(now, windows)

    def reschedule(self, now: datetime, before: Sequence[Span], after: Sequence[Span]) -> Self:
        """Recompute a running clock after a change of the pause windows that lie ahead.

        ``before`` and ``after`` are the windows that have not ended at ``now``. A clock that is
        paused, or over, stays as it is; one that runs keeps its running time.
        """
        if self.started_at is None or self.due_at is None or self.due_at <= now:
            return self
        start = max(now, self.started_at)
        left = running_time(start=start, due_at=self.due_at, windows=before)
        due_at = shift(started_at=start, due_at=start + left, windows=after)
        kept = (pause for pause in self.pauses if pause.start < start)
        ahead = [window for window in after if window.start >= start]
        pauses = (*kept, *pauses_hit(started_at=start, due_at=due_at, windows=ahead))
        review = self.review
        if review.due_at == self.due_at and review.started_at == self.started_at:
            review = replace(review, due_at=due_at, pauses=pauses)
        return replace(self, due_at=due_at, review=review, pauses=pauses)


def first_clocks(applied_at: datetime, windows: Sequence[Span]) -> Clocks:
    """The clocks of a new order."""
    due_at = shift(started_at=applied_at, due_at=applied_at + REVIEW_WINDOW, windows=windows)
    hit = pauses_hit(started_at=applied_at, due_at=due_at, windows=windows)
    review = ReviewClock(started_at=applied_at, due_at=due_at, pauses=hit)
    return Clocks(started_at=applied_at, due_at=due_at, review=review, pauses=hit)


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


def paused_since(now: datetime, pauses: Sequence[Span]) -> datetime | None:
    """Since when a clock with these pauses has not run; None if it runs ``now``.

    ``pauses`` must be in order. A pause that begins at the end of another continues that one.
    """
    since = end = None
    for pause in pauses:
        if pause.start != end:
            since = pause.start
        end = pause.end
        if pause.start <= now < pause.end:
            return since
    return None


def running_time(*, start: datetime, due_at: datetime, windows: Iterable[Span]) -> timedelta:
    """How long a clock runs from ``start`` to its deadline, the pauses on the way left out.

    Negative for a clock that was due before ``start``.
    """
    hit = pauses_hit(started_at=start, due_at=due_at, windows=windows)
    return due_at - start - sum((pause.end - pause.start for pause in hit), timedelta())
