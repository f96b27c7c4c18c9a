"""Refunds, and the reports of their payments."""

import strawberry

from domain.desk.refunds import RefundMethod, RefundOutcome
from domain.desk.reviews import MAX_NOTE
from domain.permissions import Permission
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import MAX_REF, optional_line, optional_words
from execution.sources import object_source
from resolvers.context import Context
from resolvers.service_orders.act import StepOutcome
from resolvers.service_orders.refund import RefundRequest, refund
from resolvers.service_orders.report_refund import RefundReport, report_refund
from resolvers.tenancy import narrow
from schema import ids, visible
from schema.fields import Info, mutation
from schema.idempotency import key_field
from schema.scalars import Money
from schema.types.refund import Refund
from schema.types.step import ServiceOrderPayload, StepInput, order_number


@strawberry.input(description="A refund of a service order's item.")
class RefundServiceOrderInput(StepInput):
    """A refund."""

    amount: Money = strawberry.field(
        description=(
            "The amount to refund of what was paid for the item, in yuan, up to the order's "
            "`refundable`. Can be zero if freight is refunded."
        )
    )
    freight: Money | None = strawberry.field(
        default=None,
        description=(
            "The freight to refund in addition, in yuan: all refunds of the order together up to "
            "what the customer paid for sending the goods."
        ),
    )
    method: RefundMethod = strawberry.field(description="How the money goes back.")
    customer_note: str | None = strawberry.field(
        default=None, description=f"A message to the customer. At most {MAX_NOTE} characters."
    )


@strawberry.input(description="The outcome of a refund's payment.")
class ReportRefundInput:
    """A report."""

    id: strawberry.ID = strawberry.field(description="The id of the refund.")
    outcome: RefundOutcome = strawberry.field(description="The outcome.")
    payment_ref: str | None = strawberry.field(
        default=None,
        description=(
            "The reference of the payment at the payment service, which the customer sees. At most "
            f"{MAX_REF} characters."
        ),
    )
    reason: str | None = strawberry.field(
        default=None,
        description=f"Why the payment failed; only for `FAILED`. At most {MAX_NOTE} characters.",
    )
    idempotency_key: str | None = key_field()


@strawberry.type(description="The refund and its service order after the step.")
class RefundPayload(ServiceOrderPayload):
    """The payload of a refund's step."""

    refund: Refund | None = strawberry.field(
        default=None, description="The refund. Null if the request was refused."
    )


@strawberry.type
class RefundMutations:
    """Mutations of refunds."""

    @mutation(Permission.REFUND)
    async def refund_service_order(
        self, info: Info, input: RefundServiceOrderInput
    ) -> RefundPayload:
        """Submits a refund of the order's item, in whole or in part.

        Until the outcome of its payment is reported with `reportRefund`, the order cannot be
        completed. All refunds of a purchased item, over all its service orders, never exceed what
        was paid for it. An order has 20 refunds at most.
        """
        outcome, refund_id = await refund(
            info.context,
            order_number(info.context, input.id),
            _request(input),
            expected_version=input.expected_version,
        )
        return _payload(info.context, outcome, refund_id)

    @mutation(Permission.REFUND, Permission.REFUND_REPORT)
    async def report_refund(self, info: Info, input: ReportRefundInput) -> RefundPayload:
        """Reports the outcome of a refund's payment, which staff or a connector learned.

        After a failure the order is `AWAITING_PROCESSING` again, and the money can be refunded
        anew. The same outcome may be reported again and changes nothing; another outcome is
        refused. `serviceOrder` is null for a viewer who may not read service orders.
        """
        narrow(info.context, ids.key_of("Refund", input.id, "id")[0])
        refund_id = ids.within(info.context.merchant_id, "Refund", input.id, "id")
        outcome = await report_refund(info.context, refund_id, _report(input))
        return _payload(info.context, outcome, refund_id)


def _request(input: RefundServiceOrderInput) -> RefundRequest:
    """Raises BadInput."""
    amount, freight = int(input.amount), int(input.freight or 0)
    if amount + freight == 0:
        raise BadInput(("amount",), Text("退款金额须大于零", "Must be more than zero."))
    return RefundRequest(
        amount=amount,
        freight=freight,
        method=input.method,
        customer_note=optional_words(input.customer_note, "customerNote", longest=MAX_NOTE),
    )


def _report(input: ReportRefundInput) -> RefundReport:
    """Raises BadInput."""
    if input.reason is not None and input.outcome is not RefundOutcome.FAILED:
        raise BadInput(("reason",), Text("仅退款失败可填原因", "Only a failure has a reason."))
    return RefundReport(
        outcome=input.outcome,
        payment_ref=optional_line(input.payment_ref, "paymentRef", longest=MAX_REF),
        reason=optional_words(input.reason, "reason", longest=MAX_NOTE),
    )


def _payload(context: Context, outcome: StepOutcome, refund_id: int) -> RefundPayload:
    merchant_id, _ = outcome.key
    return RefundPayload(
        service_order=visible.order(context.viewer, outcome.key, outcome.written),
        refund=object_source("Refund", (merchant_id, refund_id)),
    )
