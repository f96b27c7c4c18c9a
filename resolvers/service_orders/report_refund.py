"""Reporting whether the payment of a refund succeeded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from database.prepared import AnyConnection
from domain.actions import Action
from domain.clocks import CONSEQUENCES, Span
from domain.desk.refunds import RefundOutcome, RefundStatus
from domain.refusals.refunds import RefundAlreadyReported
from domain.refusals.refusal import Refused
from models.journal.change import refund_report_change
from models.journal.record import UpdatedRow
from models.queries import refunds
from models.queries.service_orders import Order
from models.wake import wake_for
from resolvers.context import Context
from resolvers.idempotency import claim_or_replay
from resolvers.service_orders.act import ActionStep, StepOutcome, take_step

_ACTIONS: Final[Mapping[RefundOutcome, Action]] = {
    RefundOutcome.SUCCEEDED: Action.SETTLE_REFUND,
    RefundOutcome.FAILED: Action.FAIL_REFUND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReport:
    """The outcome of a refund's payment. A failure may have a reason."""

    outcome: RefundOutcome
    payment_ref: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStep(ActionStep):
    """The report of a locked refund's outcome."""

    refund_id: int
    amount: int
    report: RefundReport

    async def write(
        self, session: AnyConnection, context: Context, order: Order, pauses: Sequence[Span]
    ) -> UpdatedRow | None:
        pending = order.facts.pending_refunds
        change = refund_report_change(
            refund_id=self.refund_id, amount=self.amount, pending_refunds=pending
        )
        written = await self.record(session, context, order, pauses, change)
        if written is None:
            return None
        await refunds.report_refund(
            session,
            order.facts.merchant_id,
            self.refund_id,
            status=self.report.outcome.status,
            reported_at=order.instant(context.now),
            payment_ref=self.report.payment_ref,
            failure=self.report.reason,
        )
        if self.action is Action.SETTLE_REFUND and pending == 1:
            await _resume_clock(session, context, order)
        return written


async def report_refund(context: Context, refund_id: int, report: RefundReport) -> StepOutcome:
    """Raises Refused. The same outcome again changes nothing; another one is refused.

    The lock on the refund lets one of several concurrent reports through.
    """
    merchant_id, written = context.merchant_id, None
    async with context.write_prepared() as session:
        earlier = await claim_or_replay(session, context, result={"refund": refund_id})
        refund = await refunds.lock_refund(session, merchant_id, refund_id)
        context.start_mutation().order = (merchant_id, refund.service_order_id)
        if refund.status is RefundStatus.SUBMITTED:
            step = ReportStep(
                action=_ACTIONS[report.outcome],
                refund_id=refund_id,
                amount=refund.amount,
                report=report,
            )
            written = await take_step(session, context, refund.service_order_id, step)
        elif earlier is None and refund.reported_at is not None:
            _check_outcome(refund.status, report.outcome, refund.reported_at)
    return StepOutcome((merchant_id, refund.service_order_id), written)


def _check_outcome(known: RefundStatus, reported: RefundOutcome, known_since: datetime) -> None:
    """Raises Refused."""
    if known is not reported.status:
        succeeded = known is RefundStatus.SUCCEEDED
        raise Refused(RefundAlreadyReported(succeeded=succeeded, at=known_since))


async def _resume_clock(session: AnyConnection, context: Context, order: Order) -> None:
    """Wake the timers for the deadline that the pending refund held up."""
    if order.facts.status in CONSEQUENCES:
        await wake_for(session, order.facts.due_at, context.now)
