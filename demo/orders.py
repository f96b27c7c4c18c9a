"""A merchant's applications and their service orders."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Final

from demo import places
from demo.case import Case
from demo.customers import complaint
from demo.ids import Ids
from demo.paths import Walk
from demo.people import Shop
from demo.pictures import Album
from demo.places import Customer
from demo.replay import Replay, Row
from demo.rows import application_row, order_rows
from demo.schedule import Schedule
from domain.applications import LogisticsIn
from domain.statuses import Status

SHOWCASE: Final = ((4, timedelta(hours=30)), (1, timedelta(hours=26)))
"""Applications with fixed ids, which examples can name: the number of items and the time left."""

CUSTOMERS: Final = 600
"""The number of customers of a merchant; some of them apply more than once."""

_SEED: Final = "aftersales"
_ITEMS: Final = (1, 2, 3, 4)
_WEIGHTS: Final = (60, 24, 11, 5)
_PENDING_WEIGHTS: Final = (40, 28, 20, 12)
_TOGETHER: Final = 0.7
"""The share of further items of an application that take the course of the first."""

_TRIES: Final = 100

Course = tuple[Case, Walk]
"""An item and its steps."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application and its orders in their present state."""

    application: Row
    orders: Sequence[Replay]


def desk_of(
    shop: Shop, album: Album, ids: Ids, *, number: int, now: datetime, total: int
) -> "Desk":
    """A merchant's desk; ``number`` is the merchant's, so that each has its own customers."""
    random = Random(f"{_SEED} {shop.plan.key}")
    return Desk(
        schedule=Schedule(shop=shop, random=random, now=now, total=total),
        album=album,
        customers=[places.customer(random, number * 1_000 + index) for index in range(CUSTOMERS)],
        ids=ids,
        random=random,
    )


@dataclass(slots=True, kw_only=True)
class Desk:
    """Generates the applications on a merchant's desk. ``customers`` are those of the merchant."""

    schedule: Schedule
    album: Album
    customers: Sequence[Customer]
    ids: Ids
    random: Random
    _count: int = 0

    def showcase(self) -> Iterator[Submitted]:
        """The applications of ``SHOWCASE``."""
        for items, due_in in SHOWCASE:
            yield self._submit(Status.PENDING_REVIEW, items, lambda _at: self.ids.fixed(), due_in)

    def everything(self) -> Iterator[Submitted]:
        """Applications until the schedule has no orders left."""
        while self.schedule.left.total():
            status = self.schedule.status()
            weights = _PENDING_WEIGHTS if status is Status.PENDING_REVIEW else _WEIGHTS
            yield self._submit(status, self.random.choices(_ITEMS, weights)[0], self.ids.at)

    def _submit(
        self,
        status: Status,
        items: int,
        id_at: Callable[[datetime], int],
        due_in: timedelta | None = None,
    ) -> Submitted:
        customer = self.random.choice(self.customers)
        courses: list[Course] = []
        cases = self._cases(customer, courses)
        case = next(cases)
        applied_at, walk = self.schedule.first(status, case, due_in)
        courses.append((case, walk))
        for _ in range(items - 1):
            if due_in is not None or self.random.random() < _TOGETHER:
                course = self._together(status, courses[0], cases)
            else:
                course = self._apart(applied_at, cases)
            if course is not None:
                courses.append(course)
        self._count += 1
        application = application_row(
            self.random,
            case,
            customer,
            id_=id_at(applied_at),
            number=self._count,
            applied_at=applied_at,
        )
        orders = [
            order_rows(
                self.random,
                *course,
                application,
                self.ids,
                id_=id_at(applied_at),
                now=self.schedule.now,
            )
            for course in courses
        ]
        return Submitted(application, orders)

    def _cases(self, customer: Customer, courses: Sequence[Course]) -> Iterator[Case]:
        """Cases of a customer other than those in ``courses``: never the same goods twice."""
        (logistics_in,) = self.random.choices(tuple(LogisticsIn), (6, 1, 3))
        while True:
            case = complaint(self.random, self.schedule.shop, self.album, customer, logistics_in)
            if case.goods not in [other.goods for other, _ in courses]:
                yield case

    def _together(self, status: Status, first: Course, cases: Iterator[Case]) -> Course | None:
        """Another item with the same expectation, which takes the same steps."""
        first_case, walk = first
        if not self.schedule.left[status]:
            return None
        for case in islice(cases, _TRIES):
            if (case.expectation, case.may_resend) == (
                first_case.expectation,
                first_case.may_resend,
            ):
                self.schedule.left[status] -= 1
                return case, walk
        return None

    def _apart(self, applied_at: datetime, cases: Iterator[Case]) -> Course | None:
        """Another item with steps of its own."""
        case = next(cases)
        walk = self.schedule.another(case, applied_at)
        return (case, walk) if walk else None
