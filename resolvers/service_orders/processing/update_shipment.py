"""Adding or correcting the waybill of what the merchant sent to the customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from database.prepared import AnyConnection, Prepared
from domain.actions import Action
from domain.clocks import Span
from domain.decision import Verdict
from models.journal.change import Change
from models.journal.record import UpdatedRow
from models.queries.service_orders import Order
from models.service_order import service_orders
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act


async def update_shipment(
    context: Context, id_: int, *, carrier: str, waybill: str, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = _ShipmentUpdate(carrier=carrier, waybill=waybill)
    return await act(context, id_, step, expected_version=expected_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShipmentUpdate:
    carrier: str
    waybill: str

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        step = PlainStep(action=Action.UPDATE_SHIPMENT)
        return step.verdict(context, order, expected_version=expected_version)

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        # If the order changes before this read, the step writes nothing and is tried again.
        [row] = await _SHIPMENTS.all(session, merchant_id=order.facts.merchant_id, id=order.id)
        if order.facts.last_action is Action.RESEND:
            shipment = self._updated(row.review_shipment)
            values = {"review_shipment": shipment}
        else:
            shipment = self._updated((row.processing or {}).get("outbound"))
            values = {"processing": {**(row.processing or {}), "outbound": shipment}}
        change = Change(values=values, details={"shipment": shipment})
        step = PlainStep(action=Action.UPDATE_SHIPMENT, change=change)
        return await step.write(session, context, order, pauses)

    def _updated(self, shipment: dict[str, Any] | None) -> dict[str, Any]:  # Any: JSON
        goods = (shipment or {}).get("goods")
        return {"goods": goods, "carrier": self.carrier, "waybill": self.waybill}


_SHIPMENTS: Final = Prepared(
    sa.select(service_orders.c.review_shipment, service_orders.c.processing).where(
        service_orders.c.merchant_id == sa.bindparam("merchant_id"),
        service_orders.c.id == sa.bindparam("id"),
    )
)
