"""When the demo's applications come, so that each order stands where it is meant to stand now."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from demo.case import Case
from demo.paths import Walk, Way, walk, way
from demo.people import Shop
from demo.replay import Impossible
from domain.clocks import CLOCKS
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE
from domain.permissions import DESK
from domain.statuses import Status

SHARES: Final[Mapping[Status, int]] = {
    Status.PENDING_REVIEW: 140,
    Status.AWAITING_FEEDBACK: 40,
    Status.AWAITING_SHIPMENT: 100,
    Status.AWAITING_RECEIPT: 87,
    Status.AWAITING_PROCESSING: 53,
    Status.AWAITING_CONFIRMATION: 80,
    Status.COMPLETED: 340,
    Status.REJECTED: 85,
    Status.CANCELLED: 75,
}
"""Of a thousand orders, how many stand where."""

SOONEST: Final = timedelta(minutes=2)
"""Nothing is due sooner, so that one can look at it before the clock comes."""

_TRIES: Final = 300
_FEW_TRIES: Final = 10
_LONGEST_AGO: Final = timedelta(days=90)
_USUALLY_AGO: Final = timedelta(days=20)
_LATE: Final = 0.2
"""How late an order may be where that is only counted, as a part of its time."""


@dataclass(slots=True)
class Schedule:
    """Draws the course of a merchant's orders, until all of them are drawn."""

    shop: Shop
    random: Random
    now: datetime
    total: int
    left: Counter[Status] = field(init=False)
    _due_in: list[timedelta] = field(init=False)

    def __post_init__(self) -> None:
        self.left = Counter({one: self.total * part // 1000 for one, part in SHARES.items()})
        self.left[Status.COMPLETED] += self.total - self.left.total()
        self._due_in = []
        if self.shop.suspended_at is None:
            minutes = [*(2.5, 3.5, 5, 7, 9.5), *(20 * at for at in range(1, 12))]
            self._due_in = [timedelta(minutes=one) for one in reversed(minutes)]

    def status(self) -> Status:
        """One of the statuses of which orders are still wanted."""
        wanted = +self.left
        return self.random.choices(list(wanted), list(wanted.values()))[0]

    def first(
        self, status: Status, case: Case, due_in: timedelta | None = None
    ) -> tuple[datetime, Walk]:
        """When an application comes, and how it goes on with its first item.

        ``due_in`` is when the present clock is to run out. The review clock's first ones are dealt
        out here: some in minutes, some in hours. Raises Impossible.
        """
        if status is Status.PENDING_REVIEW and due_in is None and self._due_in:
            due_in = self._due_in.pop()
        for _ in range(_TRIES):
            # What is due at a given time has not been asked about: half the 48 hours may be over.
            actions: Way = () if due_in else self._way(status, case)
            found = walk(self.random, actions)
            applied_at = self._applied_at(status, found, due_in)
            if self._fits(status, found, applied_at):
                self.left[status] -= 1
                return applied_at, found
        raise Impossible(f"no way to {status} for {self.shop.plan.name}")

    def another(self, case: Case, applied_at: datetime) -> Walk | None:
        """How the same application may go on with another item; None if nothing was found."""
        for _ in range(_FEW_TRIES if self.left.total() else 0):
            status = self.status()
            found = walk(self.random, self._way(status, case))
            if self._fits(status, found, applied_at):
                self.left[status] -= 1
                return found
        return None

    def _way(self, status: Status, case: Case) -> Way:
        return way(self.random, status, case.expectation, may_resend=case.may_resend)

    def _applied_at(self, status: Status, found: Walk, due_in: timedelta | None) -> datetime:
        if found.due is None:
            ago = timedelta(days=self.random.expovariate(timedelta(days=1) / _USUALLY_AGO))
            came = self.now - min(ago, _LONGEST_AGO) - found.last
        else:
            least = 0.02 if CLOCKS[status].consequence else -_LATE
            part = self.random.uniform(least, 0.97)
            left = due_in if due_in is not None else (found.due - found.last) * part
            came = self.now + left - found.due
        # Whole milliseconds, as clients see them.
        return came.replace(microsecond=came.microsecond // 1000 * 1000)

    def _fits(self, status: Status, found: Walk, applied_at: datetime) -> bool:
        rule = CLOCKS.get(status)
        if applied_at + found.last >= self.now:
            return False
        if rule and found.due is not None:
            left = applied_at + found.due - self.now
            least = SOONEST if rule.consequence else -rule.window * _LATE
            if left < least:
                return False
        return self._is_open(applied_at) and all(
            self._is_open(applied_at + after)
            for action, after in found.steps
            if LIFECYCLE[action].permission in DESK and not LIFECYCLE[action].customer
        )

    def _is_open(self, time: datetime) -> bool:
        return self.shop.enrolment_at(time) is EnrolmentStatus.ENABLED
