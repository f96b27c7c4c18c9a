"""The input of a review decision: one of five outcomes, each with its own fields."""

import strawberry

from domain.actions import Action
from domain.desk.reviews import MAX_NOTE, ReviewDecision
from domain.words import MAX_REF, line, optional_line, optional_words, words
from resolvers.context import Context
from schema import ids
from schema.types.shipment import CARRIER, GOODS, LATER, WAYBILL, shipment_to_send

_LIMIT = f"At most {MAX_NOTE} characters."
_CUSTOMER_NOTE = f"The message to the customer. {_LIMIT}"
_REASON = "The code of a reason for use in `REVIEW`."


@strawberry.input(description="①同意客户发货. Approve: the customer sends the goods.")
class ApproveInput:
    """An approval."""

    return_address_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The return address for the goods. Defaults to the merchant's default return address."
        ),
    )
    reason: str | None = strawberry.field(default=None, description=_REASON)
    customer_note: str | None = strawberry.field(default=None, description=_CUSTOMER_NOTE)

    def read(self, context: Context) -> ReviewDecision:
        path = ("decision", "approve")
        address = None
        if self.return_address_id is not None:
            address = ids.within(
                context.viewer.merchant_id,
                "ReturnAddress",
                self.return_address_id,
                *path,
                "returnAddressId",
            )
        note = optional_words(self.customer_note, *path, "customerNote", longest=MAX_NOTE)
        return ReviewDecision(
            action=Action.APPROVE,
            return_address_id=address,
            reason=optional_line(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=note,
        )


@strawberry.input(description="②审核不通过. Reject the request.")
class RejectInput:
    """A rejection."""

    reason: str = strawberry.field(description=_REASON)
    customer_note: str = strawberry.field(description=_CUSTOMER_NOTE)

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "reject")
        return ReviewDecision(
            action=Action.REJECT,
            reason=line(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=words(self.customer_note, *path, "customerNote", longest=MAX_NOTE),
        )


@strawberry.input(
    description=(
        "③不退货补发新品. Send a new item without a return. Requires `carrier` and `waybill`, or "
        "`later: true`."
    )
)
class ResendInput:
    """A resend."""

    goods: str = strawberry.field(description=GOODS)
    carrier: str | None = strawberry.field(default=None, description=CARRIER)
    waybill: str | None = strawberry.field(default=None, description=WAYBILL)
    later: bool = strawberry.field(default=False, description=LATER)
    customer_note: str = strawberry.field(description=_CUSTOMER_NOTE)

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "resend")
        return ReviewDecision(
            action=Action.RESEND,
            shipment=shipment_to_send(
                *path,
                goods=self.goods,
                carrier=self.carrier,
                waybill=self.waybill,
                later=self.later,
            ),
            customer_note=words(self.customer_note, *path, "customerNote", longest=MAX_NOTE),
        )


@strawberry.input(
    description=(
        "④待客户反馈. Ask the customer a question. The review clock is paused until the customer "
        "answers."
    )
)
class RequestFeedbackInput:
    """A question."""

    question: str = strawberry.field(description=f"The question to the customer. {_LIMIT}")

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "requestFeedback", "question")
        return ReviewDecision(
            action=Action.REQUEST_FEEDBACK,
            customer_note=words(self.question, *path, longest=MAX_NOTE),
        )


@strawberry.input(description="⑤客户放弃. Record that the customer has given up the request.")
class RecordGiveUpInput:
    """The customer gives up."""

    customer_note: str = strawberry.field(description=f"The agreement with the customer. {_LIMIT}")

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "recordGiveUp", "customerNote")
        return ReviewDecision(
            action=Action.RECORD_GIVE_UP,
            customer_note=words(self.customer_note, *path, longest=MAX_NOTE),
        )


@strawberry.input(
    one_of=True, description="A review decision on a service order. Set exactly one outcome."
)
class ReviewDecisionInput:
    """A decision on one order."""

    approve: ApproveInput | None = strawberry.field(
        default=strawberry.UNSET, description="①同意客户发货. Approve."
    )
    reject: RejectInput | None = strawberry.field(
        default=strawberry.UNSET, description="②审核不通过. Reject."
    )
    resend: ResendInput | None = strawberry.field(
        default=strawberry.UNSET, description="③不退货补发新品. Send a new item without a return."
    )
    request_feedback: RequestFeedbackInput | None = strawberry.field(
        default=strawberry.UNSET, description="④待客户反馈. Ask the customer a question."
    )
    record_give_up: RecordGiveUpInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="⑤客户放弃. Record that the customer has given up the request.",
    )


@strawberry.input(
    one_of=True,
    description="A review decision on every service order of a batch. Set exactly one outcome.",
)
class BatchDecisionInput:
    """A decision on many orders."""

    approve: ApproveInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="①同意客户发货. Approve. All orders must belong to the same application.",
    )
    reject: RejectInput | None = strawberry.field(
        default=strawberry.UNSET, description="②审核不通过. Reject."
    )
    record_give_up: RecordGiveUpInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="⑤客户放弃. Record that the customer has given up the request.",
    )


def decision_of(
    outcomes: ReviewDecisionInput | BatchDecisionInput, context: Context
) -> ReviewDecision:
    """The decision of the one outcome that is set. Raises BadInput."""
    outcome = next(value for value in vars(outcomes).values() if value)
    decision: ReviewDecision = outcome.read(context)
    return decision
