"""Somebody looks at a customer's phone and address, and it is written down."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.addresses import Address
from domain.events import EventKind
from domain.refusals.orders import StaleVersion
from domain.refusals.refusal import Refused
from models.application import applications
from models.journal import Change, append_event
from models.queries import service_orders
from models.service_order import service_orders as orders
from resolvers.context import Context
from resolvers.idempotency import claim_key
from resolvers.service_orders.act import ATTEMPTS, OrderKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach a customer, nothing hidden."""

    name: str
    phone: str
    address: Address | None


async def reveal_contact(context: Context, id_: int) -> tuple[OrderKey, Contact]:
    """Raises Refused."""
    async with context.write() as connection:
        if await claim_key(connection, context, result={"id": id_}) is None:
            await _log(connection, context, id_)
        row = await _contact(connection, context.merchant_id, id_)
    contact = Contact(
        name=row.customer_name,
        phone=row.customer_phone,
        address=Address.read(row.pickup_address) if row.pickup_address else None,
    )
    return (context.merchant_id, id_), contact


async def _contact(
    connection: AsyncConnection, merchant_id: int, id_: int
) -> sa.Row[*tuple[Any, ...]]:
    found = await connection.execute(
        sa.select(
            applications.c.customer_name,
            applications.c.customer_phone,
            applications.c.pickup_address,
        )
        .join_from(orders, applications)
        .where(orders.c.merchant_id == merchant_id, orders.c.id == id_)
    )
    return found.one()


async def _log(connection: AsyncConnection, context: Context, id_: int) -> None:
    """Write down who looks. What was replayed was seen by the same person, and is written down."""
    version = 0
    for _ in range(ATTEMPTS):
        order = await service_orders.get(connection, context.merchant_id, id_)
        kind, actor = EventKind.CONTACT_REVEALED, context.viewer.actor
        if await append_event(connection, order, kind, actor, Change(), now=context.now):
            return
        version = order.facts.version
    raise Refused(StaleVersion(current=version))
