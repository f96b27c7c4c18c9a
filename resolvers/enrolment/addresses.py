"""A merchant's return addresses. Exactly one is the default, as long as there is any."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.actors import SYSTEM
from domain.addresses import Address
from domain.enrolment import EnrolmentStatus
from domain.events import EventKind
from domain.refusals.enrolment import DefaultAddressInUse, ReturnAddressInUse
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.ids import new_id
from models.journal.change import Change
from models.journal.record import append_event
from models.merchant import ReturnAddress, return_addresses
from models.queries import address_rules, merchants, service_orders
from models.queries.service_orders import orders
from models.service_order import service_orders as order_table
from models.tables import add
from models.wake import needs_wake
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay, store_result

AddressKey = tuple[int, int]


async def save_address(
    context: Context, address: Address, *, id_: int | None, make_default: bool
) -> AddressKey:
    """Add an address, or change the one with the id. Raises Refused."""
    async with context.write() as connection:
        earlier = await claim_or_replay(connection, context)
        if earlier is not None:
            return context.merchant_id, earlier["id"]
        key = await put_address(
            connection, context, address, id_=id_, make_default=make_default, path=("address",)
        )
        await store_result(connection, context, {"id": key[1]})
        return key


async def put_address(
    connection: AsyncConnection,
    context: Context,
    address: Address,
    *,
    id_: int | None,
    make_default: bool,
    path: tuple[str, ...],
) -> AddressKey:
    """Save an address in an open transaction. A merchant's first address is always its default."""
    merchant_id = context.merchant_id
    problem = address.problem(*path)
    if problem is not None:
        raise Refused(problem)
    await lock(connection, "enrolment", merchant_id)
    default = await merchants.find_default_address(connection, merchant_id)
    becomes_default = make_default or default is None
    if becomes_default and default is not None and default != id_:
        await _set_default(connection, merchant_id, default, is_default=False)
    if id_ is None:
        id_ = new_id()
        row = ReturnAddress(
            merchant_id=merchant_id,
            id=id_,
            **address.stored(),
            is_default=becomes_default,
            created_at=context.now,
            updated_at=context.now,
        )
        await add(connection, row)
    else:
        changed = await connection.execute(
            sa.update(return_addresses)
            .where(return_addresses.c.merchant_id == merchant_id, return_addresses.c.id == id_)
            .values(
                **address.stored(),
                is_default=becomes_default or default == id_,
                updated_at=context.now,
            )
        )
        if changed.rowcount != 1:
            raise Refused(NotFound(kind="ReturnAddress", path=("id",)))
        await address_rules.update_address(connection, merchant_id, id_, address)
    if default is None:
        await _unblock_approvals(connection, context)
    return merchant_id, id_


async def delete_address(context: Context, id_: int) -> None:
    """Delete an address; if it was the default, the oldest one becomes it. Raises Refused."""
    merchant_id = context.merchant_id
    async with context.write() as connection:
        await lock(connection, "enrolment", merchant_id)
        merchant = await merchants.get(connection, merchant_id)
        default = await merchants.find_default_address(connection, merchant_id)
        if id_ == default and merchant.enrolment is EnrolmentStatus.ENABLED:
            raise Refused(DefaultAddressInUse(path=("id",)))
        known = await address_rules.find(connection, merchant_id)
        naming = tuple(rule.name for rule in known.rules if rule.address_id == id_)
        if naming:
            raise Refused(ReturnAddressInUse(rules=naming, path=("id",)))
        deleted = await connection.execute(
            sa.delete(return_addresses).where(
                return_addresses.c.merchant_id == merchant_id, return_addresses.c.id == id_
            )
        )
        if deleted.rowcount != 1:
            raise Refused(NotFound(kind="ReturnAddress", path=("id",)))
        if id_ == default:
            oldest = (
                await connection.execute(
                    sa.select(sa.func.min(return_addresses.c.id)).where(
                        return_addresses.c.merchant_id == merchant_id
                    )
                )
            ).scalar_one()
            if oldest is not None:
                await _set_default(connection, merchant_id, oldest, is_default=True)


async def _set_default(
    connection: AsyncConnection, merchant_id: int, id_: int, *, is_default: bool
) -> None:
    await connection.execute(
        sa.update(return_addresses)
        .where(return_addresses.c.merchant_id == merchant_id, return_addresses.c.id == id_)
        .values(is_default=is_default)
    )


async def _unblock_approvals(connection: AsyncConnection, context: Context) -> None:
    """Unblock the orders whose automatic approval failed for lack of an address.

    Their rows are locked: an order that changed between the read and the write would stay blocked.
    """
    rows = await connection.execute(
        orders()
        .where(
            order_table.c.merchant_id == context.merchant_id,
            order_table.c.auto_approval_blocked,
        )
        .order_by(order_table.c.id)
        .with_for_update(of=order_table)
    )
    for order in map(service_orders.read, rows.all()):
        await append_event(
            connection,
            order,
            EventKind.AUTO_APPROVAL_UNBLOCKED,
            SYSTEM,
            Change(values={"auto_approval_blocked": False}),
            now=context.now,
            wakes=needs_wake(order.clocks.due_at, context.now),
        )
