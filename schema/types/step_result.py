"""The answer of a batch of steps: a result for each order."""

from collections.abc import Sequence

import strawberry

from resolvers.context import Context
from resolvers.service_orders.batch import Result
from schema import visible
from schema.types.payload import refusals_field
from schema.types.queue_summary import QueueSummary, queue_summary_field
from schema.types.refusal import Refusal, present
from schema.types.service_order import ServiceOrder


@strawberry.type(description="The result for one order of a batch.")
class StepResult:
    """The result for one order."""

    index: int = strawberry.field(description="The position of the order in the input, from 0.")
    service_order: ServiceOrder | None = strawberry.field(
        description="The current order. Null if it does not exist or the viewer may not see it."
    )
    done: bool = strawberry.field(description="Whether the step was taken.")
    replayed: bool = strawberry.field(
        description="Whether an earlier request with the same `idempotencyKey` took the step."
    )
    refusals: list[Refusal] = strawberry.field(
        description="The reasons why the step was refused. Empty if `done` is true."
    )


@strawberry.type(description="The results of a batch.")
class StepResultsPayload:
    """The payload of a batch of steps."""

    results: list[StepResult] = strawberry.field(
        default_factory=list,
        description=(
            "The result for each order, in the order of the input. Empty if the whole batch was "
            "refused."
        ),
    )
    replayed: bool = strawberry.field(
        default=False,
        description=(
            "Whether an earlier request with the same `idempotencyKey` ran this batch. Orders for "
            "which it took the step are `replayed` in `results`; the others are tried again."
        ),
    )
    queue_summary: QueueSummary | None = queue_summary_field()
    refusals: list[Refusal] = refusals_field()


def step_results(context: Context, results: Sequence[Result]) -> StepResultsPayload:
    return StepResultsPayload(
        results=[
            StepResult(
                index=index,
                service_order=visible.order(context.viewer, result.key) if result.key else None,
                done=result.verdict.allowed,
                replayed=result.replayed,
                refusals=present(result.verdict.blockers, context),
            )
            for index, result in enumerate(results)
        ]
    )
