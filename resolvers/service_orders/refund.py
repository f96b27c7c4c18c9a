"""Refunding what was paid for an order's item, in whole or in part."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import Span
from domain.desk.refunds import (
    RefundMethod,
    RefundStatus,
    above_ceiling,
    is_within,
    refund_blockers,
)
from domain.refusals.refusal import Refusal
from models.ids import new_id
from models.journal.change import refund_change
from models.journal.record import UpdatedRow
from models.queries import refunds, staff
from models.queries.refunds import LockedLine
from models.queries.service_orders import Order, get_blocks
from models.refund import Refund
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay
from resolvers.service_orders.act import ActionStep, StepOutcome, take_step


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """What to refund; amounts in fen."""

    amount: int
    freight: int
    method: RefundMethod
    customer_note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundStep(ActionStep):
    """A refund of a locked purchase line. ``blockers`` are what its amounts run into."""

    id: int
    request: RefundRequest
    line: LockedLine

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        # Only where something was sent: otherwise the block has nothing to keep.
        blocks = await get_blocks(session, order) if order.facts.has_sent else None
        change = refund_change(
            by=context.viewer.name,
            refund_id=self.id,
            amount=self.request.amount,
            freight=self.request.freight,
            method=self.request.method,
            customer_note=self.request.customer_note,
            pending_refunds=order.facts.pending_refunds,
            before=blocks and blocks.processing,
        )
        written = await self.record(session, context, order, pauses, change)
        if written is not None:
            await refunds.insert_refund(session, self._row(context, order))
        return written

    def _row(self, context: Context, order: Order) -> Refund:
        return Refund(
            merchant_id=order.facts.merchant_id,
            id=self.id,
            service_order_id=order.id,
            order_number=self.line.order_number,
            sku=self.line.sku,
            amount=self.request.amount,
            freight=self.request.freight,
            method=self.request.method,
            status=RefundStatus.SUBMITTED,
            submitted_by=context.viewer.name,
            submitted_by_id=context.viewer.id,
            submitted_at=order.instant(context.now),
        )


async def refund(
    context: Context, id_: int, request: RefundRequest, *, expected_version: int | None
) -> tuple[StepOutcome, int]:
    """Refund, and return the refund's id as well. Raises Refused.

    The lock on the purchase line keeps the sum of its refunds within what was paid, whichever of
    its orders they belong to.
    """
    merchant_id, refund_id, written = context.merchant_id, new_id(), None
    async with context.write_prepared() as session:
        result = {"id": id_, "refund": refund_id}
        earlier = await claim_or_replay(session, context, result=result)
        if earlier is None:
            line = await refunds.lock_line(session, merchant_id, id_)
            blockers = await _blockers(session, context, line, request)
            step = RefundStep(
                action=Action.REFUND, id=refund_id, request=request, line=line, blockers=blockers
            )
            written = await take_step(
                session, context, id_, step, expected_version=expected_version
            )
        else:
            refund_id = earlier["refund"]
    return StepOutcome((merchant_id, id_), written), refund_id


async def _blockers(
    session: AnyConnection, context: Context, locked: LockedLine, request: RefundRequest
) -> tuple[Refusal, ...]:
    line, ceiling = locked.line, context.viewer.refund_ceiling
    blockers = tuple(refund_blockers(line, amount=request.amount, freight=request.freight))
    total = request.amount + request.freight
    if ceiling is None or is_within(line.refunded_by(context.viewer.id) + total, ceiling):
        return blockers
    refunders = await staff.refunders(session, context.merchant_id)
    return (*blockers, above_ceiling(line, ceiling, total=total, refunders=refunders))
