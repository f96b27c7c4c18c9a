"""The tables of monitoring: thresholds of figures, alerts, and their log."""

from datetime import datetime
from typing import Final

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from domain.quality.metrics import Metric
from domain.quality.thresholds import AlertChange, SetBy
from models.columns import Stored, big, enum, json, whole
from models.tables import table_of, within_tenant

IS_OPEN: Final = "recovered_at IS NULL"
"""The condition for rows of alerts that have not recovered."""


class QualityWatch(SQLModel, table=True):
    """A merchant's own thresholds, and up to what its figures were compared with all in force.

    ``number`` is that of its thresholds; ``version`` counts how often the merchant set them, and
    ``turn`` all changes of the row: a worker that read an earlier turn compares anew.
    ``position`` is that of the head of the cases, ``compared_version`` and ``platform_version``
    are those of the thresholds that were compared.
    """

    __tablename__ = "quality_watch"

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    version: int = 0
    thresholds: list[Stored] = json(default_factory=list)
    number: int = 0
    turn: int = big(default=0)
    position: int = big(default=0)
    compared_version: int = 0
    platform_version: int = 0
    compared_at: datetime | None = None


class PlatformThresholds(SQLModel, table=True):
    """The platform's thresholds, which hold for every merchant: one row, with the id 1."""

    __tablename__ = "platform_thresholds"

    id: int = whole(primary_key=True)
    version: int
    thresholds: list[Stored] = json(default_factory=list)


class QualityAlert(SQLModel, table=True):
    """An alert: a figure of a merchant went beyond a threshold.

    ``key`` names the threshold: a merchant has one open alert of each. ``threshold`` is a copy of
    it as it was then. ``recovered_value`` is null also if the threshold was removed.
    """

    __tablename__ = "quality_alert"
    __table_args__ = (
        Index(
            "uq_quality_alert_open",
            "merchant_id",
            "key",
            unique=True,
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index(
            "ix_quality_alert_open",
            "merchant_id",
            "id",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index(
            "ix_quality_alert_open_anywhere",
            "id",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index("ix_quality_alert_anywhere", "id"),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    key: str = Field(max_length=96)
    set_by: SetBy = enum(SetBy)
    metric: Metric = enum(Metric)
    threshold: Stored = json()
    value: float
    denominator: int
    raised_at: datetime
    recovered_at: datetime | None = None
    recovered_value: float | None = None


class QualityAlertEvent(SQLModel, table=True):
    """An entry of the log of alerts. Rows are never updated or deleted.

    ``position`` ascends over all merchants in the order of the commits: see
    ``models.queries.alerts``.
    """

    __tablename__ = "quality_alert_event"
    __table_args__ = (
        within_tenant("alert_id", "quality_alert"),
        Index("ix_quality_alert_event_position", "position"),
    )

    merchant_id: int = big(primary_key=True)
    position: int = big(primary_key=True)
    alert_id: int = big()
    change: AlertChange = enum(AlertChange)
    at: datetime


quality_watches = table_of(QualityWatch)
platform_thresholds = table_of(PlatformThresholds)
quality_alerts = table_of(QualityAlert)
quality_alert_events = table_of(QualityAlertEvent)
