"""The score of a merchant's month: its snapshot, or until there is one what it would be now."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.quality.benchmarks import Quartiles
from domain.quality.figures import Tallies, figures
from domain.quality.metrics import VERSION
from domain.quality.periods import Period
from domain.quality.scores import NO_SCORE, MonthScore, score, steps_of
from domain.quality.snapshots import end_of, name_of
from models.queries import evaluation_plans, quality_snapshots
from models.queries.quality_tallies import Scope, count_cases, standing
from resolvers.context import Context


async def month_score(
    context: Context, merchant_id: int, month: Period
) -> tuple[MonthScore, Mapping[str, Quartiles]]:
    """The score and the benchmark. Raises Refused(NotFound)."""
    async with context.read() as connection:
        state = await standing(connection, merchant_id)
        benchmark = await quality_snapshots.find_benchmark(connection, name_of(month))
        made = await quality_snapshots.find(connection, merchant_id, name_of(month))
        scored = made or await _live(connection, merchant_id, month, state.time_zone)
    return scored, benchmark


async def _live(
    connection: AsyncConnection, merchant_id: int, month: Period, time_zone: str
) -> MonthScore:
    """The score that the month has by its cases up to now, and the plan that its snapshot has."""
    end = end_of(month, ZoneInfo(time_zone))
    current = await evaluation_plans.find_current(connection, before=end)
    counted = await count_cases(connection, Scope(merchant_id=merchant_id, period=month))
    values = figures(counted.get(None, Tallies()))
    live = NO_SCORE if current is None else score(current.plan, values)
    return MonthScore(
        merchant_id=merchant_id,
        month=name_of(month),
        time_zone=time_zone,
        definitions_version=VERSION,
        plan_version=None if current is None else current.version,
        figures=values,
        score=steps_of(live.value),
        explains=[explanation.stored() for explanation in live.explanations],
        made_at=None,
    )
