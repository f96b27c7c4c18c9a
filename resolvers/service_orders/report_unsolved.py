"""Reporting that the outcome did not solve the customer's problem: the order is processed again."""

from database.prepared import AnyConnection
from domain.actions import Action
from models.journal.change import Change
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.service_orders.act import DerivedStep, StepOutcome, act_prepared
from resolvers.service_orders.come_back import without_disabled_assignee


async def report_unsolved(
    context: Context, id_: int, message: str, *, expected_version: int | None
) -> StepOutcome:
    """Raises Refused."""

    async def derive(session: AnyConnection, order: Order) -> Change:
        return await without_disabled_assignee(session, order, Change(customer_note=message))

    async def prepare_step(_: AnyConnection) -> DerivedStep:
        return DerivedStep(action=Action.REPORT_UNSOLVED, derive=derive)

    return await act_prepared(
        context, id_, prepare_step, expected_version=expected_version, is_one_write=False
    )
