"""Which months have a snapshot: those that are over and have settled."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from domain.quality.periods import Period, month_of

SETTLING: Final = timedelta(days=3)
"""How long after its end a month settles: what happens in this time still corrects it."""

MONTHS: Final = 12
"""How many months back missing snapshots are made."""

WAITING: Final = timedelta(days=2)
"""How long the benchmark of a month that has settled in UTC waits for missing snapshots."""

_FURTHEST: Final = timedelta(hours=14)
"""No time zone is further from UTC."""


def name_of(month: Period) -> str:
    """The month as ``YYYY-MM``."""
    # Not by ``%Y``, which writes the year 1 as ``1`` on some platforms.
    return month.first.isoformat()[: len("YYYY-MM")]


def end_of(month: Period, zone: tzinfo) -> datetime:
    """The first instant after the month in the zone."""
    following = month.last + timedelta(days=1)
    return datetime.combine(following, time(), zone).astimezone(UTC)


def ends_everywhere(month: Period) -> datetime:
    """An instant at which the month is over in every zone."""
    return end_of(month, UTC) + _FURTHEST


def settles_at(month: Period, zone: tzinfo) -> datetime:
    """From when on the month has its snapshot."""
    return end_of(month, zone) + SETTLING


def settled_months(now: datetime) -> Iterator[Period]:
    """The months that may have settled in some zone, the latest first."""
    day: date = (now - SETTLING + _FURTHEST).date()
    for _ in range(MONTHS):
        month = month_of(day.replace(day=1) - timedelta(days=1))
        yield month
        day = month.first
