"""Somebody looks at a customer's phone and address, and it is written down."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.addresses import Address
from domain.events import EventKind
from domain.refusals import Refused, StaleVersion
from models.application import applications
from models.journal import Change, append
from models.queries import service_orders
from resolvers.context import Context
from resolvers.service_orders.act import ATTEMPTS, Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach a customer, nothing hidden."""

    name: str
    phone: str
    address: Address | None


async def reveal_contact(context: Context, id_: int) -> tuple[Key, Contact]:
    """Raises Refused."""
    async with context.write() as connection:
        application_id = await _log(connection, context, id_)
        row = (
            await connection.execute(
                sa.select(
                    applications.c.customer_name,
                    applications.c.customer_phone,
                    applications.c.pickup_address,
                ).where(
                    applications.c.merchant_id == context.merchant_id,
                    applications.c.id == application_id,
                )
            )
        ).one()
    contact = Contact(
        name=row.customer_name,
        phone=row.customer_phone,
        address=Address.read(row.pickup_address) if row.pickup_address else None,
    )
    return (context.merchant_id, id_), contact


async def _log(connection: AsyncConnection, context: Context, id_: int) -> int:
    """Write down who looks, and answer the id of the application that has the contact."""
    version = 0
    for _ in range(ATTEMPTS):
        order = await service_orders.get(connection, context.merchant_id, id_)
        kind, actor = EventKind.CONTACT_REVEALED, context.viewer.actor
        if await append(connection, order, kind, actor, Change(), now=context.now):
            return order.application_id
        version = order.facts.version
    raise Refused(StaleVersion(current=version))
