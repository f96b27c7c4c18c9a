"""Revealing a customer's phone number and address, which leaves an event in the order's log."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.addresses import Address
from domain.events import EventKind
from domain.refusals.orders import PersonalDataErased
from domain.refusals.refusal import Refused
from models.application import applications
from models.journal.change import Change
from models.journal.record import UpdatedRow, append_event
from models.queries import service_orders
from models.queries.service_orders import Order
from models.service_order import service_orders as order_table
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay
from resolvers.service_orders.act import OrderKey
from resolvers.service_orders.retry import retry_concurrent_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A customer's name, phone number and address, unmasked."""

    name: str
    phone: str
    address: Address | None


async def reveal_contact(context: Context, id_: int) -> tuple[OrderKey, Contact]:
    """Raises Refused."""
    async with context.write() as connection:
        # A replay needs no second event: the first one names the same viewer.
        if await claim_or_replay(connection, context, result={"id": id_}) is None:
            await _append_reveal_event(connection, context, id_)
        row = await _get_contact_row(connection, context.merchant_id, id_)
    contact = Contact(
        name=row.customer_name,
        phone=row.customer_phone,
        address=Address.read(row.pickup_address) if row.pickup_address else None,
    )
    return (context.merchant_id, id_), contact


async def _get_contact_row(
    connection: AsyncConnection, merchant_id: int, id_: int
) -> sa.Row[*tuple[Any, ...]]:
    rows = await connection.execute(
        sa.select(
            applications.c.customer_name,
            applications.c.customer_phone,
            applications.c.pickup_address,
        )
        .join_from(order_table, applications)
        .where(order_table.c.merchant_id == merchant_id, order_table.c.id == id_)
    )
    return rows.one()


async def _append_reveal_event(connection: AsyncConnection, context: Context, id_: int) -> None:
    async def attempt() -> tuple[Order, UpdatedRow | None]:
        order = await service_orders.get(connection, context.merchant_id, id_)
        erased_at = order.facts.personal_data_erased_at
        if erased_at is not None:
            raise Refused(PersonalDataErased(at=erased_at))
        kind, actor = EventKind.CONTACT_REVEALED, context.viewer.actor
        row = await append_event(
            connection, order, kind, actor, Change(), now=context.now, wakes=False
        )
        return order, row

    await retry_concurrent_changes(context.viewer.kind, attempt)
