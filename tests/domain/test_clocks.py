"""The 48 hours: what pauses them, what moves them, and that nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import CLOCKS, REVIEW_GRACE, STORED_UNIT, Clocks, Span, first_clocks, shift
from domain.statuses import Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = 48 * HOUR


def at(hours: float) -> datetime:
    """So many hours after the application."""
    return NOON + hours * HOUR


def span(start: float, end: float) -> Span:
    return Span(at(start), at(end))


def asked(clocks: Clocks, hours: float, *windows: Span) -> Clocks:
    return clocks.enter(Status.AWAITING_FEEDBACK, at(hours), windows)


def answered(clocks: Clocks, hours: float, *windows: Span) -> Clocks:
    return clocks.enter(Status.PENDING_REVIEW, at(hours), windows)


def length(spans: tuple[Span, ...]) -> timedelta:
    return sum((one.end - one.start for one in spans), timedelta())


def overlap(one: Span, other: Span) -> timedelta:
    return max(min(one.end, other.end) - max(one.start, other.start), timedelta())


def test_every_wait_has_its_length_and_its_end() -> None:
    assert {status: (rule.window, rule.consequence) for status, rule in CLOCKS.items()} == {
        "PENDING_REVIEW": (timedelta(hours=48), "AUTO_APPROVE"),
        "AWAITING_FEEDBACK": (timedelta(days=7), "EXPIRE_FEEDBACK"),
        "AWAITING_SHIPMENT": (timedelta(days=7), "EXPIRE_SHIPMENT"),
        "AWAITING_RECEIPT": (timedelta(days=10), None),
        "AWAITING_PROCESSING": (timedelta(hours=48), None),
        "AWAITING_CONFIRMATION": (timedelta(days=7), "AUTO_CONFIRM"),
    }


def test_the_review_clock_starts_with_the_application_and_runs_48_hours() -> None:
    clocks = first_clocks(NOON, [])
    assert (clocks.started_at, clocks.due_at) == (NOON, at(48))
    assert (clocks.review.started_at, clocks.review.due_at) == (NOON, at(48))
    assert clocks.review.pauses == ()


def test_a_pause_that_is_over_before_it_began_lasted_for_nothing() -> None:
    clocks = answered(asked(first_clocks(NOON, []), 10), 9)
    assert clocks.review.due_at == at(48)
    assert clocks.review.pauses == (span(10, 10),)


@pytest.mark.parametrize("status", [status for status in Status if status in CLOCKS])
def test_each_status_starts_its_own_clock(status: Status) -> None:
    before = asked(first_clocks(NOON, []), 1)
    clocks = before.enter(status, at(5), [])
    if status == "PENDING_REVIEW":
        assert (clocks.started_at, clocks.due_at) == (NOON, at(52))
    else:
        assert clocks.started_at == at(5)
        assert clocks.due_at == at(5) + CLOCKS[status].window


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.REJECTED, Status.CANCELLED])
def test_no_clock_runs_once_an_order_is_finished(status: Status) -> None:
    clocks = first_clocks(NOON, []).enter(status, at(3), [])
    assert (clocks.started_at, clocks.due_at) == (None, None)


def test_a_question_pauses_the_clock_and_the_answer_gives_back_what_was_left() -> None:
    paused = asked(first_clocks(NOON, []), 10)
    assert (paused.review.due_at, paused.review.paused_at) == (None, at(10))
    assert paused.review.left == 38 * HOUR
    assert paused.due_at == at(10) + timedelta(days=7)
    resumed = answered(paused, 30)
    assert (resumed.started_at, resumed.due_at) == (NOON, at(68))
    assert (resumed.review.paused_at, resumed.review.left) == (None, None)
    assert resumed.review.pauses == (span(10, 30),)


@pytest.mark.parametrize(("asked_at", "left"), [(43, 5), (44, 4), (45, 4), (47.99, 4), (50, 4)])
def test_an_answer_leaves_the_merchant_four_hours_at_least(asked_at: float, left: float) -> None:
    assert answered(asked(first_clocks(NOON, []), asked_at), 60).due_at == at(60 + left)


def test_a_question_after_the_deadline_leaves_the_grace() -> None:
    paused = asked(first_clocks(NOON, []), 50)
    assert paused.review.left == timedelta()
    assert answered(paused, 60).due_at == at(60) + REVIEW_GRACE


micros = st.integers(min_value=0, max_value=10**12).map(lambda n: timedelta(microseconds=n))


@given(st.lists(st.tuples(micros, micros), max_size=12))
def test_any_sequence_of_questions_leaves_48_hours_to_the_microsecond(
    turns: list[tuple[timedelta, timedelta]],
) -> None:
    clocks, now, ran, waited = first_clocks(NOON, []), NOON, timedelta(), timedelta()
    for run, wait in turns:
        if ran + run > WINDOW - REVIEW_GRACE:
            break
        ran, waited = ran + run, waited + wait
        clocks = clocks.enter(Status.AWAITING_FEEDBACK, now + run, [])
        assert clocks.review.left == WINDOW - ran
        now += run + wait
        clocks = clocks.enter(Status.PENDING_REVIEW, now, [])
    assert clocks.due_at == NOON + WINDOW + waited
    assert length(clocks.review.pauses) == waited


# Windows that the platform declares


@pytest.mark.parametrize(
    ("windows", "due"),
    [
        ([], 48),
        ([(10, 12)], 50),
        ([(-5, 3)], 51),  # only what is met counts
        ([(-5, 0)], 48),  # it ended as the clock started
        ([(47, 57)], 58),
        ([(48, 58)], 48),  # it begins at the deadline
        ([(60, 70)], 48),
        ([(10, 12), (20, 24)], 54),
        ([(40, 60), (60, 70)], 78),  # the first pushes the deadline into the second
        ([(40, 60), (67, 70)], 71),
        ([(40, 60), (68, 70)], 68),  # the second begins at the deadline that the first made
    ],
)
def test_a_clock_moves_by_the_pauses_that_it_runs_into(
    windows: list[tuple[float, float]], due: float
) -> None:
    clocks = first_clocks(NOON, [span(*window) for window in windows])
    assert clocks.due_at == clocks.review.due_at == at(due)
    assert length(clocks.review.pauses) == (due - 48) * HOUR


def test_every_status_s_clock_heeds_the_windows() -> None:
    order = first_clocks(NOON, [])
    for status, rule in CLOCKS.items():
        if status != "PENDING_REVIEW":
            clocks = order.enter(status, at(1), [span(5, 8)])
            assert clocks.due_at == at(1) + rule.window + 3 * HOUR, status


calendars = st.lists(
    st.integers(min_value=0, max_value=240), min_size=0, max_size=10, unique=True
).map(lambda ends: [span(*pair) for pair in zip(*[iter(sorted(ends))] * 2, strict=False)])
"""Windows in hours after the application: in order, apart or touching, up to ten days ahead."""


@given(calendars)
def test_48_hours_run_outside_of_the_windows_and_not_a_second_more(windows: list[Span]) -> None:
    due = shift(started_at=NOON, due_at=at(48), windows=windows)
    rested = sum((overlap(Span(NOON, due), window) for window in windows), timedelta())
    assert due - NOON - rested == WINDOW
    assert due >= at(48)
    assert not any(window.start < due < window.end for window in windows)


@given(calendars, st.randoms())
def test_in_whatever_order_windows_are_declared_the_deadline_is_the_same(
    windows: list[Span], random: object
) -> None:
    declared = list(windows)
    random.shuffle(declared)  # type: ignore[attr-defined]  # hypothesis's own Random
    clocks, known = first_clocks(NOON, []), list[Span]()
    for window in declared:
        before, known = known, sorted([*known, window], key=lambda one: one.start)
        moved = clocks.reschedule(NOON, before, known)
        assert moved.due_at is not None
        assert clocks.due_at is not None
        assert moved.due_at >= clocks.due_at
        clocks = moved
    at_once = first_clocks(NOON, windows)
    assert (clocks.due_at, clocks.review) == (at_once.due_at, at_once.review)
    for window in declared:
        before, known = known, [other for other in known if other != window]
        clocks = clocks.reschedule(NOON, before, known)
    assert clocks == first_clocks(NOON, [])


@pytest.mark.parametrize(
    ("later", "sooner", "due"),
    [
        ((60, 84), (24, 48), 96),
        ((48, 60), (24, 30), 66),  # it began exactly at the deadline that was
        ((72, 80), (24, 48), 72),  # it begins exactly at the new one
    ],
)
def test_a_window_pushes_the_clock_into_one_that_was_declared_before(
    later: tuple[float, float], sooner: tuple[float, float], due: float
) -> None:
    known, new = span(*later), span(*sooner)
    clocks = first_clocks(NOON, []).reschedule(NOON, [], [known])
    assert clocks.due_at == at(48)
    clocks = clocks.reschedule(NOON, [known], [new, known])
    assert clocks.due_at == clocks.review.due_at == at(due)
    assert clocks.review.pauses == ((new, known) if due != 72 else (new,))


def test_a_window_after_the_deadline_moves_nothing() -> None:
    clocks = first_clocks(NOON, [])
    for window in (span(48, 50), span(100, 200)):
        assert clocks.reschedule(NOON, [], [window]) == clocks


def test_a_window_moves_the_clock_that_runs_and_leaves_the_paused_one_alone() -> None:
    window = span(30, 40)
    paused = asked(first_clocks(NOON, []), 10)
    moved = paused.reschedule(at(10), [], [window])
    assert moved.due_at == at(10) + timedelta(days=7) + 10 * HOUR
    assert moved.review == paused.review


def test_nothing_moves_where_no_clock_runs() -> None:
    done = first_clocks(NOON, []).enter(Status.REJECTED, at(3), [])
    window = span(10, 20)
    assert done.reschedule(at(3), [], [window]) == done


def test_a_window_that_was_counted_ahead_is_not_counted_again_after_a_question() -> None:
    holiday = span(24, 30)
    order = first_clocks(NOON, [holiday])
    paused = asked(order, 10, holiday)
    assert paused.review.left == 38 * HOUR
    resumed = answered(paused, 12, holiday)
    assert resumed.due_at == at(56)
    assert resumed.review.pauses == (span(10, 12), holiday)


def test_a_question_and_an_answer_within_a_window() -> None:
    holiday = span(20, 40)
    paused = asked(first_clocks(NOON, [holiday]), 25, holiday)
    assert paused.review.left == 28 * HOUR
    resumed = answered(paused, 30, holiday)
    assert resumed.due_at == at(68)
    assert resumed.review.pauses == (span(20, 25), span(25, 30), span(30, 40))


def test_an_answer_within_a_window_with_nothing_left_gets_the_grace_after_it() -> None:
    holiday = span(45, 60)
    paused = asked(first_clocks(NOON, []), 48)
    resumed = answered(paused, 50, holiday)
    assert resumed.due_at == at(64)
    assert resumed.review.pauses == (span(48, 50), span(50, 60))


@given(
    calendars,
    st.lists(st.integers(min_value=0, max_value=400), max_size=8, unique=True).map(sorted),
)
def test_the_pauses_explain_the_deadline_to_the_second(
    windows: list[Span], turns: list[int]
) -> None:
    """Questions and answers at any hour, a calendar known from the start."""
    clocks, grace = first_clocks(NOON, windows), timedelta()
    for number, hour in enumerate(turns):
        ahead = [window for window in windows if window.end > at(hour)]
        waits = number % 2 == 1
        if not waits and (clocks.due_at is None or at(hour) > clocks.due_at):
            break  # the system has approved
        if waits and clocks.review.left is not None:
            grace += max(REVIEW_GRACE - clocks.review.left, timedelta())
        clocks = (answered if waits else asked)(clocks, hour, *ahead)
    review = clocks.review
    if review.due_at is None:
        assert review.paused_at is not None
        assert review.left is not None
        ran = review.paused_at - NOON - length(review.pauses)
        assert ran + review.left == WINDOW + grace
    else:
        assert review.due_at - NOON - length(review.pauses) == WINDOW + grace
        assert review.grace == grace
    starts = [pause.start for pause in review.pauses]
    assert starts == sorted(starts)
    for one, following in zip(review.pauses, review.pauses[1:], strict=False):
        assert one.end <= following.start


@given(micros)
def test_what_is_left_is_kept_in_whole_milliseconds_and_never_less(ran: timedelta) -> None:
    clocks = first_clocks(NOON, ()).enter(Status.AWAITING_FEEDBACK, NOON + ran, ())
    left, kept = clocks.review.left, clocks.review.rounded().left
    assert left is not None
    assert kept is not None
    assert kept % STORED_UNIT == timedelta()
    assert timedelta() <= kept - left < STORED_UNIT
