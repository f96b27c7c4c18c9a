"""Ruling on an order whose customer or merchant has asked the platform to step in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.desk.rulings import Ruling
from domain.money import yuan
from domain.refusals.refunds import RefundTooLarge
from domain.refusals.refusal import Refusal
from models.journal.record import UpdatedRow
from models.journal.ruling_change import ruling_change
from models.queries import refunds, service_orders
from models.queries.service_orders import Order
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay
from resolvers.service_orders.act import ActionStep, OrderKey, StepOutcome, take_step
from resolvers.service_orders.come_back import without_disabled_assignee


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingStep(ActionStep):
    """A ruling."""

    ruling: Ruling

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        blocks = await service_orders.get_blocks(session, order)
        is_return = self.action is Action.RULE_RETURN
        change = ruling_change(
            self.ruling,
            by=context.viewer.name,
            at=order.instant(context.now),
            destination=order.destination if is_return else None,
            inbound=blocks.inbound,
            earlier_freight=blocks.earlier_freight,
        )
        change = await without_disabled_assignee(session, order, change)
        return await self.record(session, context, order, pauses, change)


async def rule_on_service_order(
    context: Context, key: OrderKey, ruling: Ruling, *, expected_version: int | None
) -> StepOutcome:
    """Rule on an order of any merchant. Raises Refused.

    The lock on the purchase line keeps the amount within what can be refunded at this moment; it
    is the merchant who refunds afterwards.
    """
    (merchant_id, id_), written = key, None
    async with context.write_prepared() as session:
        earlier = await claim_or_replay(
            session, context, merchant_id=merchant_id, result={"id": id_}
        )
        if earlier is None:
            blockers: tuple[Refusal, ...] = ()
            if ruling.amount is not None:
                locked = await refunds.lock_line(session, merchant_id, id_)
                blockers = tuple(_blockers(ruling.amount, locked.line.refundable))
            step = RulingStep(action=ruling.action, ruling=ruling, blockers=blockers)
            written = await take_step(
                session,
                context,
                id_,
                step,
                expected_version=expected_version,
                merchant_id=merchant_id,
            )
    return StepOutcome(key, written)


def _blockers(amount: int, refundable: int) -> Iterator[Refusal]:
    if amount > refundable:
        yield RefundTooLarge(refundable=yuan(refundable), path=("ruling", "process", "amount"))
