"""Trying an evaluation plan on past months, before it is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.quality.figures import Tallies
from domain.quality.metrics import DEFINITIONS, QUANTILES
from domain.quality.periods import Period
from domain.quality.plans import Plan
from domain.quality.previews import Preview, preview
from domain.quality.snapshots import name_of
from models.queries import evaluation_plans
from models.queries.quality_preview import count_of_merchants, enabled_merchants
from resolvers.context import Context

MERCHANTS: Final = 500
"""The most merchants of an answer."""


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """A page of merchants. ``version`` is that of the current plan, 0 without one."""

    version: int
    merchants: Sequence[Preview]
    has_more: bool


async def preview_plan(
    context: Context, draft: Plan, months: Sequence[Period], *, after: int
) -> PlanPreview:
    """Score the enabled merchants after one by the current plan and by the draft."""
    async with context.read() as connection:
        current = await evaluation_plans.find_current(connection)
        rows = await enabled_merchants(connection, after=after, most=MERCHANTS + 1)
        ids = rows[:MERCHANTS]
        plan = None if current is None else current.plan
        quantiles = any(
            DEFINITIONS[criterion.metric].measure in QUANTILES
            for criterion in (*draft, *(plan or ()))
        )
        counted = [
            (
                name_of(month),
                await count_of_merchants(connection, ids, month, quantiles=quantiles),
            )
            for month in months
        ]
    none = Tallies()
    previews = [
        preview(id_, [(name, tallies.get(id_, none)) for name, tallies in counted], plan, draft)
        for id_ in ids
    ]
    return PlanPreview(0 if current is None else current.version, previews, len(rows) > MERCHANTS)
