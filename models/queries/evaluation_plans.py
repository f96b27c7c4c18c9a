"""Reading and publishing evaluation plans."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.quality.plans import Plan, read_plan, stored_plan
from models.evaluation import evaluation_plans


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """A plan with its version."""

    version: int
    plan: Plan


async def find_current(
    connection: AsyncConnection, *, before: datetime | None = None
) -> PublishedPlan | None:
    """The latest plan, or the latest that was published before an instant."""
    statement = _LATEST if before is None else _LATEST_BEFORE
    row = (await connection.execute(statement, {"before": before} if before else {})).one_or_none()
    return None if row is None else PublishedPlan(row.version, read_plan(row.content))


async def insert(connection: AsyncConnection, version: int, plan: Plan, **columns: object) -> bool:
    """Store a plan; False if another transaction has published this version."""
    is_postgresql = connection.dialect.name == "postgresql"
    statement = (postgresql if is_postgresql else sqlite).insert(evaluation_plans)
    values: dict[str, Any] = {"version": version, "content": stored_plan(plan), **columns}
    result = await connection.execute(statement.on_conflict_do_nothing(), values)
    return result.rowcount > 0


_LATEST: Final = (
    sa.select(evaluation_plans.c.version, evaluation_plans.c.content)
    .order_by(evaluation_plans.c.version.desc())
    .limit(1)
)
_LATEST_BEFORE: Final = _LATEST.where(
    evaluation_plans.c.published_at
    < sa.bindparam("before", type_=evaluation_plans.c.published_at.type)
)
