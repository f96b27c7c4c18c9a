"""Recording that the customer sent the goods to the merchant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.decision import Verdict
from domain.desk.receipts import InboundShipment
from domain.refusals.orders import NoWaybill
from models.journal.change import shipment_change
from models.journal.record import UpdatedRow
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipStep:
    """The step of a shipment. How the goods return decides whether it needs a waybill."""

    inbound: InboundShipment

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        verdict = self._plain.verdict(context, order, expected_version=expected_version)
        missing = self.inbound.missing(order.logistics_in)
        if missing:
            return replace(verdict, blockers=(*verdict.blockers, NoWaybill(missing=missing)))
        return verdict

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        return await self._plain.write(session, context, order, pauses)

    @property
    def _plain(self) -> PlainStep:
        return PlainStep(action=Action.SHIP, change=shipment_change(self.inbound))


async def ship(
    context: Context, id_: int, inbound: InboundShipment, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = ShipStep(inbound=inbound)
    return await act(context, id_, step, expected_version=expected_version)
