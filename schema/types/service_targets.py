"""A merchant's own targets and business hours, and the target of an order."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import strawberry

from domain.business_hours import (
    DEFAULT_TIME_ZONE,
    MAX_CLOSED_DATES,
    MAX_PERIODS,
    BusinessHours,
    clock_time,
)
from domain.business_hours import OpeningPeriod as Period
from domain.refusals.refusal import BadInput
from domain.targets import LONGEST, TARGETED, ServiceTargets
from domain.text import Text
from domain.words import at_most, between
from resolvers.context import Context
from schema.days import read_day

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_MOST_MINUTES: Final = 2**31 - 1
_CANNOT_EXTEND: Final = (
    "The target is never later than the deadline of the order's clock: the platform's window, such "
    "as the 48 hours of review, cannot be extended, neither for all orders nor for one."
)


@strawberry.type(
    description=f"内部时限. The merchant's own target of a waiting order. {_CANNOT_EXTEND}"
)
class OrderTarget:
    """A target."""

    at: datetime = strawberry.field(
        description="When the merchant wants to have handled the order."
    )
    missed: bool = strawberry.field(
        description="Whether the target has passed. Nothing happens then: only the order's clock "
        "has consequences."
    )


def order_target(context: Context, target_at: datetime | None) -> OrderTarget | None:
    if target_at is None:
        return None
    return OrderTarget(at=target_at, missed=target_at <= context.now)


@strawberry.type(description="营业时段. A time of the day in which the merchant works.")
class OpeningPeriod:
    """An opening period."""

    opens: str = strawberry.field(description="When the merchant opens, as `HH:MM`.")
    closes: str = strawberry.field(
        description="When the merchant closes, as `HH:MM`. `24:00` is midnight."
    )


def _periods_field(day: str) -> Any:  # Any: a field stands as the default of an attribute
    return strawberry.field(description=f"The opening periods on a {day}. Empty if it is closed.")


@strawberry.type(
    description="营业时间. The merchant's weekly business hours, in its own time zone."
)
class WeeklyBusinessHours:
    """Business hours."""

    monday: list[OpeningPeriod] = _periods_field("Monday")
    tuesday: list[OpeningPeriod] = _periods_field("Tuesday")
    wednesday: list[OpeningPeriod] = _periods_field("Wednesday")
    thursday: list[OpeningPeriod] = _periods_field("Thursday")
    friday: list[OpeningPeriod] = _periods_field("Friday")
    saturday: list[OpeningPeriod] = _periods_field("Saturday")
    sunday: list[OpeningPeriod] = _periods_field("Sunday")
    closed_dates: list[str] = strawberry.field(
        description="The dates on which the merchant is closed, as `YYYY-MM-DD`, in order."
    )


def _minutes_field(queue: str, name: str, **options: Any) -> Any:  # Any: the same
    return strawberry.field(
        description=f"The target for {queue}, in minutes, 1 to {LONGEST[name]}. Null for none.",
        **options,
    )


@strawberry.type(
    description=(
        "内部时限设置. The merchant's own targets, in minutes of its business hours, or of running "
        f"time if it has set none. Pause windows do not count. {_CANNOT_EXTEND}"
    )
)
class MerchantTargets:
    """The targets of a merchant."""

    review: int | None = _minutes_field("待审核 (`PENDING_REVIEW`)", "review")
    receipt: int | None = _minutes_field("待收货 (`AWAITING_RECEIPT`)", "receipt")
    processing: int | None = _minutes_field("待处理 (`AWAITING_PROCESSING`)", "processing")
    business_hours: WeeklyBusinessHours | None = strawberry.field(
        description="The business hours. Null if the targets are minutes of running time."
    )


def merchant_targets(
    _context: Context, stored: Mapping[str, Any] | None, time_zone: str
) -> MerchantTargets | None:
    """The targets of a merchant from their columns."""
    if stored is None:
        return None
    targets = ServiceTargets.read(stored, time_zone)
    return MerchantTargets(
        **{name: targets.minutes.get(name) for name in TARGETED},
        business_hours=None if targets.hours is None else _weekly(targets.hours),
    )


def _weekly(hours: BusinessHours) -> WeeklyBusinessHours:
    days = {
        day: [OpeningPeriod(opens=opens, closes=closes) for opens, closes in map(_texts, periods)]
        for day, periods in zip(_DAYS, hours.week, strict=True)
    }
    return WeeklyBusinessHours(**days, closed_dates=sorted(map(date.isoformat, hours.closed)))


def _texts(period: Period) -> tuple[str, str]:
    return clock_time(period.opens), clock_time(period.closes)


@strawberry.input(description="营业时段. A time of the day in which the merchant works.")
class OpeningPeriodInput:
    """An opening period."""

    opens: str = strawberry.field(
        description="When the merchant opens, as `HH:MM`, such as `09:00`."
    )
    closes: str = strawberry.field(
        description="When the merchant closes, as `HH:MM`, after `opens`. `24:00` is midnight."
    )

    def read(self, *path: str) -> Period:
        """Raises BadInput."""
        for name, value in (("opens", self.opens), ("closes", self.closes)):
            if not _TIME.fullmatch(value):
                message = Text(
                    "须为 24 小时制的时间, 例如 09:00", "This must be a time such as 09:00."
                )
                raise BadInput((*path, name), message)
        period = Period.read((self.opens, self.closes))
        if period.opens >= period.closes:
            message = Text("结束须晚于开始", "The period must close after it opens.")
            raise BadInput((*path, "closes"), message)
        return period


def _day_field(day: str) -> Any:  # Any: the same
    return strawberry.field(
        default_factory=list,
        description=f"The opening periods on a {day}: {MAX_PERIODS} at most, without overlaps.",
    )


@strawberry.input(description="营业时间. Weekly business hours, in the merchant's own time zone.")
class BusinessHoursInput:
    """Business hours."""

    monday: list[OpeningPeriodInput] = _day_field("Monday")
    tuesday: list[OpeningPeriodInput] = _day_field("Tuesday")
    wednesday: list[OpeningPeriodInput] = _day_field("Wednesday")
    thursday: list[OpeningPeriodInput] = _day_field("Thursday")
    friday: list[OpeningPeriodInput] = _day_field("Friday")
    saturday: list[OpeningPeriodInput] = _day_field("Saturday")
    sunday: list[OpeningPeriodInput] = _day_field("Sunday")
    closed_dates: list[str] = strawberry.field(
        default_factory=list,
        description=(
            "Dates on which the merchant is closed beside that, as `YYYY-MM-DD`, "
            f"{MAX_CLOSED_DATES} at most."
        ),
    )

    def read(self, *path: str) -> BusinessHours:
        """Raises BadInput."""
        week = tuple(self._day(day, *path) for day in _DAYS)
        if not any(week):
            raise BadInput(
                path,
                Text("至少需要一个营业时段", "There must be an opening period in the week."),
            )
        at_most(self.closed_dates, *path, "closedDates", most=MAX_CLOSED_DATES)
        closed = (
            read_day(value, *path, "closedDates", str(index))
            for index, value in enumerate(self.closed_dates)
        )
        # The zone is the merchant's: it is not stored with the hours.
        return BusinessHours(week=week, closed=frozenset(closed), zone=ZoneInfo(DEFAULT_TIME_ZONE))

    def _day(self, day: str, *path: str) -> tuple[Period, ...]:
        inputs: list[OpeningPeriodInput] = getattr(self, day)
        at_most(inputs, *path, day, most=MAX_PERIODS)
        periods = sorted(input_.read(*path, day, str(index)) for index, input_ in enumerate(inputs))
        if any(later.opens < earlier.closes for earlier, later in pairwise(periods)):
            message = Text("营业时段不能重叠", "The opening periods must not overlap.")
            raise BadInput((*path, day), message)
        return tuple(periods)


@strawberry.input(
    description=(
        "All of the merchant's own targets. A target that is left out is removed. A target longer "
        "than the platform's window is refused with `TARGET_BEYOND_WINDOW`."
    )
)
class SetServiceTargetsInput:
    """The targets to set."""

    review: int | None = _minutes_field("待审核 (`PENDING_REVIEW`)", "review", default=None)
    receipt: int | None = _minutes_field("待收货 (`AWAITING_RECEIPT`)", "receipt", default=None)
    processing: int | None = _minutes_field(
        "待处理 (`AWAITING_PROCESSING`)", "processing", default=None
    )
    business_hours: BusinessHoursInput | None = strawberry.field(
        default=None,
        description=(
            "The business hours whose minutes count. Leave out to count all time, as the platform's"
            " clocks do."
        ),
    )

    def read(self) -> ServiceTargets:
        """Raises BadInput."""
        minutes = {
            name: between(value, name, least=1, most=_MOST_MINUTES)
            for name in TARGETED
            if (value := getattr(self, name)) is not None
        }
        hours_input = self.business_hours
        hours = None if hours_input is None else hours_input.read("businessHours")
        return ServiceTargets(minutes=minutes, hours=hours)
