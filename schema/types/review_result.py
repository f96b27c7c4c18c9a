"""The answers of a batch review: a result for each order, and the plan of a batch."""

from collections.abc import Sequence
from typing import Any

import strawberry

from domain.destinations import Destination
from resolvers.context import Context
from resolvers.service_orders.batch import Result
from resolvers.service_orders.plan_review import Plan
from schema import visible
from schema.types.merchant import PostalAddress, postal
from schema.types.refusal import Refusal, present
from schema.types.service_order import ServiceOrder


@strawberry.type(description="The result, or the planned result, for one order of a batch.")
class ReviewResult:
    """The result for one order."""

    index: int = strawberry.field(description="The position of the order in `ids`, from 0.")
    service_order: ServiceOrder | None = strawberry.field(
        description="The current order. Null if it does not exist or the viewer may not see it."
    )
    done: bool = strawberry.field(
        description="Whether the decision was made; in a plan, whether it would be made."
    )
    replayed: bool = strawberry.field(
        description=(
            "Whether an earlier request with the same `idempotencyKey` made the decision. Always "
            "false in a plan."
        )
    )
    refusals: list[Refusal] = strawberry.field(
        description="The reasons why the decision was refused. Empty if `done` is true."
    )
    return_address: PostalAddress | None = strawberry.field(
        description="In the plan of an approval: where the goods would go. Null otherwise."
    )
    return_address_rule: str | None = strawberry.field(
        description=(
            "In the plan of an approval: why they would go there, as in `ReviewDecision`. Null "
            "otherwise."
        )
    )


@strawberry.type(description="The plan of a batch: what the batch would do.")
class ReviewPlan:
    """A plan."""

    results: list[ReviewResult] = strawberry.field(
        default_factory=list,
        description="The planned result for each order, in the order of `ids`.",
    )
    plan_token: str | None = strawberry.field(
        default=None,
        description=(
            "A token that stands for all data the plan is based on. Send it to "
            "`reviewServiceOrders` to refuse the batch if that data has changed. Null if the whole "
            "batch would be refused."
        ),
    )
    refusals: list[Refusal] = strawberry.field(
        default_factory=list,
        description=(
            "The reasons why the whole batch would be refused. Empty if it would be accepted."
        ),
    )


def results_of(context: Context, results: Sequence[Result]) -> list[ReviewResult]:
    return [
        ReviewResult(
            index=index,
            service_order=_service_order(context, result),
            done=result.verdict.allowed,
            replayed=result.replayed,
            refusals=present(result.verdict.blockers, context),
            **_destination(result.destination),
        )
        for index, result in enumerate(results)
    ]


def _destination(planned: Destination | None) -> dict[str, Any]:  # Any: arguments of a result
    return {
        "return_address": None if planned is None else postal(planned.address.stored()),
        "return_address_rule": None if planned is None else planned.rule,
    }


def plan_of(context: Context, plan: Plan) -> ReviewPlan:
    return ReviewPlan(results=results_of(context, plan.results), plan_token=plan.token)


def _service_order(context: Context, result: Result) -> Any:  # Any: a source stands for its object
    return visible.order(context.viewer, result.key) if result.key else None
