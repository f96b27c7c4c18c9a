"""The input of a review decision: one of five outcomes, each with its own fields."""

import strawberry

from domain.actions import Action
from domain.desk.reviews import MAX_NOTE, NoteLanguage, ReviewDecision
from domain.words import MAX_REF, line, optional_line
from resolvers.context import Context
from schema import ids
from schema.types.note_input import note_language_field, note_or_template, template_id_field
from schema.types.shipment import CARRIER, GOODS, LATER, WAYBILL, shipment_to_send

_LIMIT = f"At most {MAX_NOTE} characters."
_CUSTOMER_NOTE = f"The message to the customer. {_LIMIT}"
_REASON = "The code of a reason that this decision takes: see `decisions` in the query `reasons`."
_EXACTLY_ONE = "Set this or `customerNoteTemplateId`."


@strawberry.input(description="①同意客户发货. Approve: the customer sends the goods.")
class ApproveInput:
    """An approval."""

    return_address_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The return address for the goods. Defaults to the address of the first of the "
            "merchant's `returnAddressRules` that fits, or else to the default return address."
        ),
    )
    reason: str | None = strawberry.field(default=None, description=_REASON)
    customer_note: str | None = strawberry.field(default=None, description=_CUSTOMER_NOTE)
    customer_note_template_id: strawberry.ID | None = template_id_field()
    note_language: NoteLanguage = note_language_field()

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
        note, template = note_or_template(self, context, *path)
        return ReviewDecision(
            action=Action.APPROVE,
            return_address_id=address,
            reason=optional_line(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=note,
            note_template=template,
        )


@strawberry.input(description="②审核不通过. Reject the request.")
class RejectInput:
    """A rejection."""

    reason: str = strawberry.field(description=_REASON)
    customer_note: str | None = strawberry.field(
        default=None, description=f"{_CUSTOMER_NOTE} {_EXACTLY_ONE}"
    )
    customer_note_template_id: strawberry.ID | None = template_id_field()
    note_language: NoteLanguage = note_language_field()

    def read(self, context: Context) -> ReviewDecision:
        path = ("decision", "reject")
        note, template = note_or_template(self, context, *path, required=True)
        return ReviewDecision(
            action=Action.REJECT,
            reason=line(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=note,
            note_template=template,
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
    reason: str | None = strawberry.field(default=None, description=_REASON)
    customer_note: str | None = strawberry.field(
        default=None, description=f"{_CUSTOMER_NOTE} {_EXACTLY_ONE}"
    )
    customer_note_template_id: strawberry.ID | None = template_id_field()
    note_language: NoteLanguage = note_language_field()

    def read(self, context: Context) -> ReviewDecision:
        path = ("decision", "resend")
        note, template = note_or_template(self, context, *path, required=True)
        return ReviewDecision(
            action=Action.RESEND,
            shipment=shipment_to_send(
                *path,
                goods=self.goods,
                carrier=self.carrier,
                waybill=self.waybill,
                later=self.later,
            ),
            reason=optional_line(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=note,
            note_template=template,
        )


@strawberry.input(
    description=(
        "④待客户反馈. Ask the customer a question. The review clock is paused until the customer "
        "answers."
    )
)
class RequestFeedbackInput:
    """A question."""

    question: str | None = strawberry.field(
        default=None,
        description=f"The question to the customer. {_LIMIT} Set this or `questionTemplateId`.",
    )
    question_template_id: strawberry.ID | None = template_id_field("question")
    note_language: NoteLanguage = note_language_field()
    reason: str | None = strawberry.field(default=None, description=_REASON)

    def read(self, context: Context) -> ReviewDecision:
        path = ("decision", "requestFeedback")
        question, template = note_or_template(self, context, *path, required=True, note="question")
        return ReviewDecision(
            action=Action.REQUEST_FEEDBACK,
            reason=optional_line(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=question,
            note_template=template,
        )


@strawberry.input(description="⑤客户放弃. Record that the customer has given up the request.")
class RecordGiveUpInput:
    """The customer gives up."""

    customer_note: str | None = strawberry.field(
        default=None, description=f"The agreement with the customer. {_LIMIT} {_EXACTLY_ONE}"
    )
    customer_note_template_id: strawberry.ID | None = template_id_field()
    note_language: NoteLanguage = note_language_field()
    reason: str | None = strawberry.field(default=None, description=_REASON)

    def read(self, context: Context) -> ReviewDecision:
        path = ("decision", "recordGiveUp")
        note, template = note_or_template(self, context, *path, required=True)
        return ReviewDecision(
            action=Action.RECORD_GIVE_UP,
            reason=optional_line(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=note,
            note_template=template,
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
