"""What the platform expects of the demo's merchants: its evaluation plan and its thresholds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from demo.enrolments import PLATFORM_STAFF
from demo.people import Shop
from demo.schedule import HISTORY
from domain.quality.metrics import Metric
from domain.quality.plans import Criterion, Plan, plan_of
from domain.quality.thresholds import Side, Threshold
from models.queries import evaluation_plans, thresholds
from models.queries.thresholds import ThresholdSet

PUBLISHED_BEFORE_HISTORY: Final = timedelta(days=40)
"""How long before the first order the plan was published: it holds for every month with orders."""

PLAN: Final[Plan] = plan_of(
    [
        Criterion(metric=metric, target=target, floor=floor, weight=weight, minimum=minimum)
        for metric, target, floor, weight, minimum in (
            (Metric.ON_TIME_REVIEW, 0.98, 0.7, 25, 20),
            (Metric.REVIEW_HOURS_MEAN, 8, 36, 10, 20),
            (Metric.ON_TIME_PROCESSING, 0.95, 0.4, 20, 15),
            (Metric.HANDLING_HOURS_MEAN, 36, 96, 10, 15),
            (Metric.INTERVENTION, 0.01, 0.2, 10, 15),
            (Metric.UNSOLVED, 0.04, 0.3, 10, 15),
            (Metric.SATISFACTION, 4.6, 2, 15, 10),
        )
    ]
)

THRESHOLDS: Final = tuple(
    Threshold(metric=metric, side=side, limit=limit, days=30, minimum=minimum)
    for metric, side, limit, minimum in (
        (Metric.ON_TIME_REVIEW, Side.BELOW, 0.7, 30),
        (Metric.ON_TIME_PROCESSING, Side.BELOW, 0.65, 20),
        (Metric.BAD_REVIEWS, Side.ABOVE, 0.4, 20),
        (Metric.INTERVENTION, Side.ABOVE, 0.25, 20),
    )
)
"""``food`` leaves decisions to the clock and crosses the first. ``outdoor`` leaves goods lying and
crosses the second and the third."""

OWN_THRESHOLDS: Final[Mapping[str, Sequence[Threshold]]] = {
    "digital": (
        Threshold(metric=Metric.REVIEW_HOURS_P90, side=Side.ABOVE, limit=16, days=30, minimum=50),
    ),
}
"""Those of merchants themselves, by key. The best one is strict with itself, and beyond its own."""


async def publish(connection: AsyncConnection, shops: Iterable[Shop], now: datetime) -> None:
    """Publish the plan and set the thresholds, the platform's and those of the merchants."""
    await evaluation_plans.insert(
        connection,
        1,
        PLAN,
        note="首版评价方案",
        published_by=PLATFORM_STAFF,
        published_at=now - HISTORY - PUBLISHED_BEFORE_HISTORY,
    )
    await thresholds.replace_platforms(connection, ThresholdSet(1, THRESHOLDS))
    for shop in shops:
        if own := OWN_THRESHOLDS.get(shop.plan.key):
            await thresholds.replace_merchants(connection, shop.id, ThresholdSet(1, own))
