"""The query of each employee's work."""

import strawberry

from domain.permissions import Permission
from execution.sources import object_source
from models.queries.workload import Work, count_work
from schema.fields import Info, query
from schema.types.staff import Assignee


@strawberry.type(
    description="工作量. The unfinished orders that are assigned to one employee, or to nobody."
)
class Workload:
    """The counts of one employee."""

    assignee: Assignee | None = strawberry.field(
        description="The employee. Null for the orders that are assigned to nobody (未分配)."
    )
    review: int = strawberry.field(description="待审核. The number of orders in `PENDING_REVIEW`.")
    receipt: int = strawberry.field(
        description="待收货. The number of orders in `AWAITING_RECEIPT`."
    )
    processing: int = strawberry.field(
        description="待处理. The number of orders in `AWAITING_PROCESSING`."
    )
    overdue: int = strawberry.field(
        description="已逾期. The number of orders in these three statuses past their deadline."
    )
    unfinished: int = strawberry.field(
        description="The number of all unfinished orders, those that wait for customers included."
    )


@strawberry.type
class WorkloadQueries:
    """Queries of work."""

    @query(Permission.SERVICE_ORDER_READ)
    async def workload(self, info: Info) -> list[Workload]:
        """工作量. Returns the counters of each employee with unfinished orders, and of nobody.

        All are counted at the same moment, those with the most orders first, 500 at most.
        """
        context = info.context
        async with context.read() as connection:
            counts = await count_work(connection, context.merchant_id, context.now)
        return [_workload(context.merchant_id, work) for work in counts]


def _workload(merchant_id: int, work: Work) -> Workload:
    assignee = None
    if work.assignee_id is not None:
        assignee = object_source("Assignee", (merchant_id, work.assignee_id))
    return Workload(
        assignee=assignee,
        review=work.review,
        receipt=work.receipt,
        processing=work.processing,
        overdue=work.overdue,
        unfinished=work.unfinished,
    )
