"""Mutations of evaluation plans."""

import strawberry

from domain.permissions import Permission
from domain.words import MAX_DETAIL, between, optional_line
from execution.sources import object_source
from resolvers.quality.publish_plan import publish_plan
from schema.fields import Info, mutation
from schema.types.evaluation import EvaluationPlan, EvaluationPlanInput
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal

_MOST_VERSIONS = 2**31 - 2


@strawberry.input(description="The evaluation plan to publish.")
class PublishEvaluationPlanInput:
    """A plan to publish."""

    plan: EvaluationPlanInput = strawberry.field(description="The plan.")
    expected_version: int = strawberry.field(
        description="The version of the current plan; 0 if there is none."
    )
    note: str | None = strawberry.field(
        default=None,
        description=f"What changes, and why. At most {MAX_DETAIL} characters.",
    )


@strawberry.type(description="The published evaluation plan.")
class PublishEvaluationPlanPayload:
    """A published plan."""

    evaluation_plan: EvaluationPlan | None = strawberry.field(
        default=None, description="The plan. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class EvaluationMutations:
    """Mutations of evaluation plans."""

    @mutation(Permission.QUALITY_MANAGE)
    async def publish_evaluation_plan(
        self, info: Info, input: PublishEvaluationPlanInput
    ) -> PublishEvaluationPlanPayload:
        """发布评价方案. Publishes a new version of the evaluation plan.

        It holds for the current month and those that follow. Earlier versions are kept, and the
        snapshots of earlier months do not change. Refused with `EVALUATION_PLAN_OUTDATED` if
        somebody else published meanwhile, so that a request can be sent again safely.
        """
        version = await publish_plan(
            info.context,
            input.plan.read("plan"),
            note=optional_line(input.note, "note", longest=MAX_DETAIL),
            expected_version=between(
                input.expected_version, "expectedVersion", least=0, most=_MOST_VERSIONS
            ),
        )
        return PublishEvaluationPlanPayload(
            evaluation_plan=object_source("EvaluationPlan", (version,))
        )
