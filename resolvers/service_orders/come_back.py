"""What a step adds that makes a finished order unfinished again: who is in charge of it then."""

from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.assignment import Assignee
from domain.statuses import FINAL
from models.journal.assignment import assignment_change
from models.journal.change import Change
from models.queries.service_orders import Order
from models.staff import employees

_LOCK_ASSIGNEE: Final = Prepared(
    sa.select(employees.c.name, employees.c.disabled_at)
    .where(
        employees.c.merchant_id == sa.bindparam("merchant_id"),
        employees.c.id == sa.bindparam("id"),
    )
    .with_for_update(read=True)
)


async def without_disabled_assignee(session: AnyConnection, order: Order, change: Change) -> Change:
    """The change, and that nobody is in charge of the order if its assignee is disabled.

    It has to run in the transaction of the step: nobody is disabled before that ends.
    """
    id_ = order.facts.assignee_id
    if id_ is None or order.facts.status not in FINAL:
        return change
    rows = await _LOCK_ASSIGNEE.all(session, merchant_id=order.facts.merchant_id, id=id_)
    if all(row.disabled_at is None for row in rows):
        return change
    released = assignment_change(Assignee(id=id_, name=rows[0].name), None)
    return replace(
        change,
        values={**change.values, **released.values},
        details={**(change.details or {}), **(released.details or {})},
    )
