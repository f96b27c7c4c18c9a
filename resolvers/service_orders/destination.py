"""The return address that a person names for an order, instead of the one by the rules."""

from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.addresses import Address
from domain.decision import OrderFacts
from domain.destinations import CHOSEN, Destination
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.merchant import return_addresses
from models.queries.service_orders import Order

_ADDRESS: Final = Prepared(
    sa.select(*[return_addresses.c[name] for name in Address.__dataclass_fields__]).where(
        return_addresses.c.merchant_id == sa.bindparam("merchant_id"),
        return_addresses.c.id == sa.bindparam("id"),
    )
)


async def find_destination(
    session: AnyConnection, merchant_id: int, id_: int | None, *path: str
) -> Destination | None:
    """The address with the id, None without an id. Raises Refused(NotFound)."""
    if id_ is None:
        return None
    rows = await _ADDRESS.all(session, merchant_id=merchant_id, id=id_)
    if not rows:
        raise Refused(NotFound(kind="ReturnAddress", path=path))
    return Destination(address=Address(**rows[0]._asdict()), rule=CHOSEN)


def facts_with(order: Order, chosen: Destination | None) -> OrderFacts:
    """The facts of the order, for a step that goes to the chosen address if there is one."""
    if chosen is None or order.facts.has_return_address:
        return order.facts
    return replace(order.facts, has_return_address=True)
