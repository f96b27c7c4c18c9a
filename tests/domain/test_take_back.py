"""The review clock when a decision is taken back: exactly what was left, and no more."""

from datetime import UTC, datetime, timedelta
from itertools import product

from domain.actions import ReviewResumption
from domain.clocks import REVIEW_WINDOW, Span, first_clocks
from domain.statuses import Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def running(start: datetime, end: datetime, window: Span) -> timedelta:
    """The time from start to end outside of the window."""
    inside = min(end, window.end) - max(start, window.start)
    return end - start - max(inside, timedelta())


def test_a_withdrawal_gives_exactly_what_was_left_wherever_a_pause_window_lies() -> None:
    hours = (0, 1, 20, 47, 48, 60, 100)
    tried = 0
    for decided, withdrawn, start, length in product(hours, hours, hours, (0, 1, 30)):
        decided_at = NOON + decided * HOUR
        now = decided_at + withdrawn * HOUR
        window = Span(NOON + start * HOUR, NOON + (start + length) * HOUR)
        windows = [window] if length else []
        clocks = first_clocks(NOON, windows)
        if clocks.due_at is None or decided_at > clocks.due_at:
            continue
        left = running(decided_at, clocks.due_at, window)
        assert clocks.review.left_at(decided_at) == left
        approved = clocks.enter(Status.AWAITING_SHIPMENT, decided_at, windows)
        back = approved.enter(
            Status.PENDING_REVIEW,
            now,
            [ahead for ahead in windows if ahead.end > now],
            resumption=ReviewResumption.WITHDRAWN,
            decided_at=decided_at,
        )
        assert back.due_at is not None
        assert running(now, back.due_at, window) == left
        assert back.review.grace == timedelta()
        assert back.started_at == NOON
        tried += 1
    assert tried > 300


def test_a_reopened_order_has_a_clock_as_if_it_had_been_submitted_now() -> None:
    now = NOON + 100 * HOUR
    windows = [Span(now + HOUR, now + 3 * HOUR)]
    rejected = first_clocks(NOON, []).enter(Status.REJECTED, NOON + HOUR, [])
    back = rejected.enter(
        Status.PENDING_REVIEW, now, windows, resumption=ReviewResumption.RESTARTED
    )
    assert back == first_clocks(now, windows)
    assert back.due_at == now + REVIEW_WINDOW + 2 * HOUR
