"""Counting the cases of many merchants at once, for the platform."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from domain.enrolment import EnrolmentStatus
from domain.quality.figures import Tallies
from domain.quality.periods import Period
from models.merchant import merchants
from models.quality import quality_cases
from models.queries.quality_tallies import IS_CHOSEN, select_counts, select_quantiles, tally


async def enabled_merchants(connection: AsyncConnection, *, after: int, most: int) -> Sequence[int]:
    """The ids of enabled merchants after one, in their order."""
    rows = await connection.execute(_ENABLED, {"after": after, "most": most})
    return list(rows.scalars())


async def count_of_merchants(
    connection: AsyncConnection, merchant_ids: Sequence[int], period: Period, *, quantiles: bool
) -> Mapping[int, Tallies]:
    """The tallies of each merchant that has cases in the period; two statements at most."""
    parameters: dict[str, Any] = {
        "merchants": list(merchant_ids),
        "first": period.first.toordinal(),
        "last": period.last.toordinal(),
    }
    return await tally(connection, _COUNTS, _QUANTILES if quantiles else None, parameters)


_ENABLED: Final = (
    sa.select(merchants.c.id)
    .where(
        merchants.c.enrolment == EnrolmentStatus.ENABLED,
        merchants.c.id > sa.bindparam("after", type_=merchants.c.id.type),
    )
    .order_by(merchants.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)

_merchant: Final = quality_cases.c.merchant_id
_CONDITIONS: Final = (AnyOf(_merchant, sa.bindparam("merchants")), *IS_CHOSEN)
_COUNTS: Final = select_counts(_merchant, _CONDITIONS)
_QUANTILES: Final = select_quantiles(_merchant, _CONDITIONS)
