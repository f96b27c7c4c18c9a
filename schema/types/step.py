"""The input and the payload of a step: a mutation that changes one service order."""

import strawberry

from resolvers.context import Context
from resolvers.service_orders.act import StepOutcome
from schema import ids, visible
from schema.idempotency import key_field, replayed_field
from schema.types.payload import refusals_field
from schema.types.queue_summary import QueueSummary, queue_summary_field
from schema.types.refusal import Refusal
from schema.types.review_input import EXPECTED_VERSION
from schema.types.service_order import ServiceOrder

CURRENT_ORDER = (
    "The order as it is now: after the change, or, beside refusals, as it stands without it. Null "
    "if it does not exist or the viewer may not see it."
)


@strawberry.input(description="A step of one service order.")
class StepInput:
    """The fields of every step."""

    id: strawberry.ID = strawberry.field(description="The id of the service order.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)
    idempotency_key: str | None = key_field()


@strawberry.type(description="The service order after the step.")
class ServiceOrderPayload:
    """The payload of a step."""

    service_order: ServiceOrder | None = strawberry.field(default=None, description=CURRENT_ORDER)
    replayed: bool = replayed_field()
    queue_summary: QueueSummary | None = queue_summary_field()
    refusals: list[Refusal] = refusals_field()


def order_number(context: Context, id_: str) -> int:
    """The row's id of the viewer's order. Raises BadInput or Refused."""
    return ids.within(context.merchant_id, "ServiceOrder", id_, "id")


def payload_of(context: Context, outcome: StepOutcome) -> ServiceOrderPayload:
    order = visible.order(context.viewer, outcome.key, outcome.written)
    return ServiceOrderPayload(service_order=order)
