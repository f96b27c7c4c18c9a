"""Finding the account of a session together with the order that its request is about.

Both are the first that a step on an order needs. One statement saves a round trip to the database,
which costs more than reading the order. Where tables are distributed, the order comes with the
employee, from the merchant's machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from database.compiled import Row
from database.distribution import is_distributed
from database.prepared import AnyConnection, BatchablePrepared, Prepared
from domain.clocks import Span
from models.queries import accounts, service_orders
from models.queries.service_orders import Order
from models.service_order import service_orders as order_table


@dataclass(slots=True)
class OrderAhead:
    """An order that a step is going to need, to be read ahead together with the viewer.

    What is read ahead may be older than the step's first statement, by the time in between. The
    step writes only if the order and the pauses are still those that it read, and otherwise reads
    them again, as after any change by somebody else.
    """

    merchant_id: int
    id: int
    now: datetime
    _read: tuple[Row, sa.Dialect] | None = None

    def keep(self, row: Row, dialect: sa.Dialect) -> None:
        """Keep the driver's row."""
        self._read = (row, dialect)

    def take(
        self, merchant_id: int, id_: int, now: datetime
    ) -> tuple[Order, Sequence[Span]] | None:
        """The order and the upcoming pauses, as ``get_with_pauses`` returns them, and only once.

        None if it was not read or does not exist, or for another order.
        """
        if self._read is None or (merchant_id, id_, now) != (self.merchant_id, self.id, self.now):
            return None
        (row, dialect), self._read = self._read, None
        return service_orders.read_with_pauses(row, dialect)


_MERCHANT: Final = sa.bindparam("merchant", type_=order_table.c.merchant_id.type)
_ORDER: Final = service_orders.with_pauses(
    order_table.c.merchant_id == _MERCHANT,
    order_table.c.id == sa.bindparam("order", type_=order_table.c.id.type),
    now=sa.bindparam("now", type_=order_table.c.updated_at.type),
).subquery("wanted")


_STATEMENT: Final = BatchablePrepared(accounts.session_at_merchant(_MERCHANT, _ORDER))
_EMPLOYEE_WITH_ORDER: Final = Prepared(accounts.employee_at_merchant(_ORDER))
_WIDTH: Final = len(accounts.ACCOUNT)


async def signed_in_with_order(
    session: AnyConnection, session_id: int, merchant_id: int, order: OrderAhead
) -> Sequence[Row]:
    """The same rows as ``accounts.signed_in``, for PostgreSQL.

    ``order`` keeps what was read of it, if it is of the merchant and the session is open.
    """
    ahead = {"order": order.id, "now": order.now}
    rows = (
        await accounts.signed_in_apart(
            session, session_id, merchant_id, _EMPLOYEE_WITH_ORDER, **ahead
        )
        if is_distributed(session.dialect)
        else await _STATEMENT.raw(session, session_id=session_id, merchant=merchant_id, **ahead)
    )
    if rows and order.merchant_id == merchant_id and rows[0][_WIDTH] is not None:
        order.keep(rows[0][_WIDTH:], session.dialect)
    return [row[:_WIDTH] for row in rows]
