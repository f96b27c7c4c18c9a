"""Correcting the waybill of the customer's shipment, until the goods are received."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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

_INBOUND: Final = Prepared(
    sa.select(service_orders.c.inbound).where(
        service_orders.c.merchant_id == sa.bindparam("merchant_id"),
        service_orders.c.id == sa.bindparam("id"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _WaybillCorrection:
    carrier: str
    waybill: str

    def verdict(
        self, context: Context, order: Order, *, expected_version: int | None = None
    ) -> Verdict:
        step = PlainStep(action=Action.CORRECT_WAYBILL)
        return step.verdict(context, order, expected_version=expected_version)

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        # If the order changes before this read, the step writes nothing and is tried again.
        [row] = await _INBOUND.all(session, merchant_id=order.facts.merchant_id, id=order.id)
        corrected = {"carrier": self.carrier, "waybill": self.waybill}
        # The freight stays as it is: refunds of freight are measured by it.
        inbound = {"freight": None, **(row.inbound or {}), **corrected}
        change = Change(values={"inbound": inbound}, details=corrected)
        step = PlainStep(action=Action.CORRECT_WAYBILL, change=change)
        return await step.write(session, context, order, pauses)


async def correct_waybill(
    context: Context, id_: int, *, carrier: str, waybill: str, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    step = _WaybillCorrection(carrier=carrier, waybill=waybill)
    return await act(context, id_, step, expected_version=expected_version)
