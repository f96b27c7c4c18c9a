"""The counts of service orders by status."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from domain.statuses import Status
from models.queries.status_counts import count_statuses
from projection.pages import MAX_TOTAL
from schema.fields import Info, query
from schema.service_order_filter import InstantRange


@strawberry.type(description="The number of service orders in one status.")
class StatusCount:
    """A count."""

    status: Status = strawberry.field(description="The status.")
    count: int = strawberry.field(
        description=(
            f"The number of orders in the status, counted up to {MAX_TOTAL:,}: that value means at "
            "least so many."
        )
    )


@strawberry.type
class CountQueries:
    """Queries that count service orders."""

    @query(Permission.SERVICE_ORDER_READ)
    async def status_counts(
        self,
        info: Info,
        applied: Annotated[
            InstantRange | None,
            strawberry.argument(
                description="Count only orders whose `appliedAt` is in this range."
            ),
        ] = None,
    ) -> list[StatusCount]:
        """各状态数量. Returns the number of the merchant's orders in each status, with zeros."""
        context = info.context
        async with context.read() as connection:
            counts = await count_statuses(
                connection,
                context.merchant_id,
                applied_from=applied.start if applied else None,
                applied_to=applied.end if applied else None,
                most=MAX_TOTAL,
            )
        return [StatusCount(status=status, count=count) for status, count in counts.items()]
