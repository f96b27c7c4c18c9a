"""Monthly snapshots and their benchmarks: what is due, making it, and reading it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.enrolment import EnrolmentStatus
from domain.quality.benchmarks import Benchmark, Quartiles, read_benchmark
from domain.quality.figures import Figure
from domain.quality.scores import (
    MonthScore,
    Score,
    points_of,
    read_figures,
    steps_of,
    stored_figures,
)
from models.evaluation import UNSCORED, quality_benchmarks, quality_snapshots
from models.feed import feed, outbox
from models.merchant import merchants
from models.quality import quality_heads
from models.queries.presence import of_present
from models.service_order import events


class Candidate(NamedTuple):
    """An enabled merchant without a snapshot of a month.

    ``is_derived``: whether its cases follow its feed, and are not being derived anew.
    """

    merchant_id: int
    time_zone: str
    created_at: datetime
    is_derived: bool


async def find_candidates(
    connection: AsyncConnection,
    month: str,
    *,
    version: int,
    created_before: datetime,
    after: int,
    most: int,
) -> Sequence[Candidate]:
    """Enabled merchants that existed before an instant and have no snapshot, by their ids."""
    parameters = {
        "month": month,
        "version": version,
        "created_before": created_before,
        "after": after,
        "most": most,
    }
    candidates = of_present(connection, _CANDIDATES, merchants.c.id)
    return [Candidate(*row) for row in await connection.execute(candidates, parameters)]


async def has_uncounted(
    connection: AsyncConnection, merchant_id: int, *, position: int, before: datetime
) -> bool:
    """Whether an event before an instant is not in the cases, which follow the feed up to here."""
    parameters = {"merchant": merchant_id, "position": position, "before": before}
    return bool((await connection.execute(_UNCOUNTED, parameters)).scalar())


async def insert(
    connection: AsyncConnection,
    merchant_id: int,
    month: str,
    figures: Sequence[Figure],
    score: Score,
    **columns: object,
) -> bool:
    """Store a snapshot; False if there is one, which stays as it is."""
    is_postgresql = connection.dialect.name == "postgresql"
    statement = (postgresql if is_postgresql else sqlite).insert(quality_snapshots)
    steps = steps_of(score.value)
    values: dict[str, Any] = {
        "merchant_id": merchant_id,
        "month": month,
        "figures": stored_figures(figures),
        "score": UNSCORED if steps is None else steps,
        "explains": [explanation.stored() for explanation in score.explanations],
        **columns,
    }
    result = await connection.execute(statement.on_conflict_do_nothing(), values)
    return result.rowcount > 0


async def find(connection: AsyncConnection, merchant_id: int, month: str) -> MonthScore | None:
    """A merchant's snapshot of a month."""
    parameters = {"merchant": merchant_id, "month": month}
    row = (await connection.execute(_SNAPSHOT, parameters)).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    score = None if row.score == UNSCORED else row.score
    return MonthScore(**{**values, "figures": read_figures(row.figures), "score": score})


async def count(connection: AsyncConnection, month: str) -> int:
    """The number of snapshots of a month."""
    return (await connection.execute(_COUNT, {"month": month})).scalar_one()


async def find_benchmark(connection: AsyncConnection, month: str) -> Mapping[str, Quartiles]:
    """The quartiles of a month; empty until there is a benchmark."""
    row = (await connection.execute(_BENCHMARK, {"month": month})).one_or_none()
    return {} if row is None else read_benchmark(row.content)


async def count_in_benchmark(connection: AsyncConnection, month: str) -> int:
    """The number of snapshots that the benchmark of a month was made from."""
    row = (await connection.execute(_BENCHMARK, {"month": month})).one_or_none()
    return 0 if row is None else int(row.merchants)


async def lock_benchmark(connection: AsyncConnection, month: str) -> Mapping[str, Any]:
    """Lock the benchmark of a month until the transaction ends; create it if there is none.

    Returns its content.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    statement = (postgresql if is_postgresql else sqlite).insert(quality_benchmarks)
    values: dict[str, Any] = {"month": month, "merchants": 0, "content": {}}
    await connection.execute(statement.on_conflict_do_nothing(), values)
    row = (await connection.execute(_BENCHMARK.with_for_update(), {"month": month})).one()
    return cast("Mapping[str, Any]", row.content)


async def write_benchmark(
    connection: AsyncConnection, month: str, earlier: Mapping[str, Any]
) -> None:
    """Make the benchmark of a month from its snapshots. The caller holds its lock.

    ``earlier`` is its content.
    """
    benchmark = Benchmark()
    rows = await connection.stream(_VALUES, {"month": month})
    async for score, figures in rows:
        values = {figure.metric: figure.value for figure in read_figures(figures)}
        benchmark.add(None if score == UNSCORED else points_of(score), values)
    await connection.execute(
        sa.update(quality_benchmarks)
        .where(quality_benchmarks.c.month == month)
        .values(merchants=benchmark.merchants, content=benchmark.stored(earlier))
    )


_snapshot: Final = quality_snapshots.c
_head: Final = quality_heads.c
_MERCHANT: Final = sa.bindparam("merchant", type_=merchants.c.id.type)
_MONTH: Final = sa.bindparam("month", type_=_snapshot.month.type)
_BEFORE: Final = sa.bindparam("before", type_=events.c.at.type)

_CANDIDATES: Final = (
    sa.select(
        merchants.c.id,
        merchants.c.time_zone,
        merchants.c.created_at,
        sa.func.coalesce(
            (_head.version == sa.bindparam("version", type_=sa.Integer))
            & (_head.time_zone == merchants.c.time_zone)
            & _head.rebuilt_to.is_(None),
            sa.false(),
        ),
    )
    .outerjoin(quality_heads, _head.merchant_id == merchants.c.id)
    .outerjoin(
        quality_snapshots, (_snapshot.merchant_id == merchants.c.id) & (_snapshot.month == _MONTH)
    )
    .where(
        merchants.c.id > sa.bindparam("after", type_=merchants.c.id.type),
        merchants.c.enrolment == EnrolmentStatus.ENABLED,
        merchants.c.created_at < sa.bindparam("created_before", type_=merchants.c.created_at.type),
        _snapshot.merchant_id.is_(None),
    )
    .order_by(merchants.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)

_UNCOUNTED: Final = sa.select(
    sa.exists().where(outbox.c.merchant_id == _MERCHANT, outbox.c.at < _BEFORE)
    | sa.exists().where(
        feed.c.merchant_id == _MERCHANT,
        feed.c.position > sa.bindparam("position", type_=feed.c.position.type),
        events.c.merchant_id == _MERCHANT,
        events.c.service_order_id == feed.c.service_order_id,
        events.c.sequence == feed.c.sequence,
        events.c.at < _BEFORE,
    )
)

_SNAPSHOT: Final = sa.select(quality_snapshots).where(
    _snapshot.merchant_id == _MERCHANT, _snapshot.month == _MONTH
)
_COUNT: Final = sa.select(sa.func.count()).where(_snapshot.month == _MONTH)
_VALUES: Final = sa.select(_snapshot.score, _snapshot.figures).where(_snapshot.month == _MONTH)
_BENCHMARK: Final = sa.select(quality_benchmarks).where(quality_benchmarks.c.month == _MONTH)
