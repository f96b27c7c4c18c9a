"""A review decision made ready: what it refers to is looked up, the rest is asked of the rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.addresses import Address
from domain.clocks import Span
from domain.decision import Verdict, decide
from domain.evidence import Picture
from domain.lifecycle import Action
from domain.reasons import ReasonUse, is_reason
from domain.refusals.general import NotFound
from domain.refusals.intake import UnknownReason
from domain.refusals.refusal import Refused
from domain.reviews import ReviewDecision
from models.journal import Change, UpdatedRow, record_step
from models.merchant import return_addresses
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.attached import find_pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDecision:
    """A decision with all that it refers to looked up, ready to be applied to orders."""

    decision: ReviewDecision
    address: Address | None
    pictures: Sequence[Picture]

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        facts = order.facts
        if self.address is not None and not facts.has_return_address:
            facts = replace(facts, has_return_address=True)
        return decide(
            facts,
            context.viewer.actor,
            self.decision.action,
            order.instant(context.now),
            expected_version=expected_version,
        )

    def address_for(self, order: Order) -> Address | None:
        """Where the customer will be told to send the goods."""
        if self.decision.action is not Action.APPROVE:
            return None
        return self.address or order.default_address

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        """None if the order changed meanwhile, or a pause was declared."""
        decision, address = self.decision, self.address_for(order)
        details: dict[str, Any] = {}
        if address is not None:
            details["returnAddress"] = address.stored()
        if decision.shipment is not None:
            details["shipment"] = decision.shipment.stored()
        if decision.reason is not None:
            details["reason"] = decision.reason
        values = {
            "review_reason": decision.reason,
            "review_customer_note": decision.customer_note,
            "review_address": address and address.stored(),
            "review_shipment": decision.shipment and decision.shipment.stored(),
            "review_pictures": [picture.stored() for picture in self.pictures],
        }
        change = Change(
            values=values, customer_note=decision.customer_note, details=details or None
        )
        return await record_step(
            session,
            order,
            decision.action,
            context.viewer.actor,
            change,
            now=context.now,
            windows=pauses,
        )


async def prepare(
    session: AnyConnection,
    context: Context,
    decision: ReviewDecision,
    pictures: Sequence[str],
) -> PreparedDecision:
    """Look up what the decision refers to. Raises Refused for what is not there."""
    merchant_id = context.merchant_id
    if decision.reason is not None and not is_reason(decision.reason, ReasonUse.REVIEW):
        raise Refused(UnknownReason(reason=decision.reason, path=("decision", "reason")))
    address = None
    if decision.return_address_id is not None:
        address = await _address(session, merchant_id, decision.return_address_id)
    return PreparedDecision(
        decision=decision,
        address=address,
        pictures=await find_pictures(session, context, merchant_id, pictures),
    )


_ADDRESS: Final = Prepared(
    sa.select(*[return_addresses.c[name] for name in Address.__dataclass_fields__]).where(
        return_addresses.c.merchant_id == sa.bindparam("merchant_id"),
        return_addresses.c.id == sa.bindparam("id"),
    )
)


async def _address(session: AnyConnection, merchant_id: int, id_: int) -> Address:
    found = await _ADDRESS.all(session, merchant_id=merchant_id, id=id_)
    if not found:
        path = ("decision", "approve", "returnAddressId")
        raise Refused(NotFound(kind="ReturnAddress", path=path))
    return Address(**found[0]._asdict())
