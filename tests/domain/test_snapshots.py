"""When a month is over and has settled, in every time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.quality.periods import month_of
from domain.quality.snapshots import MONTHS, end_of, name_of, settled_months, settles_at

NOVEMBER = month_of(date(2026, 11, 15))


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("UTC", datetime(2026, 12, 1, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 12, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_month_ends_in_its_zone_and_settles_three_days_later(zone: str, end: datetime) -> None:
    assert end_of(NOVEMBER, ZoneInfo(zone)) == end
    assert settles_at(NOVEMBER, ZoneInfo(zone)) == end + timedelta(days=3)
    assert NOVEMBER in settled_months(end + timedelta(days=3))


def test_a_month_with_a_change_of_the_clocks_ends_at_midnight_too() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    assert end_of(month_of(date(2026, 3, 1)), zone) == datetime(2026, 4, 1, 7, tzinfo=UTC)
    assert end_of(month_of(date(2026, 10, 1)), zone) == datetime(2026, 11, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize("day", [1, 2, 3, 4, 28])
def test_twelve_months_are_looked_at_and_none_that_has_settled_nowhere(day: int) -> None:
    now = datetime(2026, 12, day, 12, tzinfo=UTC)
    months = list(settled_months(now))
    assert len(months) == MONTHS
    assert name_of(months[0]) == ("2026-10" if day < 3 else "2026-11")
    assert settles_at(months[0], ZoneInfo("Pacific/Kiritimati")) <= now
    following = month_of(months[0].last + timedelta(days=1))
    assert settles_at(following, ZoneInfo("Pacific/Kiritimati")) > now
    assert [name_of(month) for month in months] == sorted(map(name_of, months), reverse=True)
