"""Correcting the waybill of the customer's shipment, until the goods are received."""

from database.prepared import AnyConnection
from domain.actions import Action
from models.journal.change import Change
from models.queries.service_orders import Order, get_blocks
from resolvers.context import Context
from resolvers.service_orders.act import DerivedStep, StepOutcome, act


async def correct_waybill(
    context: Context, id_: int, *, carrier: str, waybill: str, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""
    corrected = {"carrier": carrier, "waybill": waybill}

    async def derive(session: AnyConnection, order: Order) -> Change:
        blocks = await get_blocks(session, order)
        # The freight stays as it is: refunds of freight are measured by it.
        inbound = {"freight": None, **(blocks.inbound or {}), **corrected}
        return Change(values={"inbound": inbound}, details=corrected)

    step = DerivedStep(action=Action.CORRECT_WAYBILL, derive=derive)
    return await act(context, id_, step, expected_version=expected_version)
