"""A merchant's own targets: business hours, pause windows, and the deadline they never pass."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.business_hours import BusinessHours, OpeningPeriod
from domain.clocks import CLOCKS, Span
from domain.statuses import Status
from domain.targets import LONGEST, TARGETED, ServiceTargets

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, tzinfo=SHANGHAI)


def hours(days: Mapping[str, str], *closed: date, zone: ZoneInfo = SHANGHAI) -> BusinessHours:
    """Business hours from texts such as ``{"mon": "09:00-12:00 13:00-18:00"}``."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week = tuple(
        tuple(OpeningPeriod.read(period.split("-")) for period in days.get(name, "").split())
        for name in names
    )
    return BusinessHours(week=week, closed=frozenset(closed), zone=zone)


OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-12:00 13:00-18:00")


def on(day: int, hour: float) -> datetime:
    """An hour of the local time, ``day`` days after Monday."""
    return MONDAY + timedelta(days=day, hours=hour)


def target(
    minutes: int,
    at: datetime,
    business_hours: BusinessHours | None,
    windows: tuple[Span, ...] = (),
    due_in: timedelta = timedelta(days=10),
) -> datetime | None:
    settings = ServiceTargets(minutes={"receipt": minutes}, hours=business_hours)
    return settings.enter(Status.AWAITING_RECEIPT, at, at + due_in, windows)


@pytest.mark.parametrize(
    ("minutes", "at", "expected"),
    [
        (60, on(0, 9), on(0, 10)),
        (60, on(0, 3), on(0, 10)),  # before opening
        (60, on(0, 11.5), on(0, 13.5)),  # over the lunch break
        (180, on(0, 9), on(0, 12)),  # ends when the merchant closes, not when it opens again
        (181, on(0, 9), on(0, 13) + timedelta(minutes=1)),
        (60, on(0, 17.5), on(1, 9.5)),  # over night
        (60, on(4, 17.5), on(7, 9.5)),  # over the weekend
        (60, on(5, 12), on(7, 10)),
        (8 * 60, on(0, 9), on(0, 18)),
        (24 * 60, on(0, 9), on(2, 18)),  # 24 h within business hours are three days
    ],
)
def test_a_target_counts_business_hours_alone(minutes: int, at: datetime, expected: datetime):
    assert target(minutes, at, hours(OFFICE)) == expected


def test_without_business_hours_a_target_is_running_time():
    assert target(90, on(5, 3), None) == on(5, 4.5)


def test_a_closed_date_is_skipped_in_the_merchants_own_time_zone():
    tuesday = (MONDAY + timedelta(days=1)).date()
    assert target(60, on(0, 17.5), hours(OFFICE, tuesday)) == on(2, 9.5)
    # 17:30 in Shanghai is 10:30 in Berlin on the same date, which is closed there.
    berlin = hours(OFFICE, MONDAY.date(), zone=ZoneInfo("Europe/Berlin"))
    assert target(60, on(0, 17.5), berlin) == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_a_day_that_is_open_until_midnight_goes_on_into_the_next():
    always = hours(dict.fromkeys(("mon", "tue", "wed"), "00:00-24:00"))
    assert target(120, on(0, 23), always) == on(1, 1)


def test_opening_hours_follow_a_change_of_the_clocks():
    berlin = ZoneInfo("Europe/Berlin")
    open_all = hours(dict.fromkeys(("sat", "sun"), "00:00-24:00"), zone=berlin)
    saturday = datetime(2026, 10, 24, 12, tzinfo=berlin)
    # Sunday has 25 hours, 03:00 comes twice.
    expected = datetime(2026, 10, 25, 23, tzinfo=berlin).astimezone(UTC)
    assert target(36 * 60, saturday, open_all) == expected


@pytest.mark.parametrize("business_hours", [None, hours(OFFICE)], ids=["running", "office"])
def test_a_pause_window_does_not_count(business_hours: BusinessHours | None):
    window = Span(on(0, 10), on(0, 12))
    lunch = HOUR if business_hours else timedelta()
    assert target(120, on(0, 9), business_hours, (window,)) == on(0, 13) + lunch
    outside = Span(on(0, 20), on(0, 22))
    assert target(120, on(0, 9), business_hours, (outside,)) == on(0, 11)


