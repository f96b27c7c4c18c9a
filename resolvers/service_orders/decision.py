"""Preparing a review decision: everything that it refers to is looked up once, for all orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.decision import Verdict, decide
from domain.desk.evidence import Picture
from domain.desk.reviews import ReviewDecision
from domain.destinations import Destination
from domain.reasons import ReasonUse, is_reason
from domain.refusals.intake import UnknownReason
from domain.refusals.refusal import Refused
from models.journal.change import decision_change
from models.journal.record import UpdatedRow, record_step
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.attached import find_pictures
from resolvers.service_orders.destination import facts_with, find_destination


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDecision:
    """A decision and the rows that it refers to, ready to be applied to orders."""

    decision: ReviewDecision
    destination: Destination | None
    """The address that the decision names."""
    pictures: Sequence[Picture]

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        return decide(
            facts_with(order, self.destination),
            context.viewer.actor,
            self.decision.action,
            order.instant(context.now),
            expected_version=expected_version,
        )

    def destination_for(self, order: Order) -> Destination | None:
        """Where the customer sends the goods; None unless the decision approves."""
        if self.decision.action is not Action.APPROVE:
            return None
        return self.destination or order.destination

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        """Write the decision. None if the order or the pause windows changed since the read."""
        decision = self.decision
        change = decision_change(
            reason=decision.reason,
            customer_note=decision.customer_note,
            destination=self.destination_for(order),
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
    path = ("decision", "approve", "returnAddressId")
    return PreparedDecision(
        decision=decision,
        destination=await find_destination(session, merchant_id, decision.return_address_id, *path),
        pictures=await find_pictures(session, context, merchant_id, pictures),
    )
