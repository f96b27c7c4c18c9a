"""What a review takes and what it answers."""

from collections.abc import Iterator, Sequence
from typing import Any

import strawberry

from domain.evidence import MAX_PICTURES
from domain.lifecycle import Action
from domain.refusals.refusal import BadInput
from domain.reviews import MAX_BATCH, MAX_NOTE, ReviewDecision
from domain.reviews import Shipment as DecidedShipment
from domain.text import Text
from domain.words import MAX_DETAIL, MAX_REF, between, optional_words, words
from resolvers.context import Context
from resolvers.service_orders.review_many import Batch, Plan, Result
from schema import ids, visible
from schema.idempotency import key_field
from schema.types.refusal import Refusal, present
from schema.types.service_order import ServiceOrder

_NOTE = f"up to {MAX_NOTE} characters"


@strawberry.input(description="①同意客户发货. The customer may send the goods.")
class ApproveInput:
    """An approval."""

    return_address_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where to; the merchant's default address if left out."
    )
    reason: str | None = strawberry.field(
        default=None, description="The code of a reason for use in `REVIEW`."
    )
    customer_note: str | None = strawberry.field(
        default=None, description=f"What to tell the customer, {_NOTE}."
    )

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
        return ReviewDecision(
            action=Action.APPROVE,
            return_address_id=address,
            reason=optional_words(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=_note(self.customer_note, *path, "customerNote"),
        )


@strawberry.input(description="②审核不通过. The request is turned down.")
class RejectInput:
    """A rejection."""

    reason: str = strawberry.field(description="The code of a reason for use in `REVIEW`.")
    customer_note: str = strawberry.field(description=f"What to tell the customer, {_NOTE}.")

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "reject")
        return ReviewDecision(
            action=Action.REJECT,
            reason=words(self.reason, *path, "reason", longest=MAX_REF),
            customer_note=words(self.customer_note, *path, "customerNote", longest=MAX_NOTE),
        )


@strawberry.input(
    description=(
        "③不退货补发新品. A new item is sent and nothing comes back. Give carrier and waybill, or "
        "`later: true`."
    )
)
class ResendInput:
    """A resend."""

    goods: str = strawberry.field(description=f"What is sent, up to {MAX_DETAIL} characters.")
    carrier: str | None = strawberry.field(default=None, description="By whom.")
    waybill: str | None = strawberry.field(default=None, description="The waybill.")
    later: bool = strawberry.field(
        default=False, description="True if carrier and waybill are not known yet."
    )
    customer_note: str = strawberry.field(description=f"What to tell the customer, {_NOTE}.")

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "resend")
        carrier = optional_words(self.carrier, *path, "carrier", longest=MAX_REF)
        waybill = optional_words(self.waybill, *path, "waybill", longest=MAX_REF)
        known = carrier is not None and waybill is not None
        if known == self.later or (carrier is None) != (waybill is None):
            said = Text("填写承运商和运单号, 或选择稍后填写", "Give carrier and waybill, or later.")
            raise BadInput((*path, "waybill"), said)
        return ReviewDecision(
            action=Action.RESEND,
            shipment=DecidedShipment(
                goods=words(self.goods, *path, "goods", longest=MAX_DETAIL),
                carrier=carrier,
                waybill=waybill,
            ),
            customer_note=words(self.customer_note, *path, "customerNote", longest=MAX_NOTE),
        )


@strawberry.input(
    description="④待客户反馈. The customer is asked; the review clock rests until the answer."
)
class RequestFeedbackInput:
    """A question."""

    question: str = strawberry.field(description=f"What to ask, {_NOTE}.")

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "requestFeedback", "question")
        return ReviewDecision(
            action=Action.REQUEST_FEEDBACK,
            customer_note=words(self.question, *path, longest=MAX_NOTE),
        )


@strawberry.input(description="⑤客户放弃. The customer does not want it any more.")
class RecordGiveUpInput:
    """The end of it."""

    customer_note: str = strawberry.field(
        description=f"What was agreed with the customer, {_NOTE}."
    )

    def read(self, _context: Context) -> ReviewDecision:
        path = ("decision", "recordGiveUp", "customerNote")
        return ReviewDecision(
            action=Action.RECORD_GIVE_UP,
            customer_note=words(self.customer_note, *path, longest=MAX_NOTE),
        )


@strawberry.input(one_of=True, description="Exactly one of the five outcomes.")
class ReviewDecisionInput:
    """A decision on one order."""

    approve: ApproveInput | None = strawberry.field(
        default=strawberry.UNSET, description="①同意客户发货."
    )
    reject: RejectInput | None = strawberry.field(
        default=strawberry.UNSET, description="②审核不通过."
    )
    resend: ResendInput | None = strawberry.field(
        default=strawberry.UNSET, description="③不退货补发新品."
    )
    request_feedback: RequestFeedbackInput | None = strawberry.field(
        default=strawberry.UNSET, description="④待客户反馈."
    )
    record_give_up: RecordGiveUpInput | None = strawberry.field(
        default=strawberry.UNSET, description="⑤客户放弃."
    )


@strawberry.input(one_of=True, description="Exactly one of the outcomes that a batch can have.")
class BatchDecisionInput:
    """A decision on many orders."""

    approve: ApproveInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="①同意客户发货. All orders must come from one application.",
    )
    reject: RejectInput | None = strawberry.field(
        default=strawberry.UNSET, description="②审核不通过."
    )
    record_give_up: RecordGiveUpInput | None = strawberry.field(
        default=strawberry.UNSET, description="⑤客户放弃."
    )


