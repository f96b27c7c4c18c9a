"""Queries of the work of employees: of one in a period, and of all on a day."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from resolvers.quality.activity import activity, daily_summary, employee_for
from resolvers.tenancy import merchant_for
from schema import ids
from schema.access import forbidden
from schema.arguments import After, Before, First, Last, window, window_of
from schema.days import read_day
from schema.fields import SIGNED_IN, Info, query
from schema.queries.quality import READERS, QualityMerchant
from schema.types.quality import QualityPeriod
from schema.types.quality_activity import (
    WORK_CASES,
    DailySummary,
    QualityActivity,
    activity_of,
    summary_of,
)


@strawberry.type
class QualityActivityQueries:
    """Queries of the work of employees."""

    @query(SIGNED_IN)
    async def activity(
        self,
        info: Info,
        *,
        period: Annotated[
            QualityPeriod,
            strawberry.argument(description="The days, in the merchant's time zone."),
        ],
        employee_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description=(
                    "The employee. Leave out for yourself. Anybody else takes the permission "
                    "`QUALITY_READ`."
                )
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> QualityActivity:
        """员工动态. Returns what an employee did in a period.

        Employees read their own activity without a permission. `first`, `after`, `last` and
        `before` are those of `cases`.
        """
        context = info.context
        named = None if employee_id is None else ids.key_of("Employee", employee_id, "employeeId")
        key = employee_for(context, named)
        if key is None:
            raise forbidden(Permission.QUALITY_READ, context.language)
        days = period.read("period")
        pages = window_of(WORK_CASES, window(first, after, last, before))
        return activity_of(context, await activity(context, key, days), pages)

    @query(*READERS)
    async def daily_summary(
        self,
        info: Info,
        *,
        date: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "The day, as `YYYY-MM-DD`. Leave out for today in the merchant's time zone."
                )
            ),
        ] = None,
        merchant_id: QualityMerchant = None,
    ) -> DailySummary:
        """每日汇总. Returns what was done on a day and what waits now, in all and by employee."""
        context = info.context
        merchant = merchant_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        day = None if date is None else read_day(date, "date")
        return summary_of(await daily_summary(context, merchant, day))
