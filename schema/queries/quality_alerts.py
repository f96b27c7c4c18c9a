"""Queries of thresholds and alerts of service quality."""

from typing import Annotated, Final

import strawberry

from domain.permissions import Permission
from execution.sources import page_source
from projection.conditions import Conditions
from resolvers.feed.read_feed import feed_for
from resolvers.quality.set_thresholds import read_thresholds
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.types.node import Connection
from schema.types.quality_alert import (
    ALERT_OF,
    ALERTS,
    EVENT_OF,
    IS_OPEN,
    IS_OVER,
    LOG,
    QualityAlert,
    QualityAlertEvent,
    QualityThresholds,
    thresholds_of,
)

READERS: Final = (Permission.QUALITY_READ, Permission.MERCHANT_READ)

AlertMerchant = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="The merchant. The platform's staff may leave it out, for all merchants."
    ),
]


@strawberry.type
class QualityAlertQueries:
    """Queries of alerts."""

    @query(*READERS, Permission.SETTINGS_MANAGE, Permission.QUALITY_MANAGE)
    async def quality_thresholds(
        self, info: Info, merchant_id: AlertMerchant = None
    ) -> QualityThresholds:
        """预警阈值. Returns the thresholds of a merchant, or of the platform."""
        context = info.context
        named = ids.optional_merchant(merchant_id, "merchantId")
        is_platforms = named is None and context.viewer.may(Permission.QUALITY_MANAGE)
        merchant = None if is_platforms else feed_for(context, named)
        return thresholds_of(await read_thresholds(context, merchant))

    @query(*READERS)
    def quality_alerts(
        self,
        info: Info,
        *,
        open: Annotated[
            bool | None,
            strawberry.argument(description="True: open alerts. False: alerts that have ended."),
        ] = None,
        merchant_id: AlertMerchant = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[QualityAlert]:
        """质量预警. Returns alerts, the latest first."""
        merchant = feed_for(info.context, ids.optional_merchant(merchant_id, "merchantId"))
        where: Conditions = () if merchant is None else (ALERT_OF(merchant),)
        if open is not None:
            where = (*where, IS_OPEN() if open else IS_OVER())
        return page_source("QualityAlert", where, ALERTS, window(first, after, last, before))

    @query(*READERS)
    def quality_alert_events(
        self,
        info: Info,
        *,
        merchant_id: AlertMerchant = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[QualityAlertEvent]:
        """预警动态. Returns the log of alerts, oldest first.

        Each entry appears once, and none appears later before a cursor. The subscription
        `qualityAlerts` goes on after a cursor of it.
        """
        context = info.context
        merchant = feed_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        context.reads_primary = True  # a replica may not have what a stream has shown
        where: Conditions = () if merchant is None else (EVENT_OF(merchant),)
        return page_source("QualityAlertEvent", where, LOG, window(first, after, last, before))
