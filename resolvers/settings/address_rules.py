"""Setting a merchant's return address rules, the whole list at once."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.addresses import Address
from domain.destinations import AddressRule, AddressRules
from domain.refusals.enrolment import AddressRulesChanged
from domain.refusals.general import NotFound
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from models.merchant import return_addresses
from models.queries import address_rules
from resolvers.context import Context


async def set_address_rules(
    context: Context, rules: Sequence[AddressRule], *, expected_version: int
) -> int:
    """Returns the merchant's id. Raises BadInput or Refused.

    The whole list, because the order of the rules matters: of two people who change it at the same
    time, the second is refused and sees what the first did. So is a request that is sent again.
    """
    _check_different(rules)
    merchant_id = context.merchant_id
    async with context.write() as connection:
        await lock(connection, "enrolment", merchant_id)
        version = (await address_rules.find(connection, merchant_id)).version
        if version != expected_version:
            raise Refused(AddressRulesChanged(current=version, path=("expectedVersion",)))
        addresses = await _addresses(connection, merchant_id, rules)
        changed = AddressRules(version=version + 1, rules=rules, addresses=addresses)
        await address_rules.replace_all(connection, merchant_id, changed)
    return merchant_id


def _check_different(rules: Sequence[AddressRule]) -> None:
    names = [rule.name for rule in rules]
    for index, name in enumerate(names):
        if name in names[:index]:
            text = Text("规则重复", "An earlier rule has the same kind and value.")
            raise BadInput(("rules", str(index), "value"), text)


async def _addresses(
    connection: AsyncConnection, merchant_id: int, rules: Sequence[AddressRule]
) -> dict[int, Address]:
    """The addresses that the rules name. Raises Refused."""
    names = tuple(Address.__dataclass_fields__)
    rows = await connection.execute(
        sa.select(return_addresses.c.id, *[return_addresses.c[name] for name in names]).where(
            return_addresses.c.merchant_id == merchant_id,
            return_addresses.c.id.in_(sorted({rule.address_id for rule in rules})),
        )
    )
    addresses = {id_: Address(**dict(zip(names, row, strict=True))) for id_, *row in rows}
    for index, rule in enumerate(rules):
        if rule.address_id not in addresses:
            path = ("rules", str(index), "returnAddressId")
            raise Refused(NotFound(kind="ReturnAddress", path=path))
    return addresses
