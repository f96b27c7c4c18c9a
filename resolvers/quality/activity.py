"""What an employee did in a period, and what was done and waits on a day."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from domain.actors import ActorKind
from domain.permissions import Permission
from domain.quality.cases import CaseKind, Mark
from domain.quality.figures import Figure, Tallies, figures
from domain.quality.metrics import Metric
from domain.quality.periods import Period
from domain.quality.series import Dimension
from domain.refusals.general import NotFound
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from models.queries.quality_tallies import Scope, Standing, count_cases, standing
from models.queries.queues import QueueCounts, count_queues
from models.queries.workload import Work, count_work
from models.staff import employees
from resolvers.context import Context

METRICS: Final = (
    Metric.HANDLED,
    Metric.WORK_HOURS_MEAN,
    Metric.ON_TIME_REVIEW,
    Metric.ON_TIME_RECEIPT,
    Metric.ON_TIME_PROCESSING,
    Metric.OVERTURNED,
    Metric.SATISFACTION,
)
"""The figures of one employee."""

_STAFF: Final = frozenset({ActorKind.MAIN_ACCOUNT, ActorKind.EMPLOYEE})


@dataclass(frozen=True, slots=True)
class Done:
    """How many cases of a kind there are, and how many of them are on time."""

    kind: CaseKind
    cases: int
    on_time: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What an employee did."""

    scope: Scope
    standing: Standing
    done: Sequence[Done]
    figures: Sequence[Figure]


def employee_for(context: Context, named: tuple[int, int] | None) -> tuple[int, int] | None:
    """The merchant's id and the employee's whose activity the viewer reads.

    None if the viewer lacks the permission to read that of another one. Raises BadInput if a viewer
    who is no employee names none, Refused for an employee of a merchant that the viewer does not
    serve.
    """
    viewer, own = context.viewer, None
    if viewer.kind in _STAFF and viewer.merchant_id is not None:
        own = (viewer.merchant_id, viewer.id)
    if own is not None and named in (None, own):
        return own
    if not viewer.may(Permission.QUALITY_READ, Permission.MERCHANT_READ):
        return None
    if named is None:
        raise BadInput(("employeeId",), Text("需要指定员工", "Say of which employee."))
    if not viewer.serves(named[0]):
        raise Refused(NotFound(kind="Employee", path=("employeeId",)))
    return named


async def activity(context: Context, key: tuple[int, int], period: Period) -> Activity:
    """Raises Refused(NotFound)."""
    merchant_id, employee_id = key
    scope = Scope(merchant_id=merchant_id, period=period, employee_id=employee_id)
    async with context.read() as connection:
        known = await connection.execute(
            sa.select(employees.c.id).where(
                employees.c.merchant_id == merchant_id, employees.c.id == employee_id
            )
        )
        if known.one_or_none() is None:
            raise Refused(NotFound(kind="Employee", path=("employeeId",)))
        state = await standing(connection, merchant_id)
        groups = await count_cases(connection, scope, quantiles=False)
    tallies = groups.get(None, Tallies())
    return Activity(scope, state, _done([tallies]), figures(tallies, METRICS))


@dataclass(frozen=True, slots=True)
class Colleague:
    """What one employee did on the day, and the orders in charge of which the employee is now.

    ``employee_id`` None: what others did, such as the system, and the orders of nobody.
    """

    employee_id: int | None
    done: Sequence[Done]
    work: Work | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A day of the desk."""

    merchant_id: int
    day: date
    standing: Standing
    done: Sequence[Done]
    queues: QueueCounts
    colleagues: Sequence[Colleague]


async def daily_summary(context: Context, merchant_id: int, day: date | None) -> Summary:
    """``day`` None: today in the merchant's time zone. Five statements at most."""
    async with context.read() as connection:
        state = await standing(connection, merchant_id)
        day = day or context.now.astimezone(ZoneInfo(state.time_zone)).date()
        scope = Scope(merchant_id=merchant_id, period=Period(day, day))
        groups = await count_cases(connection, scope, Dimension.EMPLOYEE, quantiles=False)
        queues = await count_queues(connection, merchant_id, context.now)
        work = await count_work(connection, merchant_id, context.now)
    by_employee = {item.assignee_id: item for item in work}
    ids = dict.fromkeys([*groups, *by_employee])
    colleagues = [
        Colleague(_id(id_), _done([groups.get(id_, Tallies())]), by_employee.get(_id(id_)))
        for id_ in ids
    ]
    colleagues.sort(key=_most_done)
    return Summary(merchant_id, day, state, _done(groups.values()), queues, colleagues)


def _id(group: int | str | None) -> int | None:
    return group if isinstance(group, int) else None


def _most_done(colleague: Colleague) -> tuple[bool, int, int]:
    number = sum(item.cases for item in colleague.done)
    return colleague.employee_id is None, -number, colleague.employee_id or 0


def _done(tallies: Iterable[Tallies]) -> Sequence[Done]:
    """The cases of all tallies, by kind, those without any included."""
    cases, on_time = Counter[CaseKind](), Counter[CaseKind]()
    for item in tallies:
        for (kind, marks), tally in item.counts.items():
            cases[kind] += tally.number
            on_time[kind] += tally.number if Mark.ON_TIME in marks else 0
    return [Done(kind, cases[kind], on_time[kind]) for kind in CaseKind]
