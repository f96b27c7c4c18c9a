"""Amending an order that waits for review: more pictures, or a corrected contact.

The contact stands on the application and holds for all its orders. Only the named order gets an
event, which says what was corrected and holds no contact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.actions import Action
from domain.addresses import Address
from domain.clocks import Span
from domain.desk.evidence import MAX_PICTURES, Picture
from domain.refusals.pictures import TooManyPictures
from domain.refusals.refusal import Refused
from domain.search_keys import name_key, phone_key
from models.application import applications
from models.journal.change import Change
from models.journal.record import UpdatedRow
from models.queries.service_orders import Order, get_blocks
from resolvers.context import Context
from resolvers.service_orders.act import ActionStep, StepOutcome, act_prepared
from resolvers.service_orders.attached import find_pictures

_CORRECTED: Final = {
    "name": applications.c.customer_name,
    "phone": applications.c.customer_phone,
    "address": applications.c.pickup_address,
    "name_key": applications.c.name_key,
    "phone_key": applications.c.phone_key,
}
"""The columns of a contact and of its search keys, by the names of ``_columns``."""
_CORRECT_CONTACT: Final = Prepared(
    sa.update(applications)
    .where(
        applications.c.merchant_id == sa.bindparam("of_merchant"),
        applications.c.id == sa.bindparam("of_application"),
    )
    .values(
        {
            column: sa.func.coalesce(sa.bindparam(f"new_{name}", type_=column.type), column)
            for name, column in _CORRECTED.items()
        }
    )
    .returning(applications.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCorrection:
    """The corrected parts of a contact; None leaves a part as it is."""

    name: str | None = None
    phone: str | None = None
    address: Address | None = None

    def values(self) -> Mapping[str, Any]:
        """The corrected parts by their names, as stored. Any: values of columns."""
        address = None if self.address is None else self.address.stored()
        parts = {"name": self.name, "phone": self.phone, "address": address}
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amendment(ActionStep):
    pictures: Sequence[Picture]
    contact: ContactCorrection

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        """Write the amendment. Raises Refused for too many pictures."""
        change = await self._change(session, order)
        written = await self.record(session, context, order, pauses, change)
        corrected = self.contact.values()
        if written is not None and corrected:
            await _CORRECT_CONTACT.all(
                session,
                of_merchant=order.facts.merchant_id,
                of_application=order.application_id,
                **self._columns(corrected),
            )
        return written

    def _columns(self, corrected: Mapping[str, Any]) -> dict[str, Any]:
        keys = {
            f"{name}_key": key(corrected[name])
            for name, key in (("name", name_key), ("phone", phone_key))
            if name in corrected
        }
        values = {**corrected, **keys}
        return {f"new_{name}": values.get(name) for name in _CORRECTED}

    async def _change(self, session: AnyConnection, order: Order) -> Change:
        # If the order changes before this read, the step writes nothing and is tried again.
        blocks = await get_blocks(session, order)
        stored = {picture["sha256"]: picture for picture in blocks.pictures}
        added = {
            picture.sha256: picture.stored()
            for picture in self.pictures
            if picture.sha256 not in stored
        }
        total = len(stored) + len(added)
        if total > MAX_PICTURES:
            path = ("evidenceIds",)
            raise Refused(TooManyPictures(limit=MAX_PICTURES, found=total, path=path))
        details = {"pictures": [*added.values()], "contact": sorted(self.contact.values())}
        return Change(
            values={"pictures": [*(stored | added).values()]} if added else {},
            details={name: value for name, value in details.items() if value} or None,
        )


async def amend(
    context: Context,
    id_: int,
    *,
    pictures: Sequence[str],
    contact: ContactCorrection,
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""
    problem = contact.address and contact.address.problem("contact", "address")
    if problem:
        raise Refused(problem)

    async def prepare_step(session: AnyConnection) -> _Amendment:
        attached = await find_pictures(session, context, context.merchant_id, pictures)
        return _Amendment(action=Action.AMEND, pictures=attached, contact=contact)

    return await act_prepared(
        context,
        id_,
        prepare_step,
        expected_version=expected_version,
        is_one_write=not contact.values(),
    )
