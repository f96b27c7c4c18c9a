"""Preparing a review decision: everything that it refers to is looked up once, for all orders."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.decision import Verdict, decide
from domain.desk.evidence import Picture
from domain.desk.note_templates import Note
from domain.desk.reviews import ReviewDecision
from domain.destinations import Destination
from domain.own_reasons import OwnReason, problem_with, retired_problem
from domain.reasons import ReasonUse
from domain.refusals.refusal import Refusal, Refused
from models.journal.change import decision_change
from models.journal.record import UpdatedRow, record_step
from models.queries.reasons import find_own
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.attached import find_pictures
from resolvers.service_orders.destination import facts_with, find_destination
from resolvers.service_orders.templated_note import TemplatedNote, prepare_note


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDecision:
    """A decision and the rows that it refers to, ready to be applied to orders."""

    decision: ReviewDecision
    destination: Destination | None
    """The address that the decision names."""
    pictures: Sequence[Picture]
    own_reason: OwnReason | None = None
    """The merchant's own reason, if the decision has one."""
    templated_note: TemplatedNote | None = None
    """What makes the note for each order, if the decision names a template."""

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        verdict = decide(
            facts_with(order, self.destination),
            context.viewer.actor,
            self.decision.action,
            order.instant(context.now),
            expected_version=expected_version,
        )
        problems = tuple(self._problems(order))
        if not problems:
            return verdict
        return Verdict(action=verdict.action, blockers=(*verdict.blockers, *problems))

    def _problems(self, order: Order) -> Iterator[Refusal]:
        """What stands against the decision besides the rules of the lifecycle."""
        reason = self.decision.reason
        if reason is not None:
            problem = retired_problem(reason, self.own_reason, order.retired_reasons, *_REASON)
            if problem is not None:
                yield problem
        note = self.note_for(order)
        if note.problem is not None:
            yield note.problem

    def note_for(self, order: Order) -> Note:
        """The message to the customer of the order, or why the template makes none."""
        if self.templated_note is None:
            return Note(self.decision.customer_note, None)
        destination = self.destination_for(order)
        address = None if destination is None else destination.address
        return self.templated_note.for_order(order, address)

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
            own_reason=None if self.own_reason is None else self.own_reason.copied(),
            customer_note=self.note_for(order).text,
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
    own_reason = await _find_own_reason(session, merchant_id, decision)
    path = ("decision", "approve", "returnAddressId")
    return PreparedDecision(
        decision=decision,
        destination=await find_destination(session, merchant_id, decision.return_address_id, *path),
        pictures=await find_pictures(session, context, merchant_id, pictures),
        own_reason=own_reason,
        templated_note=await prepare_note(session, merchant_id, decision),
    )


_REASON: Final = ("decision", "reason")


async def _find_own_reason(
    session: AnyConnection, merchant_id: int, decision: ReviewDecision
) -> OwnReason | None:
    """The merchant's own reason; None for the platform's, or for none. Raises Refused."""
    reason = decision.reason
    if reason is None:
        return None
    own = await find_own(session, merchant_id, reason)
    problem = problem_with(reason, own, ReasonUse.REVIEW, decision.action, *_REASON)
    if problem is not None:
        raise Refused(problem)
    return own
