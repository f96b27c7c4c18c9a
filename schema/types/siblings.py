"""The siblings of a service order: other orders of its purchase that the viewer may see."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from models.service_order import service_orders
from projection.conditions import Condition, Template
from projection.fields import ToMany
from resolvers.context import Context
from schema import visible

MAX_SIBLINGS: Final = 20


def _is_sibling(
    child: sa.FromClause, of_order: sa.ColumnElement[int], *customer: sa.ColumnElement[str]
) -> sa.ColumnElement[bool]:
    """Whether the order is one of the first siblings; with ``customer``, of that customer's."""
    earlier = service_orders.alias("sibling")
    conditions = [
        earlier.c.merchant_id == child.c.merchant_id,
        earlier.c.order_number == child.c.order_number,
        earlier.c.id != of_order,
        *[earlier.c.customer_ref == ref for ref in customer],
    ]
    last = (
        sa.select(earlier.c.id)
        .where(*conditions)
        .order_by(earlier.c.id)
        .limit(1)
        .offset(MAX_SIBLINGS - 1)
        .scalar_subquery()
    )
    return sa.and_(
        child.c.id != of_order,
        child.c.id <= sa.func.coalesce(last, child.c.id),
        *[child.c.customer_ref == ref for ref in customer],
    )


_FIRST: Final = Template(_is_sibling)
_NONE: Final = Template(lambda *_columns: sa.false())


def _conditions(_arguments: Mapping[str, Any], context: Context) -> Sequence[Condition]:
    viewer = context.viewer
    if visible.reads_orders(viewer):
        return (_FIRST(),)
    return (_NONE(),) if viewer.customer_ref is None else (_FIRST(viewer.customer_ref),)


SIBLINGS: Final = ToMany(
    "ServiceOrder",
    parent=(service_orders.c.merchant_id, service_orders.c.order_number),
    child=(service_orders.c.merchant_id, service_orders.c.order_number),
    order_by=(service_orders.c.id,),
    where=_conditions,
    parent_columns=(service_orders.c.id,),
    per_parent=True,
)
