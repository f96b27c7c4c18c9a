"""Freeing an employee's unfinished orders, so that somebody else can take charge of them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actions import Action
from domain.assignment import Assignee
from domain.decision import decide
from domain.refusals.refusal import Refused
from domain.statuses import UNFINISHED
from models.journal.assignment import BATCH, Assignment, record_assignments
from models.queries.assignments import find_open
from models.queries.service_orders import Order, find_many
from resolvers.context import Context

DISABLED: Final = "EMPLOYEE_DISABLED"
"""The cause that the events state."""


async def free_orders(connection: AsyncConnection, context: Context, employee: Assignee) -> int:
    """Return how many orders were freed, each with its event.

    The transaction has to hold the employee's row, so that nobody assigns another order to them
    meanwhile. Raises Refused for a viewer who may not release a colleague's orders.
    """
    merchant_id, freed = context.merchant_id, 0
    ids = await find_open(connection, merchant_id, employee.id)
    for start in range(0, len(ids), BATCH):
        locked = await find_many(connection, merchant_id, ids[start : start + BATCH], lock=True)
        # Until it was locked, a colleague may have finished, released or taken over an order.
        orders = [order for order in locked.values() if _is_held(order, employee)]
        await _release(connection, context, orders, employee)
        freed += len(orders)
    return freed


def _is_held(order: Order, employee: Assignee) -> bool:
    return order.facts.assignee_id == employee.id and order.facts.status in UNFINISHED


async def _release(
    connection: AsyncConnection, context: Context, orders: Sequence[Order], employee: Assignee
) -> None:
    actor = context.viewer.actor
    for order in orders:
        verdict = decide(order.facts, actor, Action.RELEASE, order.instant(context.now))
        if verdict.blockers:
            raise Refused(*verdict.blockers)
    await record_assignments(
        connection,
        [Assignment(order=order, before=employee, after=None) for order in orders],
        Action.RELEASE,
        actor,
        now=context.now,
        reason=DISABLED,
    )
