"""What an employee did in a period, and the daily summary of the desk."""

from collections.abc import Sequence
from typing import Final

import strawberry

from database.any_of import AnyOf
from database.unindexed import Unindexed
from domain.permissions import Permission
from domain.quality.cases import CaseKind
from execution.sources import object_source, page_source
from models.quality import quality_cases
from models.queries.workload import Work
from projection.conditions import Conditions, Template
from projection.pages import Order, PageArguments
from resolvers.context import Context
from resolvers.quality.activity import Activity, Colleague, Done, Summary
from schema.types.merchant import Merchant
from schema.types.node import Connection
from schema.types.quality import (
    CASES,
    IN_DAYS,
    OF_EMPLOYEE,
    OF_MERCHANT,
    QualityCase,
    QualityValue,
    values_of,
)
from schema.types.queue_summary import QueueSummary
from schema.types.staff import Assignee

_WORK: Final = (CaseKind.REVIEW, CaseKind.RECEIPT, CaseKind.PROCESSING)
"""The kinds of cases that are steps of an employee. An event makes one of them at most, so that
the order below tells all of them apart."""

WORK_CASES: Final = Order("work", CASES.columns, descending=True)
# Not by the index of kinds: that of employees gives the order of the page.
_OF_KINDS: Final = Template(lambda kinds: AnyOf(Unindexed(quality_cases.c.kind), kinds))


@strawberry.type(description="The number of cases of one kind.")
class QualityCaseCount:
    """A count."""

    kind: CaseKind = strawberry.field(description="The kind.")
    cases: int = strawberry.field(description="The number of cases.")
    on_time: int = strawberry.field(
        description="The number of those before the deadline. 0 for kinds that have none."
    )


@strawberry.type(description="员工动态. What an employee did in a period.")
class QualityActivity:
    """The activity."""

    employee: Assignee = strawberry.field(description="The employee.")
    first_day: str = strawberry.field(description="The first day, as `YYYY-MM-DD`.")
    last_day: str = strawberry.field(description="The last day, as `YYYY-MM-DD`.")
    time_zone: str = strawberry.field(description="The time zone of the days.")
    is_current: bool = strawberry.field(
        description="Whether every event up to now is counted. False for a moment after each event."
    )
    done: list[QualityCaseCount] = strawberry.field(
        description=(
            "The cases of the employee, by kind. Results, ends and ratings count for the employee "
            "who worked on the order last."
        )
    )
    figures: list[QualityValue] = strawberry.field(
        description=(
            "The figures of the employee: 处理量 (`HANDLED`), the mean hours of work, the work on "
            "time, the decisions that were overturned, and the satisfaction of customers."
        )
    )
    cases: Connection[QualityCase] | None = strawberry.field(
        description=(
            "The reviews, receipts and processing steps of the employee, latest first. Null for "
            "viewers who may not read orders."
        )
    )


@strawberry.type(description="What one employee did on a day, and the orders in charge now.")
class DailyWork:
    """A line of the summary."""

    employee: Assignee | None = strawberry.field(
        description=(
            "The employee. Null for what the system, connectors and customers did, and for the "
            "orders that are assigned to nobody (未分配)."
        )
    )
    done: list[QualityCaseCount] = strawberry.field(description="The cases of the day, by kind.")
    waiting: int = strawberry.field(
        description=(
            "The number of assigned orders that wait now for a review, a receipt or the processing."
        )
    )
    overdue: int = strawberry.field(description="The number of those past their deadline.")


@strawberry.type(description="每日汇总. What was done on a day, and what waits now.")
class DailySummary:
    """The summary."""

    merchant: Merchant = strawberry.field(description="The merchant.")
    day: str = strawberry.field(description="The day, as `YYYY-MM-DD`.")
    time_zone: str = strawberry.field(description="The time zone of the day.")
    is_current: bool = strawberry.field(
        description="Whether every event up to now is counted. False for a moment after each event."
    )
    done: list[QualityCaseCount] = strawberry.field(
        description="The cases of the day, by kind: of employees and of all others."
    )
    queues: QueueSummary = strawberry.field(
        description="The orders that wait now, by queue, whatever the day is."
    )
    by_employee: list[DailyWork] = strawberry.field(
        description="The same by employee, those who did most first."
    )


def activity_of(context: Context, activity: Activity, arguments: PageArguments) -> QualityActivity:
    """The activity, with a page of the work."""
    scope = activity.scope
    reads_orders = context.viewer.may(Permission.SERVICE_ORDER_READ, Permission.MERCHANT_READ)
    where: Conditions = (
        OF_MERCHANT(scope.merchant_id),
        OF_EMPLOYEE(scope.employee_id),
        _OF_KINDS(list(_WORK)),
        IN_DAYS(scope.period.first.toordinal(), scope.period.last.toordinal()),
    )
    return QualityActivity(
        employee=object_source("Assignee", (scope.merchant_id, scope.employee_id)),
        first_day=scope.period.first.isoformat(),
        last_day=scope.period.last.isoformat(),
        time_zone=activity.standing.time_zone,
        is_current=activity.standing.is_current,
        done=_counts(activity.done),
        figures=values_of(activity.figures),
        cases=page_source("QualityCase", where, WORK_CASES, arguments) if reads_orders else None,
    )


def summary_of(summary: Summary) -> DailySummary:
    """The summary as the API shows it."""
    return DailySummary(
        merchant=object_source("Merchant", (summary.merchant_id,)),
        day=summary.day.isoformat(),
        time_zone=summary.standing.time_zone,
        is_current=summary.standing.is_current,
        done=_counts(summary.done),
        queues=QueueSummary.of(summary.queues),
        by_employee=[_line(summary.merchant_id, colleague) for colleague in summary.colleagues],
    )


def _line(merchant_id: int, colleague: Colleague) -> DailyWork:
    employee = None
    if colleague.employee_id is not None:
        employee = object_source("Assignee", (merchant_id, colleague.employee_id))
    return DailyWork(
        employee=employee,
        done=_counts(colleague.done),
        waiting=_waiting(colleague.work),
        overdue=0 if colleague.work is None else colleague.work.overdue,
    )


def _waiting(work: Work | None) -> int:
    return 0 if work is None else work.review + work.receipt + work.processing


def _counts(done: Sequence[Done]) -> list[QualityCaseCount]:
    return [
        QualityCaseCount(kind=item.kind, cases=item.cases, on_time=item.on_time) for item in done
    ]
