"""Queries of the orders that will soon miss their deadline."""

from datetime import datetime, timedelta
from typing import Annotated, Final

import strawberry

from domain.permissions import Permission
from domain.queues import QUEUE_STATUSES, Queue
from domain.statuses import Status
from domain.words import at_most, between
from execution.sources import object_source, page_source
from models.queries.at_risk import Share, count_at_risk
from models.service_order import service_orders
from projection.conditions import IsIn, Template, equals
from resolvers.tenancy import merchant_for
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.queries.desk import ServiceOrderOrdering
from schema.types.node import Connection
from schema.types.service_order import ServiceOrder
from schema.types.staff import Assignee

LONGEST_HOURS: Final = 168
READERS: Final = (Permission.SERVICE_ORDER_READ, Permission.MERCHANT_READ)

_OF_MERCHANT: Final = equals(service_orders.c.merchant_id)
_IN_STATUS: Final = IsIn(service_orders.c.status)
_IS_DUE: Final = Template(
    lambda after, until: (
        (service_orders.c.clock_due_at > after) & (service_orders.c.clock_due_at <= until)
    )
)

WithinHours = Annotated[
    int,
    strawberry.argument(
        description=f"How many hours from now the deadline may be, 1 to {LONGEST_HOURS}."
    ),
]
Queues = Annotated[
    list[Queue] | None,
    strawberry.argument(description="Consider only these queues. Leave out for all."),
]
RiskMerchant = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="The merchant. Required for viewers who serve several merchants."
    ),
]


@strawberry.type(description="临期单归属. The orders of one employee that are due soon.")
class AtRiskShare:
    """A share."""

    assignee: Assignee | None = strawberry.field(
        description="The employee. Null for the orders that are assigned to nobody (未分配)."
    )
    orders: int = strawberry.field(description="The number of orders.")
    earliest_due_at: datetime = strawberry.field(description="The earliest deadline of them.")


@strawberry.type
class AtRiskQueries:
    """Queries of orders that are due soon."""

    @query(*READERS)
    def at_risk(
        self,
        info: Info,
        *,
        within_hours: WithinHours,
        queues: Queues = None,
        merchant_id: RiskMerchant = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ServiceOrder]:
        """临期未处理. Returns the orders that wait for the merchant and will soon be overdue.

        The earliest deadline comes first. Orders that are overdue already are left out: nobody
        can save them any more.
        """
        context = info.context
        merchant = merchant_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        until = context.now + _time(within_hours)
        where = (
            _OF_MERCHANT(merchant),
            _IN_STATUS(_statuses(queues)),
            _IS_DUE(context.now, until),
        )
        order = ServiceOrderOrdering.DUE_AT_ASC.value
        return page_source("ServiceOrder", where, order, window(first, after, last, before))

    @query(*READERS)
    async def at_risk_by_assignee(
        self,
        info: Info,
        *,
        within_hours: WithinHours,
        queues: Queues = None,
        merchant_id: RiskMerchant = None,
    ) -> list[AtRiskShare]:
        """临期单归属. Returns whose orders will soon be overdue: the employees who can save them.

        The employee with the earliest deadline comes first; 500 at most.
        """
        context = info.context
        merchant = merchant_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        until = context.now + _time(within_hours)
        statuses = _statuses(queues)
        async with context.read() as connection:
            shares = await count_at_risk(connection, merchant, statuses, context.now, until)
        return [_share(merchant, share) for share in shares]


def _time(hours: int) -> timedelta:
    return timedelta(hours=between(hours, "withinHours", least=1, most=LONGEST_HOURS))


def _statuses(queues: list[Queue] | None) -> list[Status]:
    if queues is None:
        return list(QUEUE_STATUSES.values())
    at_most(queues, "queues", least=1, most=len(Queue))
    return [QUEUE_STATUSES[queue] for queue in dict.fromkeys(queues)]


def _share(merchant_id: int, share: Share) -> AtRiskShare:
    assignee = None
    if share.assignee_id is not None:
        assignee = object_source("Assignee", (merchant_id, share.assignee_id))
    return AtRiskShare(
        assignee=assignee, orders=share.orders, earliest_due_at=share.earliest_due_at
    )