def decision_of(
    chosen: ReviewDecisionInput | BatchDecisionInput, context: Context
) -> ReviewDecision:
    """The one decision that was given. Raises BadInput."""
    given = next(one for one in vars(chosen).values() if one)
    decision: ReviewDecision = given.read(context)
    return decision


_EVIDENCE = (
    f"Pictures that were uploaded with `uploadEvidence`; {MAX_PICTURES} at most, or the review is "
    "refused as `TOO_MANY_PICTURES`."
)
EXPECTED_VERSION = (
    "The `version` that you saw. If the order has changed since, the answer is `STALE_VERSION`."
)


@strawberry.input(description="The review of one service order.")
class ReviewServiceOrderInput:
    """A review."""

    id: strawberry.ID = strawberry.field(description="Which order.")
    decision: ReviewDecisionInput = strawberry.field(description="What is decided.")
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description=_EVIDENCE
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    idempotency_key: str | None = key_field()


@strawberry.input(description="An order and the version of it that was seen.")
class ExpectedVersionInput:
    """What is expected of one order of a batch."""

    id: strawberry.ID = strawberry.field(description="Which order.")
    version: int = strawberry.field(description=EXPECTED_VERSION)


@strawberry.input(description="One decision on many service orders.")
class ReviewPlanInput:
    """A batch."""

    ids: list[strawberry.ID] = strawberry.field(
        description=f"Which orders, 1 to {MAX_BATCH}, each once."
    )
    decision: BatchDecisionInput = strawberry.field(description="What is decided on each.")
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description=_EVIDENCE
    )
    expected_versions: list[ExpectedVersionInput] = strawberry.field(
        default_factory=list, description="For those orders of which a version is expected."
    )

    def read(self, context: Context) -> Batch:
        """Raises BadInput or Refused."""
        asked = [_order_id(one, "ids", str(at)) for at, one in enumerate(self.ids)]
        return Batch(
            ids=asked,
            decision=decision_of(self.decision, context),
            pictures=pictures(context, self.evidence_ids),
            expected_versions=dict(self._expected(set(asked))),
        )

    def _expected(self, asked: set[int]) -> Iterator[tuple[int, int]]:
        for at, one in enumerate(self.expected_versions):
            path = ("expectedVersions", str(at))
            id_ = _order_id(one.id, *path, "id")
            if id_ not in asked:
                # Passing over it would decide what somebody meant to hold back.
                said = Text(
                    "服务单不在本批次, 或重复", "This order is not in `ids`, or came before."
                )
                raise BadInput((*path, "id"), said)
            asked.remove(id_)
            yield id_, between(one.version, *path, "version", least=1, most=2**31 - 1)


def _order_id(id_: str, *path: str) -> int:
    # Another merchant's order keeps its place in the batch and is not found there: its number is
    # looked for among the viewer's own orders, and ids are never shared.
    found = ids.decode(id_, *path)
    if found.type_name != "ServiceOrder":
        raise BadInput(path, Text("不是服务单的 ID", "This is not the id of a service order."))
    return ids.key_of("ServiceOrder", id_, *path)[1]


def pictures(context: Context, given: Sequence[str]) -> list[str]:
    """The hashes of the pictures. Raises BadInput or Refused."""
    merchant = context.viewer.merchant_id
    return [ids.picture_of(merchant, one, "evidenceIds", str(at)) for at, one in enumerate(given)]


def _note(value: str | None, *path: str) -> str | None:
    return optional_words(value, *path, longest=MAX_NOTE)


@strawberry.type(description="What became, or would become, of one order of a batch.")
class ReviewResult:
    """The result for one order."""

    index: int = strawberry.field(description="Its place in `ids`, from 0.")
    service_order: ServiceOrder | None = strawberry.field(
        description="The order as it is now; null if there is none that you may see."
    )
    done: bool = strawberry.field(
        description="Whether it is decided; in a plan, whether it would be."
    )
    replayed: bool = strawberry.field(
        description=(
            "Whether it was decided before, by a request with the same `idempotencyKey`; never in "
            "a plan."
        )
    )
    refusals: list[Refusal] = strawberry.field(
        description="Why it is not; empty exactly if `done`."
    )


@strawberry.type(description="What a batch would do.")
class ReviewPlan:
    """A plan."""

    results: list[ReviewResult] = strawberry.field(
        default_factory=list, description="The verdict on each order, in the order of `ids`."
    )
    plan_token: str | None = strawberry.field(
        default=None,
        description=(
            "Stands for all that this plan looked at. Give it to `reviewServiceOrders`, and the "
            "batch is refused whole if anything has changed. Null if it would be refused whole now."
        ),
    )
    refusals: list[Refusal] = strawberry.field(
        default_factory=list,
        description="Why the batch would be refused whole; empty if it would not.",
    )


def results_of(context: Context, results: Sequence[Result]) -> list[ReviewResult]:
    """The results as the API says them."""
    return [
        ReviewResult(
            index=at,
            service_order=_source(context, result),
            done=result.verdict.allowed,
            replayed=result.replayed,
            refusals=[present(one, context.language) for one in result.verdict.blockers],
        )
        for at, result in enumerate(results)
    ]


def plan_of(context: Context, plan: Plan) -> ReviewPlan:
    return ReviewPlan(results=results_of(context, plan.results), plan_token=plan.token)


def _source(context: Context, result: Result) -> Any:  # Any: a source stands for its object
    return visible.order(context.viewer, result.key) if result.key else None
