"""Queries of service quality."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from domain.quality.metrics import Metric
from domain.quality.series import Dimension
from domain.words import at_most
from models.queries.quality_tallies import Scope
from resolvers.quality.report import report
from resolvers.tenancy import merchant_for
from schema import ids
from schema.arguments import After, Before, First, Last, window, window_of
from schema.fields import UNCHANGING, Info, query
from schema.types.quality import (
    CASES,
    Part,
    QualityMetricDefinition,
    QualityPeriod,
    QualityReport,
    definitions,
    report_of,
)

READERS = (Permission.QUALITY_READ, Permission.MERCHANT_READ)

QualityMerchant = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The merchant. Required for the platform's staff."),
]


@strawberry.type
class QualityQueries:
    """Queries of service quality."""

    @query(UNCHANGING)
    def quality_metrics(self, info: Info) -> list[QualityMetricDefinition]:
        """服务质量指标. Returns the definitions of all figures."""
        return definitions(info.context)

    @query(*READERS)
    async def quality_report(
        self,
        info: Info,
        *,
        period: Annotated[
            QualityPeriod,
            strawberry.argument(description="The days, in the merchant's time zone."),
        ],
        by: Annotated[
            Dimension | None,
            strawberry.argument(
                description="What `series` is divided by. Without it, it is empty."
            ),
        ] = None,
        employee_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Consider only the work of this employee."),
        ] = None,
        metrics: Annotated[
            list[Metric] | None,
            strawberry.argument(description="Return only these figures. Leave out for all."),
        ] = None,
        merchant_id: QualityMerchant = None,
        part: Annotated[
            Part, strawberry.argument(description="Which cases `orders` returns.")
        ] = Part.DENOMINATOR,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> QualityReport:
        """服务质量报告. Returns the figures of a merchant in a period.

        `first`, `after`, `last` and `before` are those of each figure's `orders`.
        """
        context = info.context
        merchant = merchant_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        chosen = list(Metric) if metrics is None else list(dict.fromkeys(metrics))
        at_most(chosen, "metrics", most=len(Metric))
        scope = Scope(
            merchant_id=merchant,
            period=period.read("period"),
            employee_id=None
            if employee_id is None
            else ids.within(merchant, "Employee", employee_id, "employeeId"),
        )
        pages = window_of(CASES, window(first, after, last, before))
        return report_of(context, await report(context, scope, by, chosen), part, pages)
