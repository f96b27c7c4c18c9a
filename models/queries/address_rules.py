"""A merchant's return address rules: their rows, and the copy of them in the merchant's row."""

from dataclasses import replace
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.addresses import Address
from domain.destinations import AddressRule, AddressRules
from models.merchant import ReturnAddressRule, address_rules, merchants
from models.tables import add

NO_RULES: Final = AddressRules(version=0, rules=(), addresses={})


async def find(connection: AsyncConnection, merchant_id: int) -> AddressRules:
    """The merchant's rules, from the copy."""
    query = sa.select(merchants.c.address_rules).where(merchants.c.id == merchant_id)
    stored = (await connection.execute(query)).scalar_one_or_none()
    return NO_RULES if stored is None else AddressRules.read(stored)


async def replace_all(connection: AsyncConnection, merchant_id: int, rules: AddressRules) -> None:
    """Replace the rows and their copy. The caller holds the merchant's lock."""
    await connection.execute(
        sa.delete(address_rules).where(address_rules.c.merchant_id == merchant_id)
    )
    rows = [_row(merchant_id, position, rule) for position, rule in enumerate(rules.rules, start=1)]
    await add(connection, *rows)
    await _copy(connection, merchant_id, rules)


async def update_address(
    connection: AsyncConnection, merchant_id: int, id_: int, address: Address
) -> None:
    """Bring a changed address into the copy, if a rule names it."""
    rules = await find(connection, merchant_id)
    if id_ in rules.addresses:
        changed = replace(rules, addresses={**rules.addresses, id_: address})
        await _copy(connection, merchant_id, changed)


async def _copy(connection: AsyncConnection, merchant_id: int, rules: AddressRules) -> None:
    await connection.execute(
        sa.update(merchants)
        .where(merchants.c.id == merchant_id)
        .values(address_rules=rules.stored())
    )


def _row(merchant_id: int, position: int, rule: AddressRule) -> ReturnAddressRule:
    return ReturnAddressRule(
        merchant_id=merchant_id,
        position=position,
        kind=rule.kind,
        value=rule.value,
        address_id=rule.address_id,
    )
