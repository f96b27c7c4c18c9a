"""Draws the times of applications so that the orders have the planned statuses now."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from demo.case import Case
from demo.manners import shares_of
from demo.paths import Walk, walk
from demo.people import Shop
from demo.replay import Impossible
from demo.steps.ways import Way, way
from domain.clocks import CLOCKS
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE
from domain.permissions import DESK
from domain.statuses import Status

SHARES: Final[Mapping[Status, int]] = {
    Status.PENDING_REVIEW: 140,
    Status.AWAITING_FEEDBACK: 40,
    Status.AWAITING_SHIPMENT: 60,
    Status.AWAITING_RECEIPT: 62,
    Status.AWAITING_PROCESSING: 53,
    Status.AWAITING_CONFIRMATION: 55,
    Status.COMPLETED: 420,
    Status.REJECTED: 85,
    Status.CANCELLED: 85,
}
"""The number of orders in each status, of a thousand."""

BACKLOG: Final[Mapping[Status, tuple[float, ...]]] = {
    Status.PENDING_REVIEW: (
        *(minutes / 60 for minutes in (2.5, 3.5, 5, 7, 9.5)),
        *(index / 3 for index in range(1, 12)),
    ),
    Status.AWAITING_RECEIPT: (-40, -26, -11, -3, -0.5, 0.5, 2, 3.5),
    Status.AWAITING_PROCESSING: (-9, -7, -4, -2, -0.5, 0.5, 1.5, 3.5),
}
"""The hours left to the first orders of a queue: some are overdue where the clock does not act."""

SOONEST: Final = timedelta(minutes=2)
"""No order is due sooner, so that a visitor sees it before the clock acts."""

HISTORY: Final = timedelta(days=90)
"""The orders that ended did so within this time."""

_TRIES: Final = 300
_FEW_TRIES: Final = 10
_GROWTH: Final = 1.2
"""Above 1, more orders ended lately than long ago."""
_LATE: Final = 0.2
"""How late an order may be where lateness is only counted, as a share of its window."""


@dataclass(slots=True)
class Schedule:
    """Draws the steps of a merchant's orders until none is left to draw."""

    shop: Shop
    random: Random
    now: datetime
    total: int
    left: Counter[Status] = field(init=False)
    _due_in: dict[Status, list[timedelta]] = field(init=False)

    def __post_init__(self) -> None:
        self.left = Counter(
            {
                status: self.total * share // 1000
                for status, share in shares_of(self.shop.plan.manner, SHARES).items()
            }
        )
        self.left[Status.COMPLETED] += self.total - self.left.total()
        self._due_in = {}
        if self.shop.suspended_at is None:
            self._due_in = {
                status: [timedelta(hours=wait) for wait in reversed(hours)]
                for status, hours in BACKLOG.items()
            }

    def status(self) -> Status:
        """Draw a status that has orders left to make."""
        missing = +self.left
        return self.random.choices(list(missing), list(missing.values()))[0]

    def first(
        self, status: Status, case: Case, due_in: timedelta | None = None
    ) -> tuple[datetime, Walk]:
        """The time of an application, and the steps of its first item.

        ``due_in`` is the time left on the present clock. The first orders of a queue get one from
        ``BACKLOG``. Raises Impossible.
        """
        if due_in is None and self._due_in.get(status):
            due_in = self._due_in[status].pop()
        for _ in range(_TRIES):
            # An order with a set deadline has no question behind it, which would pause its clock.
            is_plain = due_in is not None and status is Status.PENDING_REVIEW
            actions: Way = () if is_plain else self._way(status, case)
            course = walk(self.random, actions, self.shop.plan.manner)
            applied_at = self._applied_at(status, course, due_in)
            if self._fits(status, course, applied_at):
                self.left[status] -= 1
                return applied_at, course
        raise Impossible(f"no way to {status} for {self.shop.plan.name}")

    def another(self, case: Case, applied_at: datetime) -> Walk | None:
        """The steps of another item of the same application; None if no steps fit."""
        for _ in range(_FEW_TRIES if self.left.total() else 0):
            status = self.status()
            course = walk(self.random, self._way(status, case), self.shop.plan.manner)
            if self._fits(status, course, applied_at):
                self.left[status] -= 1
                return course
        return None

    def _way(self, status: Status, case: Case) -> Way:
        return way(
            self.random,
            status,
            case.expectation,
            self.shop.plan.manner,
            may_resend=case.may_resend,
        )

    def _applied_at(self, status: Status, course: Walk, due_in: timedelta | None) -> datetime:
        if course.due is None:
            part = self.random.random()
            applied_at = self.now - HISTORY * math.pow(part, _GROWTH) - course.last
        else:
            minimum = 0.02 if CLOCKS[status].consequence else -_LATE
            part = self.random.uniform(minimum, 0.97)
            left = due_in if due_in is not None else (course.due - course.last) * part
            applied_at = self.now + left - course.due
        # Whole milliseconds, as clients see them.
        return applied_at.replace(microsecond=applied_at.microsecond // 1000 * 1000)

    def _fits(self, status: Status, course: Walk, applied_at: datetime) -> bool:
        rule = CLOCKS.get(status)
        if applied_at + course.last >= self.now:
            return False
        if rule and course.due is not None:
            left = applied_at + course.due - self.now
            minimum = SOONEST if rule.consequence else -rule.window * _LATE
            if left < minimum:
                return False
        return self._is_open(applied_at) and all(
            self._is_open(applied_at + after)
            for action, after in course.steps
            if LIFECYCLE[action].permission in DESK and not LIFECYCLE[action].customer
        )

    def _is_open(self, time: datetime) -> bool:
        return self.shop.enrolment_at(time) is EnrolmentStatus.ENABLED
