"""Queries of the desk: service orders, queues, counters, plans of batches, and nodes by id."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Final

import sqlalchemy as sa
import strawberry

from domain.permissions import Permission
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from domain.words import at_most
from execution.sources import object_source, page_source
from models.accounts import connectors
from models.application import applications
from models.evidence import evidence
from models.merchant import merchants, return_addresses
from models.pause_window import pause_windows
from models.queries.queues import count_queues
from models.service_order import service_orders
from models.staff import employees, roles
from projection.conditions import NO_ROWS, Conditions
from projection.pages import Order
from resolvers.context import Context
from resolvers.service_orders.plan_review import plan
from schema import ids, visible
from schema.arguments import After, Before, First, Last, window
from schema.customers import is_customer
from schema.enums import described
from schema.fields import SIGNED_IN, Info, query
from schema.service_order_filter import AWAITS_RULING, HAS_CLOCK, HAS_TARGET, ServiceOrderFilter
from schema.types.merchant import Merchant
from schema.types.node import Connection, Node
from schema.types.queue_summary import QueueSummary
from schema.types.refusal import present
from schema.types.review_input import ReviewPlanInput
from schema.types.review_result import ReviewPlan, plan_of
from schema.types.service_order import Application, ServiceOrder

MAX_NODES = 100
_DESK = (
    Permission.SERVICE_ORDER_READ,
    Permission.MERCHANT_READ,
    Permission.CUSTOMER_ACT,
    Permission.INTERVENE,
)


class ServiceOrderOrdering(Enum):
    """An ordering of the queues."""

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
    ESCALATED_AT_ASC = Order("escalated+", (service_orders.c.escalated_at, service_orders.c.id))
    ESCALATED_AT_DESC = Order(
        "escalated", (service_orders.c.escalated_at, service_orders.c.id), descending=True
    )
    TARGET_AT_ASC = Order("target+", (service_orders.c.target_at, service_orders.c.id))
    TARGET_AT_DESC = Order(
        "target", (service_orders.c.target_at, service_orders.c.id), descending=True
    )


_CUSTOMER_UPDATED: Final = (service_orders.c.customer_updated_at, service_orders.c.id)
_CUSTOMERS_ORDERINGS: Final[Mapping[ServiceOrderOrdering, Order]] = {
    ServiceOrderOrdering.UPDATED_AT_DESC: Order(
        "customer updated", _CUSTOMER_UPDATED, descending=True
    ),
    ServiceOrderOrdering.UPDATED_AT_ASC: Order("customer updated+", _CUSTOMER_UPDATED),
}
"""The orderings that are by other columns for customers."""

described(
    ServiceOrderOrdering,
    "The ordering of service orders. Orders with equal instants are sorted by id.",
    {
        "APPLIED_AT_DESC": "By `appliedAt`, latest first.",
        "APPLIED_AT_ASC": "By `appliedAt`, oldest first.",
        "UPDATED_AT_DESC": "By `updatedAt`, latest first.",
        "UPDATED_AT_ASC": "By `updatedAt`, oldest first.",
        "DUE_AT_ASC": "By deadline, earliest first. Orders without a running clock are left out.",
        "DUE_AT_DESC": "By deadline, latest first. Orders without a running clock are left out.",
        "ESCALATED_AT_ASC": "By `escalatedAt`, oldest first. Only orders that wait for a ruling.",
        "ESCALATED_AT_DESC": "By `escalatedAt`, latest first. Only orders that wait for a ruling.",
        "TARGET_AT_ASC": (
            "By the merchant's own target (内部时限), earliest first. Orders without one are left "
            "out; customers see none."
        ),
        "TARGET_AT_DESC": (
            "By the merchant's own target (内部时限), latest first. Orders without one are left "
            "out; customers see none."
        ),
    },
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
        (*_DESK[:2], Permission.REVIEW, Permission.APPLICATION_SUBMIT, Permission.INTERVENE),
        evidence,
    ),
    "Role": ((Permission.STAFF_MANAGE,), roles),
    "Employee": ((Permission.STAFF_MANAGE,), employees),
    "Connector": ((Permission.SETTINGS_MANAGE, Permission.ENROLMENT_REVIEW), connectors),
    "Enrolment": (
        (Permission.SETTINGS_MANAGE, Permission.ENROLMENT_REVIEW, Permission.MERCHANT_READ),
        merchants,
    ),
    "PauseWindow": ((), pause_windows),
}


@strawberry.type
class DeskQueries:
    """Queries about service orders."""

    @query(*_DESK)
    def service_order(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The id of the service order.")
        ],
    ) -> ServiceOrder | None:
        """Returns a service order. Null if it does not exist or the viewer may not see it."""
        global_id = ids.decode(id, "id")
        if global_id.type_name != "ServiceOrder":
            return None
        return visible.order(info.context.viewer, ids.key_in(global_id, "ServiceOrder", "id"))

    @query(*_DESK)
    def application(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the application.")],
    ) -> Application | None:
        """申请单. Returns an application.

        Null if it does not exist or the viewer may not see it.
        """
        global_id = ids.decode(id, "id")
        if global_id.type_name != "Application":
            return None
        key = ids.key_in(global_id, "Application", "id")
        return _source("Application", key, visible.submitted(info.context.viewer))

    @query(*_DESK)
    def service_orders(
        self,
        info: Info,
        filter: Annotated[
            ServiceOrderFilter | None,
            strawberry.argument(description="Return only matching orders."),
        ] = None,
        order_by: Annotated[
            ServiceOrderOrdering, strawberry.argument(description="The ordering of the list.")
        ] = ServiceOrderOrdering.APPLIED_AT_DESC,
        merchant_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description=(
                    "Return only orders of this merchant. Required for a storefront that serves "
                    "several merchants."
                )
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ServiceOrder]:
        """Returns the service orders that the viewer may see, filtered, sorted and in pages."""
        viewer, order = info.context.viewer, order_by.value
        merchant = ids.optional_merchant(merchant_id, "merchantId")
        where = list(visible.orders_at(viewer, merchant))
        customer = is_customer(info.context)
        if customer:
            order = _CUSTOMERS_ORDERINGS.get(order_by, order)
        if filter is not None:
            where += filter.conditions(info.context.now, viewer.merchant_id, customer=customer)
        if order.columns[0] is service_orders.c.clock_due_at:
            where.append(HAS_CLOCK())
        if order.columns[0] is service_orders.c.escalated_at:
            where.append(AWAITS_RULING())
        elif order.columns[0] is service_orders.c.target_at:
            where.append(NO_ROWS() if customer else HAS_TARGET())
        return page_source("ServiceOrder", tuple(where), order, window(first, after, last, before))

    @query(Permission.SERVICE_ORDER_READ)
    async def queue_summary(self, info: Info) -> QueueSummary:
        """Returns the counters of the desk."""
        context = info.context
        async with context.read() as connection:
            counts = await count_queues(connection, context.merchant_id, context.now)
        return QueueSummary.of(counts)

    @query(Permission.REVIEW)
    async def review_plan(
        self,
        info: Info,
        input: Annotated[
            ReviewPlanInput,
            strawberry.argument(description="The batch, as for `reviewServiceOrders`."),
        ],
    ) -> ReviewPlan:
        """Returns what `reviewServiceOrders` would do with the same input. Changes nothing."""
        context = info.context
        try:
            return plan_of(context, await plan(context, input.read(context)))
        except Refused as refused:
            return ReviewPlan(refusals=present(refused.refusals, context))

    @query(SIGNED_IN)
    def merchant(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the merchant.")],
    ) -> Merchant | None:
        """商家. Returns a merchant. Null if it does not exist or the viewer may not see it."""
        global_id = ids.decode(id, "id")
        if global_id.type_name != "Merchant":
            return None
        key = (ids.global_number("Merchant", id, "id"),)
        return _source("Merchant", key, visible.of_merchant(info.context.viewer, merchants.c.id))

    @query(SIGNED_IN)
    def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the object.")],
    ) -> Node | None:
        """Returns an object by its id. Null if it does not exist or the viewer may not see it."""
        return _node(info.context, id, "id")

    @query(SIGNED_IN)
    def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The ids of at most 100 objects.")
        ],
    ) -> list[Node | None]:
        """Returns objects by their ids, in the same order. Each is null as for `node`."""
        at_most(ids, "ids", most=MAX_NODES)
        return [_node(info.context, id_, "ids", str(index)) for index, id_ in enumerate(ids)]


def _source(type_name: str, key: tuple[int, ...], where: Conditions) -> Any:
    """Any: a source stands for its object."""
    return object_source(type_name, key, where)


def _node(context: Context, id_: str, *path: str) -> Any:  # Any: a source stands for its object
    viewer = context.viewer
    type_name, parts = ids.decode(id_, *path)
    if type_name not in _NODES:
        raise BadInput(path, Text("不是有效的 ID", "This is not a valid id."))
    permissions, table = _NODES[type_name]
    keys = list(table.primary_key.columns)
    if len(parts) != len(keys):
        raise BadInput(path, Text("不是有效的 ID", "This is not a valid id."))
    key = tuple(
        ids.number(part, *path) if isinstance(column.type, sa.Integer) else part
        for part, column in zip(parts, keys, strict=True)
    )
    if permissions and not viewer.may(*permissions):
        return None  # not FORBIDDEN: the answer is the same whether the object exists or not
    match type_name:
        case "ServiceOrder":
            where = visible.orders(viewer)
        case "Application":
            where = visible.submitted(viewer)
        case "Connector":
            where = visible.of_merchant(viewer, connectors.c.merchant_id)
        case "PauseWindow":
            where = ()  # a pause of the platform stops the clocks of all
        case _:
            where = visible.of_merchant(viewer, keys[0])
    return object_source(type_name, key, where)
