"""Counting the cases of a merchant's period: the same statements for all figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.any_of import AnyOf
from domain.quality.cases import CaseKind, Mark
from domain.quality.figures import QUANTILE_KINDS, Tallies, Tally
from domain.quality.metrics import QUANTILES, VERSION
from domain.quality.periods import Period
from domain.quality.quantiles import nearest_rank
from domain.quality.series import Dimension
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from models.feed import feed_heads
from models.merchant import merchants
from models.quality import quality_cases, quality_heads

Group = int | str | None
"""What a series has in common: a day's ordinal number, an employee's id, a code or a name."""

_case: Final = quality_cases.c
_COLUMNS: Final[Mapping[Dimension, sa.ColumnElement[Any]]] = {
    Dimension.DAY: _case.day,
    Dimension.EMPLOYEE: _case.employee_id,
    Dimension.REASON: _case.reason_code,
    Dimension.CATEGORY: _case.category,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose cases, and of which days; ``employee_id`` None: of all."""

    merchant_id: int
    period: Period
    employee_id: int | None = None


async def count_cases(
    connection: AsyncConnection,
    scope: Scope,
    by: Dimension | None = None,
    *,
    quantiles: bool = True,
) -> Mapping[Group, Tallies]:
    """The tallies of each group, or of all cases as the group None; two statements at most."""
    parameters: dict[str, Any] = {
        "merchant": scope.merchant_id,
        "first": scope.period.first.toordinal(),
        "last": scope.period.last.toordinal(),
        "employee": scope.employee_id,
    }
    of_employee = scope.employee_id is not None
    return await tally(
        connection,
        _counts(by, of_employee=of_employee),
        _quantiles(by, of_employee=of_employee) if quantiles else None,
        parameters,
    )


async def tally(
    connection: AsyncConnection,
    counts: sa.Select[Any],
    quantiles: sa.Select[Any] | None,
    parameters: Mapping[str, Any],  # Any: values of any type
) -> Mapping[Any, Tallies]:  # Any: a group's value
    """Run statements of ``select_counts`` and ``select_quantiles``: the tallies of each group."""
    counted: dict[Any, dict[tuple[CaseKind, Mark], Tally]] = defaultdict(dict)
    rows = await connection.execute(counts, {**parameters, "kinds": list(CaseKind)})
    for group, kind, marks, number, total in rows:
        counted[group][CaseKind(kind), Mark(marks)] = Tally(number, total or 0)
    amounts: dict[Any, dict[tuple[CaseKind, int], int]] = defaultdict(dict)
    if quantiles is not None:
        rows = await connection.execute(quantiles, {**parameters, "kinds": sorted(QUANTILE_KINDS)})
        for group, kind, rank, number, amount in rows:
            for percent in QUANTILES.values():
                if rank == nearest_rank(number, percent):
                    amounts[group][CaseKind(kind), percent] = amount
    return {group: Tallies(counted[group], amounts[group]) for group in counted}


def select_counts(
    by: sa.ColumnElement[Any] | None, conditions: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    """The number of cases and the sum of their amounts, by group, kind and marks."""
    total = sa.cast(sa.func.sum(_case.amount), sa.BigInteger)
    return (
        sa.select(sa.null() if by is None else by, _case.kind, _case.marks, sa.func.count(), total)
        .where(*conditions)
        .group_by(*([] if by is None else [by]), _case.kind, _case.marks)
    )


def select_quantiles(
    by: sa.ColumnElement[Any] | None, conditions: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    """The amounts at the ranks of ``QUANTILES``, by group and kind."""
    part = ([] if by is None else [by]) + [_case.kind]
    ranked = (
        sa.select(
            (sa.null() if by is None else by).label("grouped"),
            _case.kind,
            sa.func.row_number().over(partition_by=part, order_by=_case.amount).label("rank"),
            sa.func.count().over(partition_by=part).label("number"),
            _case.amount,
        )
        .where(*conditions)
        .subquery()
    )
    is_asked_for = [
        ranked.c.rank == (ranked.c.number * percent + 99) // sa.literal_column("100")
        for percent in QUANTILES.values()
    ]
    return sa.select(*ranked.c).where(sa.or_(*is_asked_for))


IS_CHOSEN: Final = (
    AnyOf(sa.type_coerce(_case.kind, sa.String), sa.bindparam("kinds")),
    _case.day >= sa.bindparam("first", type_=sa.Integer),
    _case.day <= sa.bindparam("last", type_=sa.Integer),
)
"""The conditions for the kinds and the days of a statement."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A merchant's time zone, and whether all events that have a place in its feed are counted.

    Not while the cases are derived anew, or are to be.
    """

    time_zone: str
    is_current: bool


async def standing(connection: AsyncConnection, merchant_id: int) -> Standing:
    """Raises Refused(NotFound)."""
    row = (await connection.execute(_STANDING, {"merchant": merchant_id})).one_or_none()
    if row is None:
        raise Refused(NotFound(kind="Merchant", path=("merchantId",)))
    zone, derived_zone, version, rebuilt_to, position, feed_position = row
    is_derived = (version, derived_zone) == (VERSION, zone) and rebuilt_to is None
    return Standing(zone, is_current=is_derived and position >= feed_position)


@cache
def _conditions(*, of_employee: bool) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _case.merchant_id == sa.bindparam("merchant", type_=_case.merchant_id.type),
        *IS_CHOSEN,
        *(
            (_case.employee_id == sa.bindparam("employee", type_=_case.employee_id.type),)
            if of_employee
            else ()
        ),
    )


@cache
def _counts(by: Dimension | None, *, of_employee: bool) -> sa.Select[Any]:
    return select_counts(_group(by), _conditions(of_employee=of_employee))


@cache
def _quantiles(by: Dimension | None, *, of_employee: bool) -> sa.Select[Any]:
    return select_quantiles(_group(by), _conditions(of_employee=of_employee))


def _group(by: Dimension | None) -> sa.ColumnElement[Any] | None:
    return None if by is None else _COLUMNS[by]


_STANDING: Final = (
    sa.select(
        merchants.c.time_zone,
        quality_heads.c.time_zone,
        quality_heads.c.version,
        quality_heads.c.rebuilt_to,
        quality_heads.c.position,
        sa.func.coalesce(feed_heads.c.position, 0),
    )
    .select_from(merchants)
    .outerjoin(quality_heads, quality_heads.c.merchant_id == merchants.c.id)
    .outerjoin(feed_heads, feed_heads.c.merchant_id == merchants.c.id)
    .where(merchants.c.id == sa.bindparam("merchant", type_=_case.merchant_id.type))
)
