"""Changing the return address of an approved order, until the goods are sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.decision import Verdict, decide
from domain.destinations import Destination
from domain.refusals.orders import NoReturnAddress
from domain.refusals.refusal import Refused
from models.journal.change import address_change
from models.journal.record import UpdatedRow
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.act import ActionStep, StepOutcome, act_prepared
from resolvers.service_orders.destination import facts_with, find_destination


@dataclass(frozen=True, slots=True, kw_only=True)
class _AddressStep(ActionStep):
    """``chosen`` is the address that the person named, None for the one by the rules."""

    chosen: Destination | None
    customer_note: str | None

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        return decide(
            facts_with(order, self.chosen),
            context.viewer.actor,
            self.action,
            order.instant(context.now),
            expected_version=expected_version,
        )

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        destination = self.chosen or order.destination
        if destination is None:  # the verdict refuses this before
            raise Refused(NoReturnAddress(missing=("returnAddress",)))
        change = address_change(destination, self.customer_note)
        return await self.record(session, context, order, pauses, change)


async def change_return_address(
    context: Context,
    id_: int,
    *,
    return_address_id: int | None,
    customer_note: str | None,
    expected_version: int | None,
) -> StepOutcome:
    """Without an id the goods go where the rules send them now. Raises Refused."""

    async def prepare_step(session: AnyConnection) -> _AddressStep:
        chosen = await find_destination(
            session, context.merchant_id, return_address_id, "returnAddressId"
        )
        return _AddressStep(
            action=Action.CHANGE_RETURN_ADDRESS, chosen=chosen, customer_note=customer_note
        )

    return await act_prepared(context, id_, prepare_step, expected_version=expected_version)
