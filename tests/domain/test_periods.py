"""Periods: days in a time zone, also those of 23 and of 25 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.quality.periods import Period, day_of, month_of, week_of

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2026, 11, 22), 24),
        ("Asia/Kolkata", date(2026, 11, 22), 24),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_day_is_as_long_as_it_is_in_its_zone(zone: str, day: date, hours: float) -> None:
    there = ZoneInfo(zone)
    start = datetime(day.year, day.month, day.day, tzinfo=there).astimezone(UTC)
    end = start + timedelta(hours=hours)
    days = [day_of(instant, there) for instant in (start - SECOND, start, end - SECOND, end)]
    assert days == [day.toordinal() + number for number in (-1, 0, 0, 1)]


def test_the_repeated_hour_belongs_to_one_day() -> None:
    zone = ZoneInfo("America/New_York")
    hours = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6)]
    assert [hour.astimezone(zone).hour for hour in hours] == [1, 1]
    assert {day_of(hour, zone) for hour in hours} == {date(2026, 11, 1).toordinal()}


@pytest.mark.parametrize("weekday", range(7))
def test_a_week_begins_on_monday(weekday: int) -> None:
    day = date(2026, 11, 16) + timedelta(days=weekday)
    assert week_of(day) == Period(date(2026, 11, 16), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 29), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2026, 1, 31), date(2026, 1, 31)),
    ],
)
def test_a_month_ends_where_the_next_begins(day: date, last: date) -> None:
    assert month_of(day) == Period(day.replace(day=1), last)


def test_a_period_counts_both_of_its_ends() -> None:
    day = date(2026, 11, 22)
    assert Period(day, day).days == 1
    assert list(Period(day, day + timedelta(days=1)).each_day()) == [day, date(2026, 11, 23)]
    assert Period(day, day - timedelta(days=1)).days == 0
