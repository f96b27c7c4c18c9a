"""Claiming the most urgent orders of a queue that are assigned to nobody."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actions import Action
from domain.decision import decide
from domain.lifecycle import LIFECYCLE
from domain.queues import QUEUE_STATUSES, Queue
from domain.refusals.assignment import AssigneeDisabled
from domain.refusals.general import MissingPermission
from domain.refusals.refusal import Refused
from models.journal.assignment import Assignment, record_assignments
from models.queries.assignments import lock_assignee, lock_unassigned
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay, store_result
from resolvers.service_orders.act import OrderKey

MAX_CLAIM: Final = 50
"""The most orders that one request claims."""


async def claim_many(context: Context, queue: Queue, count: int) -> Sequence[OrderKey]:
    """Put the viewer in charge of up to ``count`` orders, the earliest deadline first.

    Nobody waits for another: orders that somebody else is claiming are left out. Raises Refused for
    a viewer who may not work on the queue.
    """
    needed = LIFECYCLE[Action.CLAIM].staff_in(QUEUE_STATUSES[queue])
    if not context.viewer.may(*needed):
        raise Refused(MissingPermission(permission=needed[0], path=("queue",)))
    async with context.write() as connection:
        earlier = await claim_or_replay(connection, context)
        if earlier is None:
            ids = await _claim(connection, context, queue, count)
            await store_result(connection, context, {"ids": ids})
        else:
            ids = earlier["ids"]
    return [(context.merchant_id, id_) for id_ in ids]


async def _claim(
    connection: AsyncConnection, context: Context, queue: Queue, count: int
) -> list[int]:
    viewer, merchant_id = context.viewer, context.merchant_id
    assignee = await lock_assignee(connection, merchant_id, viewer.id)
    if assignee.is_disabled:  # since the viewer was read
        raise Refused(AssigneeDisabled(assignee=assignee.name))
    orders = [
        order
        for order in await lock_unassigned(
            connection, merchant_id, QUEUE_STATUSES[queue], most=count
        )
        if decide(order.facts, viewer.actor, Action.CLAIM, order.instant(context.now)).allowed
    ]
    await record_assignments(
        connection,
        [Assignment(order=order, before=None, after=assignee) for order in orders],
        Action.CLAIM,
        viewer.actor,
        now=context.now,
    )
    return [order.id for order in orders]
