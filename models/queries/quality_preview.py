"""Counting the cases of many merchants at once, for the platform."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from domain.enrolment import EnrolmentStatus
from domain.quality.cases import CaseKind, Mark
from domain.quality.figures import QUANTILE_KINDS, Tallies, Tally
from domain.quality.metrics import QUANTILES
from domain.quality.periods import Period
from domain.quality.quantiles import nearest_rank
from models.merchant import merchants
from models.quality import quality_cases


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
    counts: dict[int, dict[tuple[CaseKind, Mark], Tally]] = defaultdict(dict)
    rows = await connection.execute(_COUNTS, {**parameters, "kinds": list(CaseKind)})
    for merchant_id, kind, marks, number, total in rows:
        counts[merchant_id][CaseKind(kind), Mark(marks)] = Tally(number, total or 0)
    amounts: dict[int, dict[tuple[CaseKind, int], int]] = defaultdict(dict)
    if quantiles:
        kinds = sorted(QUANTILE_KINDS)
        rows = await connection.execute(_QUANTILES, {**parameters, "kinds": kinds})
        for merchant_id, kind, rank, number, amount in rows:
            for percent in QUANTILES.values():
                if rank == nearest_rank(number, percent):
                    amounts[merchant_id][CaseKind(kind), percent] = amount
    return {merchant: Tallies(counts[merchant], amounts[merchant]) for merchant in counts}


_ENABLED: Final = (
    sa.select(merchants.c.id)
    .where(
        merchants.c.enrolment == EnrolmentStatus.ENABLED,
        merchants.c.id > sa.bindparam("after", type_=merchants.c.id.type),
    )
    .order_by(merchants.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)

_case: Final = quality_cases.c
_CONDITIONS: Final = (
    AnyOf(_case.merchant_id, sa.bindparam("merchants")),
    AnyOf(sa.type_coerce(_case.kind, sa.String), sa.bindparam("kinds")),
    _case.day >= sa.bindparam("first", type_=sa.Integer),
    _case.day <= sa.bindparam("last", type_=sa.Integer),
)
_COUNTS: Final = (
    sa.select(
        _case.merchant_id,
        _case.kind,
        _case.marks,
        sa.func.count(),
        sa.cast(sa.func.sum(_case.amount), sa.BigInteger),
    )
    .where(*_CONDITIONS)
    .group_by(_case.merchant_id, _case.kind, _case.marks)
)

_OF_ONE: Final = (_case.merchant_id, _case.kind)
_RANKED: Final = (
    sa.select(
        _case.merchant_id,
        _case.kind,
        sa.func.row_number().over(partition_by=_OF_ONE, order_by=_case.amount).label("rank"),
        sa.func.count().over(partition_by=_OF_ONE).label("number"),
        _case.amount,
    )
    .where(*_CONDITIONS)
    .subquery()
)
_QUANTILES: Final = sa.select(*_RANKED.c).where(
    sa.or_(
        *(
            _RANKED.c.rank == (_RANKED.c.number * percent + 99) // sa.literal_column("100")
            for percent in QUANTILES.values()
        )
    )
)