@pytest.mark.parametrize("business_hours", [None, hours(OFFICE)], ids=["running", "office"])
def test_a_target_is_never_later_than_the_deadline(business_hours: BusinessHours | None):
    friday = on(4, 17)
    assert target(2 * 60 + 1, friday, business_hours, due_in=2 * HOUR) == friday + 2 * HOUR
    closed = hours({"sat": "09:00-10:00"}, friday.date())
    assert target(60, friday, closed, due_in=2 * HOUR) == friday + 2 * HOUR


def test_only_the_statuses_in_which_the_staff_must_act_have_a_target():
    settings = ServiceTargets(minutes=dict.fromkeys(TARGETED, 60))
    with_target = {
        status for status in Status if settings.enter(status, MONDAY, MONDAY + 2 * HOUR, ())
    }
    assert with_target == set(TARGETED.values())
    assert ServiceTargets(minutes={}).enter(Status.PENDING_REVIEW, MONDAY, MONDAY, ()) is None
    assert settings.enter(Status.PENDING_REVIEW, MONDAY, None, ()) is None


def test_the_longest_target_is_the_platforms_window():
    assert LONGEST == {"review": 48 * 60, "receipt": 10 * 24 * 60, "processing": 48 * 60}
    for name, status in TARGETED.items():
        assert timedelta(minutes=LONGEST[name]) == CLOCKS[status].window


def moved(
    business_hours: BusinessHours | None,
    target_at: datetime,
    *,
    before: tuple[Span, ...] = (),
    after: tuple[Span, ...] = (),
    start: datetime = MONDAY,
    old: datetime = MONDAY + timedelta(days=9),
    new: datetime = MONDAY + timedelta(days=10),
) -> datetime:
    settings = ServiceTargets(minutes={}, hours=business_hours)
    return settings.reschedule(
        target_at, start=start, before=before, after=after, due_at=(old, new)
    )


HOLIDAY = Span(on(1, 0), on(2, 0))
WEEKEND = Span(on(5, 0), on(7, 0))


def test_a_window_that_is_declared_moves_the_target_and_its_withdrawal_moves_it_back():
    office = hours(OFFICE)
    assert moved(None, on(1, 15), after=(HOLIDAY,)) == on(2, 15)
    assert moved(None, on(2, 15), before=(HOLIDAY,)) == on(1, 15)
    assert moved(office, on(1, 15), after=(HOLIDAY,)) == on(2, 15)
    assert moved(office, on(2, 15), before=(HOLIDAY,)) == on(1, 15)
    assert moved(office, on(4, 15), after=(Span(on(4, 0), on(5, 0)),)) == on(7, 15)


def test_a_window_while_the_merchant_is_closed_moves_no_target():
    office = hours(OFFICE)
    assert moved(office, on(7, 15), after=(WEEKEND,)) == on(7, 15)
    assert moved(office, on(7, 15), before=(WEEKEND,)) == on(7, 15)


def test_a_moved_target_keeps_to_the_deadline_and_to_what_is_over():
    assert moved(None, on(9, 0), after=(HOLIDAY,)) == on(10, 0)  # cut off at the deadline
    assert moved(None, on(1, 15), after=(HOLIDAY,), new=on(2, 3)) == on(2, 3)
    assert moved(None, on(0, 0), after=(HOLIDAY,), start=on(0, 0)) == on(0, 0)  # missed
    # The hours were changed since: the target lies where the merchant no longer works.
    assert moved(hours({"sun": "09:00-10:00"}), on(1, 15), after=(HOLIDAY,)) == on(1, 15)


def test_settings_are_read_as_they_are_stored():
    settings = ServiceTargets(
        minutes={"review": 5, "processing": 7}, hours=hours(OFFICE, date(2027, 1, 1))
    )
    assert ServiceTargets.read(settings.stored(), "Asia/Shanghai") == settings
    plain = ServiceTargets(minutes={"receipt": 1})
    assert ServiceTargets.read(plain.stored(), "Asia/Shanghai") == plain
