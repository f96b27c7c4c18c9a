"""A merchant's own targets: when it wants to have reviewed, received or processed an order.

A target is never later than the deadline of the status, and has no consequence: the 48 hours of
review run as if there were none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from domain.business_hours import BusinessHours
from domain.clocks import CLOCKS, Span, running_time, shift
from domain.statuses import Status

TARGETED: Final[Mapping[str, Status]] = {
    "review": Status.PENDING_REVIEW,
    "receipt": Status.AWAITING_RECEIPT,
    "processing": Status.AWAITING_PROCESSING,
}
"""The statuses in which an order waits for the merchant's staff, by the names of their targets."""

_NAMES: Final = {status: name for name, status in TARGETED.items()}
_MINUTE: Final = timedelta(minutes=1)

LONGEST: Final[Mapping[str, int]] = {
    name: CLOCKS[status].window // _MINUTE for name, status in TARGETED.items()
}
"""The longest target of each name in minutes: the platform's own window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTargets:
    """``minutes`` holds the targets that are set, by the names of ``TARGETED``.

    They are minutes of business hours; without ``hours``, of running time.
    """

    minutes: Mapping[str, int]
    hours: BusinessHours | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any], time_zone: str) -> Self:  # Any: JSON
        """From the form that ``stored`` returns, and the merchant's time zone."""
        hours = stored.get("hours")
        return cls(
            minutes={name: stored[name] for name in TARGETED if name in stored},
            hours=None if hours is None else BusinessHours.read(hours, ZoneInfo(time_zone)),
        )

    def stored(self) -> dict[str, Any]:  # Any: JSON
        hours = {} if self.hours is None else {"hours": self.hours.stored()}
        return {**self.minutes, **hours}

    def enter(
        self, status: Status, at: datetime, due_at: datetime | None, windows: Sequence[Span]
    ) -> datetime | None:
        """The target of an order that enters ``status`` with this deadline; None without one.

        It starts anew each time, also where the deadline does not: after a customer's answer the
        review clock resumes, and the target is counted from the answer.
        """
        minutes = self.minutes.get(_NAMES.get(status, ""))
        if minutes is None or due_at is None:
            return None
        return self._after(minutes * _MINUTE, at, due_at, windows)

    def reschedule(
        self,
        target_at: datetime,
        *,
        start: datetime,
        before: Sequence[Span],
        after: Sequence[Span],
        due_at: tuple[datetime, datetime],
    ) -> datetime:
        """The target after a change of the pause windows that moved the deadline.

        ``due_at`` are the old and the new deadline. What is left from ``start`` to the target stays
        the same, by the present business hours. A target that has passed stays where it is.
        """
        old_due_at, new_due_at = due_at
        if target_at <= start:
            return target_at
        if target_at == old_due_at:  # it was cut off there
            return new_due_at
        left = self._time_between(start, target_at, before)
        if not left:  # the target lies outside of the present hours: they were changed since
            return min(target_at, new_due_at)
        return self._after(left, start, new_due_at, after)

    def _after(
        self, left: timedelta, start: datetime, due_at: datetime, windows: Sequence[Span]
    ) -> datetime:
        """When ``left`` has passed since ``start``; at the latest ``due_at``."""
        if self.hours is None:
            return min(due_at, shift(started_at=start, due_at=start + left, windows=windows))
        for period in self._periods(self.hours, start, due_at, windows):
            if left <= period.end - period.start:
                return period.start + left
            left -= period.end - period.start
        return due_at

    def _time_between(self, start: datetime, end: datetime, windows: Sequence[Span]) -> timedelta:
        if self.hours is None:
            return running_time(start=start, due_at=end, windows=windows)
        periods = self._periods(self.hours, start, end, windows)
        return sum((period.end - period.start for period in periods), timedelta())

    def _periods(
        self, hours: BusinessHours, start: datetime, end: datetime, windows: Sequence[Span]
    ) -> Iterator[Span]:
        """The business hours without the pause windows, in which nothing runs."""
        for stretch in _outside(windows, start, end):
            yield from hours.between(stretch.start, stretch.end)


def _outside(windows: Sequence[Span], start: datetime, end: datetime) -> Iterator[Span]:
    """The time between ``start`` and ``end`` outside of the windows, which are in order."""
    for window in windows:
        if window.end <= start or window.start >= end:
            continue
        if window.start > start:
            yield Span(start, window.start)
        start = window.end
    if start < end:
        yield Span(start, end)


@dataclass(frozen=True, slots=True)
class StoredTargets:
    """A merchant's targets as they are stored. Few steps need them: they are read when used."""

    stored: Mapping[str, Any]  # Any: JSON
    time_zone: str

    def read(self) -> ServiceTargets:
        return ServiceTargets.read(self.stored, self.time_zone)
