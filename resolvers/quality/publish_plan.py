"""Publishing an evaluation plan: a new version, which holds from the current month on."""

from domain.quality.plans import Plan
from domain.refusals.evaluation import EvaluationPlanOutdated, EvaluationPlanUnchanged
from domain.refusals.refusal import Refused
from models.queries import evaluation_plans
from resolvers.context import Context

PATH = ("expectedVersion",)


async def publish_plan(
    context: Context, plan: Plan, *, note: str | None, expected_version: int
) -> int:
    """Return the new version. Raises Refused.

    The key of the row decides between two who publish at the same time.
    """
    async with context.write() as connection:
        current = await evaluation_plans.find_current(connection)
        version = 0 if current is None else current.version
        if version != expected_version:
            raise Refused(EvaluationPlanOutdated(current_version=version, path=PATH))
        if current is not None and current.plan == plan:
            raise Refused(EvaluationPlanUnchanged(current_version=version, path=("plan",)))
        is_next = await evaluation_plans.insert(
            connection,
            version + 1,
            plan,
            note=note,
            published_by=context.viewer.name,
            published_at=context.now,
        )
        if not is_next:
            raise Refused(EvaluationPlanOutdated(current_version=version + 1, path=PATH))
    return version + 1
