"""The tables of evaluation plans, and of what they said of each month."""

from datetime import datetime
from typing import Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import Stored, big, json, whole
from models.tables import table_of

UNSCORED: Final = -1
"""The score of a snapshot without one: below all others, because pages are in its order."""


class EvaluationPlan(SQLModel, table=True):
    """A plan that the platform published; see ``domain.quality.plans``. No row ever changes."""

    __tablename__ = "evaluation_plan"

    version: int = whole(primary_key=True)
    content: Stored = json()
    note: str | None = Field(default=None, max_length=200)
    published_by: str = Field(max_length=64)
    published_at: datetime


class QualitySnapshot(SQLModel, table=True):
    """A merchant's figures and score of a month, ``YYYY-MM``. No row ever changes.

    ``plan_version`` is null, and there is no score, if no plan was published by the end of the
    month. ``score`` is in ``STEPS`` of a point, or ``UNSCORED``.
    """

    __tablename__ = "quality_snapshot"
    __table_args__ = (Index("ix_quality_snapshot_month_score", "month", "score", "merchant_id"),)

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    month: str = Field(primary_key=True, max_length=7)
    time_zone: str = Field(max_length=64)
    definitions_version: int
    plan_version: int | None = None
    figures: Stored = json()
    score: int
    explains: list[Stored] = json()
    made_at: datetime


class QualityBenchmark(SQLModel, table=True):
    """The quartiles of a month over its snapshots; see ``domain.quality.benchmarks``.

    It belongs to no merchant: merchants read it, and it tells of none. ``merchants`` is the number
    of snapshots that there were: with another number, it is made anew.
    """

    __tablename__ = "quality_benchmark"

    month: str = Field(primary_key=True, max_length=7)
    merchants: int
    content: Stored = json()


evaluation_plans = table_of(EvaluationPlan)
quality_snapshots = table_of(QualitySnapshot)
quality_benchmarks = table_of(QualityBenchmark)
