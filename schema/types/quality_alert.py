"""Thresholds of figures, the alerts that they raise, and the log of alerts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import strawberry

from domain.quality.metrics import Metric
from domain.quality.thresholds import (
    LIMITS,
    LONGEST_WINDOW,
    MAX_MINIMUM,
    MAX_THRESHOLDS,
    AlertChange,
    SetBy,
    Side,
    Threshold,
    limits_of,
)
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import at_most, between
from models.alerts import quality_alert_events, quality_alerts
from models.merchant import merchants
from models.queries.thresholds import ThresholdSet
from projection.conditions import Template, equals
from projection.pages import Order
from resolvers.context import Context
from resolvers.quality.set_thresholds import Thresholds
from schema import ids
from schema.enums import described
from schema.fields import column, computed, one, projected
from schema.types.merchant import Merchant
from schema.types.quality import QualityMetricDefinition  # noqa: F401 - registers the metrics

_MAX_VERSION: Final = 2**31 - 1
_LIMIT: Final = "; ".join(
    f"{least:.0f} to {most:,.0f} for a figure in `{unit}`" for unit, (least, most) in LIMITS.items()
)

described(
    Side,
    "On which side of its limit a figure is bad.",
    {
        Side.ABOVE: Text("高于", "A figure greater than the limit is bad"),
        Side.BELOW: Text("低于", "A figure smaller than the limit is bad"),
    },
    name="QualityThresholdSide",
)
described(
    SetBy,
    "Who set a threshold.",
    {
        SetBy.PLATFORM: Text("平台", "The platform, for every merchant"),
        SetBy.MERCHANT: Text("商家", "The merchant, for itself"),
    },
    name="QualityThresholdOwner",
)
described(
    AlertChange,
    "What happened to an alert.",
    {
        AlertChange.RAISED: Text("触发预警", "The figure went beyond the limit"),
        AlertChange.RECOVERED: Text(
            "恢复", "The figure is within the limit again, or the threshold was removed"
        ),
    },
    name="QualityAlertChange",
)


@strawberry.type(
    description=(
        "预警阈值. A limit of a figure. The figure is that of the last `days` days, today "
        "included, in the merchant's time zone."
    )
)
class QualityThreshold:
    """A threshold."""

    metric: Metric = strawberry.field(description="The figure.")
    side: Side = strawberry.field(description="On which side of the limit the figure is bad.")
    limit: float = strawberry.field(
        description="The limit, in the unit of the figure. The limit itself is still good."
    )
    days: int = strawberry.field(description="The number of days.")
    minimum_cases: int = strawberry.field(
        description="With fewer cases than this, the figure neither raises an alert nor ends one."
    )


@strawberry.type(description="The thresholds of a merchant, or of the platform.")
class QualityThresholds:
    """All thresholds."""

    version: int = strawberry.field(
        description="How often `thresholds` were set. Send it as `expectedVersion`."
    )
    thresholds: list[QualityThreshold] = strawberry.field(
        description=(
            "The thresholds of the merchant; for the platform's staff who name no merchant, those "
            "of the platform."
        )
    )
    platform: list[QualityThreshold] = strawberry.field(
        description="The platform's thresholds, which hold for every merchant as well."
    )


@strawberry.input(description="预警阈值. A limit of a figure.")
class QualityThresholdInput:
    """A threshold as entered."""

    metric: Metric = strawberry.field(description="The figure.")
    side: Side = strawberry.field(description="On which side of the limit the figure is bad.")
    limit: float = strawberry.field(description=f"The limit, in the unit of the figure: {_LIMIT}.")
    days: int = strawberry.field(
        description=(
            f"The number of days that the figure covers, 1 to {LONGEST_WINDOW}. They end today."
        )
    )
    minimum_cases: int = strawberry.field(
        default=1,
        description=(
            "With fewer cases than this, the figure neither raises an alert nor ends one. 0 to "
            f"{MAX_MINIMUM:,}."
        ),
    )

    def read(self, *path: str) -> Threshold:
        """Raises BadInput."""
        least, most = limits_of(self.metric)
        if not least <= self.limit <= most:
            message = Text(
                f"须为 {least:.0f} 至 {most:,.0f}",
                f"The limit must be {least:.0f} to {most:,.0f}.",
            )
            raise BadInput((*path, "limit"), message)
        return Threshold(
            metric=self.metric,
            side=self.side,
            limit=self.limit,
            days=between(self.days, *path, "days", least=1, most=LONGEST_WINDOW),
            minimum=between(self.minimum_cases, *path, "minimumCases", least=0, most=MAX_MINIMUM),
        )


@strawberry.input(description="All thresholds of the merchant, or of the platform.")
class SetQualityThresholdsInput:
    """The thresholds to set."""

    thresholds: list[QualityThresholdInput] = strawberry.field(
        description=(
            f"The thresholds, at most {MAX_THRESHOLDS}. An empty list removes all. The open alerts "
            "of thresholds that are removed end."
        )
    )
    expected_version: int = strawberry.field(
        description=(
            "The `version` of the thresholds when the client read them. If somebody has set them "
            "since, the request is refused with `QUALITY_THRESHOLDS_CHANGED`."
        )
    )

    def read(self) -> tuple[list[Threshold], int]:
        """The thresholds and the expected version. Raises BadInput."""
        at_most(self.thresholds, "thresholds", most=MAX_THRESHOLDS)
        values = [
            value.read("thresholds", str(index)) for index, value in enumerate(self.thresholds)
        ]
        version = between(self.expected_version, "expectedVersion", least=0, most=_MAX_VERSION - 1)
        return values, version


def thresholds_of(thresholds: Thresholds) -> QualityThresholds:
    """The thresholds as the API shows them."""
    return QualityThresholds(
        version=thresholds.own.version,
        thresholds=_all(thresholds.own),
        platform=_all(thresholds.platform),
    )


def _all(thresholds: ThresholdSet) -> list[QualityThreshold]:
    return [_shown(threshold) for threshold in thresholds.thresholds]


def _shown(threshold: Threshold) -> QualityThreshold:
    return QualityThreshold(
        metric=threshold.metric,
        side=threshold.side,
        limit=threshold.limit,
        days=threshold.days,
        minimum_cases=threshold.minimum,
    )


def _stored(_context: Context, stored: Mapping[str, Any]) -> QualityThreshold:  # Any: JSON
    return _shown(Threshold.read(stored))


@projected(
    quality_alerts,
    joins={merchants: lambda alert, merchant: merchant.c.id == alert.c.merchant_id},
)
@strawberry.type(
    description=(
        "质量预警. An alert: a figure of a merchant went beyond a threshold. A threshold has one "
        "alert at a time: it is raised once, and recovers once."
    )
)
class QualityAlert:
    """An alert."""

    id: strawberry.ID = computed(
        ids.of_tenant("QualityAlert"),
        (quality_alerts.c.merchant_id, quality_alerts.c.id),
        "The globally unique id.",
    )
    merchant: Merchant = one("Merchant", merchants, "The merchant.")
    metric: Metric = column(quality_alerts.c.metric, "The figure.")
    owner: SetBy = column(quality_alerts.c.set_by, "Who set the threshold.")
    threshold: QualityThreshold = computed(
        _stored, (quality_alerts.c.threshold,), "The threshold, as it was when it was crossed."
    )
    value: float = column(quality_alerts.c.value, "The figure when the alert was raised.")
    denominator: int = column(
        quality_alerts.c.denominator, "The number of cases that the figure considered then."
    )
    raised_at: datetime = column(quality_alerts.c.raised_at, "When the alert was raised.")
    recovered_at: datetime | None = column(
        quality_alerts.c.recovered_at, "When the alert ended. Null while it is open."
    )
    recovered_value: float | None = column(
        quality_alerts.c.recovered_value,
        "The figure when the alert ended. Null while it is open, if the threshold was removed, and "
        "if the figure had no case any more.",
    )


ALERTS: Final = Order("quality alerts", (quality_alerts.c.id,), descending=True)
ALERT_OF: Final = equals(quality_alerts.c.merchant_id)
IS_OPEN: Final = Template(lambda: quality_alerts.c.recovered_at.is_(None))
IS_OVER: Final = Template(lambda: quality_alerts.c.recovered_at.is_not(None))

LOG: Final = Order("quality alert events", (quality_alert_events.c.position,))
EVENT_OF: Final = equals(quality_alert_events.c.merchant_id)


@projected(
    quality_alert_events,
    joins={
        quality_alerts: lambda event, alert: (
            (alert.c.merchant_id == event.c.merchant_id) & (alert.c.id == event.c.alert_id)
        ),
    },
)
@strawberry.type(
    description="预警动态. An entry of the log of alerts: one was raised, or has recovered."
)
class QualityAlertEvent:
    """An entry of the log."""

    cursor: str = computed(
        lambda _context, position: LOG.encode_cursor([position]),
        (quality_alert_events.c.position,),
        "The position in the log, for use as `after`.",
    )
    change: AlertChange = column(quality_alert_events.c.change, "What happened.")
    at: datetime = column(quality_alert_events.c.at, "When it happened.")
    alert: QualityAlert = one("QualityAlert", quality_alerts, "The alert as it is now.")
