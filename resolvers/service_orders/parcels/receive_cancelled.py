"""Registering a parcel that arrives after its order was cancelled."""

from collections.abc import Sequence

from database.prepared import AnyConnection
from domain.actions import Action
from models.journal.change import cancelled_receipt_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act_prepared
from resolvers.service_orders.attached import find_pictures


async def receive_cancelled(
    context: Context,
    id_: int,
    *,
    remark: str | None,
    pictures: Sequence[str],
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""

    async def prepare_step(session: AnyConnection) -> PlainStep:
        attached = await find_pictures(
            session, context, context.merchant_id, pictures, by_staff=True
        )
        change = cancelled_receipt_change(remark, attached)
        return PlainStep(action=Action.RECEIVE_CANCELLED, change=change)

    return await act_prepared(context, id_, prepare_step, expected_version=expected_version)
