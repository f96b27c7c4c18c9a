"""The desk: service orders, queues, counters, and what a batch would do."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry

from domain.permissions import Permission
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from domain.words import at_most
from execution.answers import one, page
from models.application import applications
from models.evidence import evidence
from models.merchant import merchants, return_addresses
from models.queries.queues import count_queues
from models.service_order import service_orders
from models.staff import employees, roles
from projection.pages import Order
from resolvers.context import Context
from resolvers.service_orders.review_many import plan
from schema import ids, visible
from schema.access import forbidden
from schema.arguments import After, Before, First, Last, window
from schema.enums import described
from schema.fields import SIGNED_IN, Info, query
from schema.service_order_filter import HAS_CLOCK, ServiceOrderFilter
from schema.types.node import Connection, Node
from schema.types.refusal import present
from schema.types.review_input import ReviewPlanInput
from schema.types.review_result import ReviewPlan, plan_of
from schema.types.service_order import ServiceOrder

MAX_NODES = 100
_DESK = (Permission.SERVICE_ORDER_READ, Permission.MERCHANT_READ, Permission.CUSTOMER_ACT)


class ServiceOrderOrdering(Enum):
    """An order of the queues."""

    APPLIED_AT_DESC = Order(
        "applied", (service_orders.c.applied_at, service_orders.c.id), descending=True
    )
    APPLIED_AT_ASC = Order("applied+", (service_orders.c.applied_at, service_orders.c.id))
    UPDATED_AT_DESC = Order(
        "updated", (service_orders.c.updated_at, service_orders.c.id), descending=True
    )
    UPDATED_AT_ASC = Order("updated+", (service_orders.c.updated_at, service_orders.c.id))
    DUE_AT_ASC = Order("due+", (service_orders.c.clock_due_at, service_orders.c.id))
    DUE_AT_DESC = Order(
        "due", (service_orders.c.clock_due_at, service_orders.c.id), descending=True
    )


described(
    ServiceOrderOrdering,
    "In which order service orders are listed. Equal instants are told apart by the order's age.",
    {
        "APPLIED_AT_DESC": "The latest application first.",
        "APPLIED_AT_ASC": "The oldest application first.",
        "UPDATED_AT_DESC": "What changed last first.",
        "UPDATED_AT_ASC": "What has not changed for the longest time first.",
        "DUE_AT_ASC": "The most urgent first; orders on which no clock runs are left out.",
        "DUE_AT_DESC": "The least urgent first; orders on which no clock runs are left out.",
    },
)


@strawberry.type(description="How many orders wait at one step of the desk.")
class QueueCount:
    """Counters of a queue."""

    waiting: int = strawberry.field(description="All that wait here, the overdue ones included.")
    overdue: int = strawberry.field(description="Those whose time is over.")
    due_soon: int = strawberry.field(description="Those that are due within 4 hours.")


@strawberry.type(description="The counters of the desk, taken together.")
class QueueSummary:
    """The counters."""

    review: QueueCount = strawberry.field(description="待审核. Orders in `PENDING_REVIEW`.")
    receipt: QueueCount = strawberry.field(description="待收货. Orders in `AWAITING_RECEIPT`.")
    processing: QueueCount = strawberry.field(
        description="待处理. Orders in `AWAITING_PROCESSING`."
    )
    auto_approval_blocked: int = strawberry.field(
        description="Orders that the clock could not approve for want of a return address."
    )


_NODES: dict[str, tuple[Sequence[Permission], sa.Table]] = {
    "ServiceOrder": (_DESK, service_orders),
    "Application": (_DESK, applications),
    "Merchant": ((), merchants),
    "ReturnAddress": (
        (Permission.SERVICE_ORDER_READ, Permission.SETTINGS_MANAGE, Permission.MERCHANT_READ),
        return_addresses,
    ),
    "Evidence": (
        (*_DESK[:2], Permission.REVIEW, Permission.APPLICATION_SUBMIT),
        evidence,
    ),
    "Role": ((Permission.STAFF_MANAGE,), roles),
    "Employee": ((Permission.STAFF_MANAGE,), employees),
}


@strawberry.type
class DeskQueries:
    """Queries about service orders."""

    @query(*_DESK)
    def service_order(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The order's id.")],
    ) -> ServiceOrder | None:
        """One service order; null if there is none that the viewer may see."""
        found = ids.decode(id, "id")
        if found.type_name != "ServiceOrder":
            return None
        return visible.order(info.context.viewer, ids.key_in(found, "ServiceOrder", "id"))

    @query(*_DESK)
    def service_orders(
        self,
        info: Info,
        filter: Annotated[
            ServiceOrderFilter | None, strawberry.argument(description="Which orders.")
        ] = None,
        order_by: Annotated[
            ServiceOrderOrdering, strawberry.argument(description="In which order.")
        ] = ServiceOrderOrdering.APPLIED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ServiceOrder]:
        """The queues: the orders that the viewer may see, filtered, in pages."""
        viewer, order = info.context.viewer, order_by.value
        where = list(visible.orders(viewer))
        if filter is not None:
            where += filter.conditions(info.context.now)
        if order.columns[0] is service_orders.c.clock_due_at:
            where.append(HAS_CLOCK())
        return page("ServiceOrder", tuple(where), order, window(first, after, last, before))

    @query(Permission.SERVICE_ORDER_READ)
    async def queue_summary(self, info: Info) -> QueueSummary:
        """The desk's counters, in one query."""
        context = info.context
        async with context.read() as connection:
            counts = await count_queues(connection, context.merchant_id, context.now)
        return QueueSummary(
            review=QueueCount(**counts.review),
            receipt=QueueCount(**counts.receipt),
            processing=QueueCount(**counts.processing),
            auto_approval_blocked=counts.blocked,
        )

    @query(Permission.REVIEW)
    async def review_plan(
        self,
        info: Info,
        input: Annotated[
            ReviewPlanInput,
            strawberry.argument(description="The batch, as it would be given to the mutation."),
        ],
    ) -> ReviewPlan:
        """What `reviewServiceOrders` would do with the same input. Changes nothing."""
        context = info.context
        try:
            return plan_of(context, await plan(context, input.read(context)))
        except Refused as refused:
            return ReviewPlan(refusals=[present(one, context.language) for one in refused.refusals])

    @query(SIGNED_IN)
    def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id.")],
    ) -> Node | None:
        """Any object by its id; null if there is none that the viewer may see."""
        return _node(info.context, id, "id")

    @query(SIGNED_IN)
    def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The ids; 100 at most.")
        ],
    ) -> list[Node | None]:
        """Objects by their ids, in the order of the ids, null where there is none to see."""
        at_most(ids, "ids", most=MAX_NODES)
        return [_node(info.context, one, "ids", str(at)) for at, one in enumerate(ids)]


def _node(context: Context, id_: str, *path: str) -> Any:  # Any: a source stands for its object
    viewer = context.viewer
    type_name, parts = ids.decode(id_, *path)
    if type_name not in _NODES:
        raise BadInput(path, Text("不是有效的 ID", "This is not an id."))
    permissions, table = _NODES[type_name]
    if permissions and not viewer.may(*permissions):
        raise forbidden(permissions[0], context.language)
    keys = list(table.primary_key.columns)
    if len(parts) != len(keys):
        raise BadInput(path, Text("不是有效的 ID", "This is not an id."))
    key = tuple(
        ids.number(part, *path) if isinstance(column.type, sa.Integer) else part
        for part, column in zip(parts, keys, strict=True)
    )
    match type_name:
        case "ServiceOrder":
            where = visible.orders(viewer)
        case "Application":
            where = visible.submitted(viewer)
        case _:
            where = visible.of_merchant(viewer, keys[0])
    return one(type_name, key, where)
