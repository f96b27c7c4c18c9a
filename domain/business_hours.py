"""The business hours of a merchant: a weekly schedule, and dates on which it is closed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from domain.clocks import Span

DEFAULT_TIME_ZONE: Final = "Asia/Shanghai"
MAX_PERIODS: Final = 3
"""The most opening periods of a day."""
MAX_CLOSED_DATES: Final = 60

_DAY: Final = timedelta(days=1)
_MINUTES_OF_HOUR: Final = 60


@dataclass(frozen=True, slots=True, order=True)
class OpeningPeriod:
    """A time of the day in which the merchant works, in minutes after midnight.

    ``opens`` is inclusive, ``closes`` exclusive; 1440 closes at midnight.
    """

    opens: int
    closes: int

    @classmethod
    def read(cls, stored: Sequence[str]) -> Self:
        """From two texts of the form ``HH:MM``."""
        opens, closes = map(_minutes, stored)
        return cls(opens, closes)

    def stored(self) -> tuple[str, str]:
        return clock_time(self.opens), clock_time(self.closes)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """``week`` holds the opening periods of each weekday in order, Monday first."""

    week: tuple[tuple[OpeningPeriod, ...], ...]
    closed: frozenset[date]
    zone: ZoneInfo

    @classmethod
    def read(cls, stored: Mapping[str, Any], zone: ZoneInfo) -> Self:  # Any: JSON
        """From the form that ``stored`` returns."""
        return cls(
            week=tuple(tuple(map(OpeningPeriod.read, periods)) for periods in stored["week"]),
            closed=frozenset(map(date.fromisoformat, stored["closed"])),
            zone=zone,
        )

    def stored(self) -> dict[str, Any]:  # Any: JSON
        return {
            "week": [[list(period.stored()) for period in periods] for periods in self.week],
            "closed": sorted(map(date.isoformat, self.closed)),
        }

    def between(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The time in which the merchant works, from ``start`` until ``end``, in order."""
        day = start.astimezone(self.zone).date()
        while self._at(day, 0) < end:
            for period in self._of(day):
                opens = max(start, self._at(day, period.opens))
                closes = min(end, self._at(day, period.closes))
                if opens < closes:
                    yield Span(opens, closes)
            day += _DAY

    def _of(self, day: date) -> tuple[OpeningPeriod, ...]:
        return () if day in self.closed else self.week[day.weekday()]

    def _at(self, day: date, minutes: int) -> datetime:
        # The minutes are added to the local time: a day with a change of the clocks has not 24 h.
        local = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def clock_time(minutes: int) -> str:
    """A time of the day as ``HH:MM``; 1440 is ``24:00``."""
    hours, rest = divmod(minutes, _MINUTES_OF_HOUR)
    return f"{hours:02}:{rest:02}"


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * _MINUTES_OF_HOUR + int(minutes)
