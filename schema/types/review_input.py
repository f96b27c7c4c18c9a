"""The inputs of a review: one order with its decision, or a batch with one decision for all."""

from collections.abc import Iterator, Sequence

import strawberry

from domain.desk.evidence import MAX_PICTURES
from domain.desk.reviews import MAX_BATCH
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import between
from resolvers.context import Context
from resolvers.service_orders.plan_review import Batch
from schema import ids
from schema.idempotency import key_field
from schema.types.decision_input import BatchDecisionInput, ReviewDecisionInput, decision_of

_MAX_VERSION = 2**31 - 1
_EVIDENCE = (
    f"The ids of pictures uploaded with `uploadEvidence`, at most {MAX_PICTURES}. More are refused "
    "with `TOO_MANY_PICTURES`."
)
EXPECTED_VERSION = (
    "The `version` of the order when the client read it. If the order has changed since, the "
    "request is refused with `STALE_VERSION`."
)


@strawberry.input(description="The review of one service order.")
class ReviewServiceOrderInput:
    """A review."""

    id: strawberry.ID = strawberry.field(description="The id of the service order.")
    decision: ReviewDecisionInput = strawberry.field(description="The decision.")
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description=_EVIDENCE
    )
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    idempotency_key: str | None = key_field()


@strawberry.input(description="The expected version of one service order of a batch.")
class ExpectedVersionInput:
    """The expected version of one order of a batch."""

    id: strawberry.ID = strawberry.field(description="The id of the service order.")
    version: int = strawberry.field(description=EXPECTED_VERSION)


@strawberry.input(description="One review decision on many service orders.")
class ReviewPlanInput:
    """A batch."""

    ids: list[strawberry.ID] = strawberry.field(
        description=f"The ids of 1 to {MAX_BATCH} different service orders."
    )
    decision: BatchDecisionInput = strawberry.field(description="The decision on every order.")
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description=_EVIDENCE
    )
    expected_versions: list[ExpectedVersionInput] = strawberry.field(
        default_factory=list,
        description="The expected versions of orders of the batch. Each order at most once.",
    )

    def read(self, context: Context) -> Batch:
        """Raises BadInput or Refused."""
        orders = order_ids(self.ids)
        return Batch(
            ids=orders,
            decision=decision_of(self.decision, context),
            pictures=pictures(context, self.evidence_ids),
            expected_versions=dict(self._expected(set(orders))),
        )

    def _expected(self, orders: set[int]) -> Iterator[tuple[int, int]]:
        for index, expected in enumerate(self.expected_versions):
            path = ("expectedVersions", str(index))
            order = any_order_number(expected.id, *path, "id")
            if order not in orders:
                # Ignoring it would decide an order that the client meant to protect.
                text = Text(
                    "服务单不在本批次, 或重复",
                    "This order is not in `ids`, or is given more than once.",
                )
                raise BadInput((*path, "id"), text)
            orders.remove(order)
            yield order, between(expected.version, *path, "version", least=1, most=_MAX_VERSION)


def order_ids(ids_: Sequence[str]) -> list[int]:
    """The row ids of the orders of a batch. Raises BadInput."""
    return [any_order_number(id_, "ids", str(index)) for index, id_ in enumerate(ids_)]


def any_order_number(id_: str, *path: str) -> int:
    """The row's id of an order. Raises BadInput.

    An id of another merchant's order is not refused here: it keeps its place in the batch, and is
    not found among the viewer's own orders.
    """
    global_id = ids.decode(id_, *path)
    if global_id.type_name != "ServiceOrder":
        raise BadInput(path, Text("不是服务单的 ID", "This is not the id of a service order."))
    return ids.key_in(global_id, "ServiceOrder", *path)[1]


def pictures(context: Context, evidence_ids: Sequence[str], *path: str) -> list[str]:
    """The hashes of the pictures. Raises BadInput or Refused."""
    merchant = context.viewer.merchant_id
    return [
        ids.picture_of(merchant, id_, *path, "evidenceIds", str(index))
        for index, id_ in enumerate(evidence_ids)
    ]
