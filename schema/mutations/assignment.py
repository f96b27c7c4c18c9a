"""Mutations of assignment: putting employees in charge of service orders."""

import strawberry

from domain.desk.reviews import MAX_BATCH
from domain.permissions import Permission
from domain.queues import Queue
from domain.words import between
from resolvers.service_orders.assign_many import assign_many
from resolvers.service_orders.claim_many import MAX_CLAIM, claim_many
from schema import ids, visible
from schema.fields import Info, mutation
from schema.idempotency import key_field, replayed_field
from schema.types.payload import refusals_field
from schema.types.queue_summary import QueueSummary, queue_summary_field
from schema.types.refusal import Refusal
from schema.types.review_input import order_ids
from schema.types.service_order import ServiceOrder
from schema.types.step_result import StepResultsPayload, step_results


@strawberry.input(
    description="分配. The service orders, and the employee to put in charge of them."
)
class AssignServiceOrdersInput:
    """An assignment."""

    ids: list[strawberry.ID] = strawberry.field(
        description=f"The ids of 1 to {MAX_BATCH} different service orders."
    )
    assignee_id: strawberry.ID | None = strawberry.field(
        description=(
            "The id of the employee: a colleague, or the viewer. Null releases the orders: they "
            "are then assigned to nobody."
        )
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="领取. The queue to claim service orders from, and how many.")
class ClaimServiceOrdersInput:
    """A claim."""

    queue: Queue = strawberry.field(description="The queue.")
    count: int = strawberry.field(
        description=f"The number of service orders to claim, 1 to {MAX_CLAIM}."
    )
    idempotency_key: str | None = key_field()


@strawberry.type(description="领取. The claimed service orders.")
class ClaimServiceOrdersPayload:
    """A claim's payload."""

    service_orders: list[ServiceOrder] = strawberry.field(
        default_factory=list,
        description=(
            "The claimed orders, the earliest deadline first. Fewer than `count` if no more are "
            "assigned to nobody; none if the request was refused."
        ),
    )
    replayed: bool = replayed_field()
    queue_summary: QueueSummary | None = queue_summary_field()
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class AssignmentMutations:
    """Mutations of assignment."""

    @mutation(
        Permission.ASSIGN,
        Permission.REVIEW,
        Permission.RECEIVE,
        Permission.PROCESS,
        Permission.REFUND,
    )
    async def assign_service_orders(
        self, info: Info, input: AssignServiceOrdersInput
    ) -> StepResultsPayload:
        """分配, 领取, 释放. Puts an employee, or nobody, in charge of service orders.

        Without `ASSIGN`, the viewer can claim orders that are assigned to nobody and that wait for
        what the viewer may do, and release their own.
        """
        merchant, id_ = info.context.merchant_id, input.assignee_id
        assignee = None if id_ is None else ids.within(merchant, "Employee", id_, "assigneeId")
        results = await assign_many(info.context, order_ids(input.ids), assignee)
        return step_results(info.context, results)

    @mutation(Permission.REVIEW, Permission.RECEIVE, Permission.PROCESS, Permission.REFUND)
    async def claim_service_orders(
        self, info: Info, input: ClaimServiceOrdersInput
    ) -> ClaimServiceOrdersPayload:
        """领取. Assigns to the viewer the most urgent orders of a queue that nobody has.

        Two viewers never get the same order.
        """
        count = between(input.count, "count", least=1, most=MAX_CLAIM)
        keys = await claim_many(info.context, input.queue, count)
        orders = [visible.order(info.context.viewer, key) for key in keys]
        return ClaimServiceOrdersPayload(service_orders=orders)
