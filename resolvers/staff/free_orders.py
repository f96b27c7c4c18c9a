"""Freeing an employee's unfinished orders, so that somebody else can take charge of them."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.actions import Action
from domain.assignment import Assignee
from domain.decision import decide
from domain.refusals.refusal import Refused
from models.journal.assignment import BATCH, Assignment, record_assignments
from models.queries.assignments import lock_open
from resolvers.context import Context

DISABLED: Final = "EMPLOYEE_DISABLED"
"""The cause that the events state."""


async def free_orders(connection: AsyncConnection, context: Context, employee: Assignee) -> int:
    """Return how many orders were freed, each with its event.

    The transaction has to hold the employee's row, so that nobody assigns another order to them
    meanwhile. Raises Refused for a viewer who may not release a colleague's orders.
    """
    actor, freed = context.viewer.actor, 0
    while orders := await lock_open(connection, context.merchant_id, employee.id, most=BATCH):
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
        freed += len(orders)
    return freed
