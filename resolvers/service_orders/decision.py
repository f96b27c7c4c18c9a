"""Preparing a review decision: everything that it refers to is looked up once, for all orders."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.actions import Action
from domain.addresses import Address
from domain.clocks import Span
from domain.decision import Verdict, decide
from domain.desk.evidence import Picture
from domain.desk.reviews import ReviewDecision
from domain.reasons import ReasonUse, is_reason
from domain.refusals.general import NotFound
from domain.refusals.intake import UnknownReason
from domain.refusals.refusal import Refused
from models.journal.change import decision_change
from models.journal.record import UpdatedRow, record_step
from models.merchant import return_addresses
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.attached import find_pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDecision:
    """A decision and the rows that it refers to, ready to be applied to orders."""

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
        """The address to which the customer sends the goods; None unless the decision approves."""
        if self.decision.action is not Action.APPROVE:
            return None
        return self.address or order.default_address

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        """Write the decision. None if the order or the pause windows changed since the read."""
        decision = self.decision
        change = decision_change(
            reason=decision.reason,
            customer_note=decision.customer_note,
            address=self.address_for(order),
            shipment=decision.shipment,
            pictures=self.pictures,
        )
        return await record_step(
            session,
            order,
            decision.action,
            context.viewer.actor,
            change,
            now=context.now,
            pauses=pauses,
        )


async def prepare_decision(
    session: AnyConnection,
    context: Context,
    decision: ReviewDecision,
    pictures: Sequence[str],
) -> PreparedDecision:
    """Look up what the decision refers to. Raises Refused for a reference that does not exist."""
    merchant_id = context.merchant_id
    if decision.reason is not None and not is_reason(decision.reason, ReasonUse.REVIEW):
        raise Refused(UnknownReason(reason=decision.reason, path=("decision", "reason")))
    address = None
    if decision.return_address_id is not None:
        address = await _get_address(session, merchant_id, decision.return_address_id)
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


async def _get_address(session: AnyConnection, merchant_id: int, id_: int) -> Address:
    rows = await _ADDRESS.all(session, merchant_id=merchant_id, id=id_)
    if not rows:
        path = ("decision", "approve", "returnAddressId")
        raise Refused(NotFound(kind="ReturnAddress", path=path))
    return Address(**rows[0]._asdict())
