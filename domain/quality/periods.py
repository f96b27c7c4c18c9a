"""Periods of whole days in a merchant's time zone. A day is stored as its ordinal number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

LONGEST: Final = 366
"""The most days of a period."""

_WEEK: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """The number of days; not positive if the last one is before the first."""
        return self.last.toordinal() - self.first.toordinal() + 1

    def each_day(self) -> Iterator[date]:
        """The days, in their order."""
        return map(date.fromordinal, range(self.first.toordinal(), self.last.toordinal() + 1))


def day_of(at: datetime, zone: tzinfo) -> int:
    """The ordinal number of the day that an instant belongs to in the zone."""
    return at.astimezone(zone).toordinal()


def week_of(day: date) -> Period:
    """The week of a day, which begins on Monday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + _WEEK)


def month_of(day: date) -> Period:
    """The month of a day."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(first, following - timedelta(days=1))
