"""Receiving the goods and recording the inspection (拆包登记)."""

from collections.abc import Sequence

from database.prepared import AnyConnection
from domain.actions import Action
from domain.desk.receipts import Receipt
from models.journal.change import receipt_change
from resolvers.context import Context
from resolvers.service_orders.act import PlainStep, StepOutcome, act_prepared
from resolvers.service_orders.attached import find_pictures


async def receive(
    context: Context,
    id_: int,
    receipt: Receipt,
    *,
    pictures: Sequence[str],
    expected_version: int | None,
) -> StepOutcome:
    """Raises Refused."""

    async def prepare_step(session: AnyConnection) -> PlainStep:
        return await prepare_receipt(session, context, receipt, pictures)

    return await act_prepared(context, id_, prepare_step, expected_version=expected_version)


async def prepare_receipt(
    session: AnyConnection,
    context: Context,
    receipt: Receipt,
    pictures: Sequence[str],
    path: tuple[str, ...] = ("evidenceIds",),
) -> PlainStep:
    """The step, with its pictures looked up. Raises Refused."""
    attached = await find_pictures(
        session, context, context.merchant_id, pictures, path=path, by_staff=True
    )
    return PlainStep(action=Action.RECEIVE, change=receipt_change(receipt, attached))
