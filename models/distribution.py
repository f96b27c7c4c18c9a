"""How tables are distributed over several machines by Citus: the merchants' by merchant.

docs/scaling.md shows the same as SQL; a test compares the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from database.database import Database


class Kind(StrEnum):
    """Where the rows of a table are."""

    BY_MERCHANT = "distributed by merchant"
    EVERYWHERE = "copied to every machine"
    COORDINATOR = "on the coordinator alone"


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of a table's rows. ``column`` holds the merchant."""

    table: str
    kind: Kind
    column: str | None = None

    @property
    def call(self) -> str | None:
        """The statement that puts them there; None if they are there without one."""
        match self.kind:
            case Kind.BY_MERCHANT if self.table == FIRST:
                return f"SELECT create_distributed_table('{self.table}', '{self.column}')"
            case Kind.BY_MERCHANT:
                return (
                    f"SELECT create_distributed_table('{self.table}', '{self.column}',"
                    f" colocate_with => '{FIRST}')"
                )
            case Kind.EVERYWHERE:
                return f"SELECT create_reference_table('{self.table}')"
            case Kind.COORDINATOR:
                return None


FIRST: Final = "merchant"
"""All distributed tables are colocated with it."""

_BY_MERCHANT: Final = (
    "application",
    "employee",
    "role",
    "staff_event",
    "employee_role",
    "service_order",
    "service_order_event",
    "service_order_waybill",
    "event_outbox",
    "event_feed",
    "feed_head",
    "refund",
    "evidence",
    "evidence_upload",
    "picture_erasure",
    "return_address",
    "return_address_rule",
    "reason",
    "note_template",
    "export",
    "enrolment_attempt",
    "suspension",
    "idempotency_key",
    "webhook_endpoint",
    "webhook_delivery",
    "quality_case",
    "quality_head",
    "quality_snapshot",
    "quality_watch",
    "quality_alert",
    "quality_alert_event",
)

_EVERYWHERE: Final = (
    "account",
    "platform_account_event",
    "connector",
    "pause_window",
)
"""Rarely written, and joined with the tables of merchants."""

_COORDINATOR: Final = (
    "platform_feed_head",
    "sandbox_clock",
    "sign_in",
    "sign_in_throttle",
    "password_reset",
    "identity_provider",
    "identity",
    "write_mark",
    "schema_floor",
    "platform_thresholds",
    "evaluation_plan",
    "quality_benchmark",
)
"""Joined with no table of merchants. Copied to every machine, a write would need all of them."""

PLACEMENTS: Final[Sequence[Placement]] = (
    Placement(FIRST, Kind.BY_MERCHANT, "id"),
    *[Placement(name, Kind.BY_MERCHANT, "merchant_id") for name in _BY_MERCHANT],
    *[Placement(name, Kind.EVERYWHERE) for name in _EVERYWHERE],
    *[Placement(name, Kind.COORDINATOR) for name in _COORDINATOR],
)
"""All tables. Citus takes a foreign key only to a table that is distributed already."""


class CannotDistribute(Exception):
    """The database has no Citus, or its coordinator is not one of its nodes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A table that is elsewhere than it should be."""

    placement: Placement
    found: Kind | None
    """None for a table that is missing, or distributed in another way than any of ours."""

    def line(self) -> str:
        found = self.found or "missing or distributed in another way"
        return f"{self.placement.table} should be {self.placement.kind}, and is {found}"


async def distribute(database: Database) -> Sequence[str]:
    """Distribute the tables that are not yet; return their names.

    Each in a transaction of its own: when it is interrupted, the rest follows the next time. A
    table keeps its rows; nobody may write meanwhile. Raises CannotDistribute or Unreachable.
    """
    done = []
    for difference in await find_differences(database):
        placement = difference.placement
        if placement.call is None or difference.found is not Kind.COORDINATOR:
            continue
        async with database.write_unlimited() as connection:
            await lock(connection, "migrations")
            if placement in [other.placement for other in await _differences(connection)]:
                await connection.execute(sa.text(placement.call))
                done.append(placement.table)
    if done:
        database.distribution.is_distributed = True
    return done


async def find_differences(database: Database) -> Sequence[Difference]:
    """The tables that are elsewhere than they should be. Raises CannotDistribute."""
    if database.is_sqlite:
        raise CannotDistribute(NO_CITUS)
    async with database.read() as connection:
        await _require_citus(connection)
        return await _differences(connection)


async def _require_citus(connection: AsyncConnection) -> None:
    if not (await connection.execute(_HAS_CITUS)).scalar_one():
        raise CannotDistribute(NO_CITUS)
    if not (await connection.execute(_HAS_COORDINATOR)).scalar_one():
        raise CannotDistribute(NO_COORDINATOR)


async def _differences(connection: AsyncConnection) -> Sequence[Difference]:
    rows = (await connection.execute(_PLACED)).all()
    colocation = next((row.colocation for row in rows if row.name == FIRST), None)
    stored = {row.name: _kind(row, colocation) for row in rows}
    return [
        Difference(placement, stored.get(placement.table, (None, None))[0])
        for placement in PLACEMENTS
        if stored.get(placement.table) != (placement.kind, placement.column)
    ]


def _kind(row: Any, colocation: int | None) -> tuple[Kind | None, str | None]:  # noqa: ANN401 - a row
    if row.method is None or (row.method == "n" and row.model != "t"):
        return Kind.COORDINATOR, None
    if row.method == "n":
        return Kind.EVERYWHERE, None
    is_ours = row.method == "h" and row.colocation == colocation
    return (Kind.BY_MERCHANT if is_ours else None), row.merchant


NO_CITUS: Final = "The database has no Citus: CREATE EXTENSION citus, on every node"
NO_COORDINATOR: Final = "The coordinator is no node of its own: SELECT citus_set_coordinator_host()"

_HAS_CITUS: Final = sa.text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")
# Without it the tables of the coordinator could not refer to those that are everywhere.
_HAS_COORDINATOR: Final = sa.text("SELECT EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0)")
_PLACED: Final = sa.text(
    """
    SELECT relname AS name, partmethod::text AS method, repmodel::text AS model,
        colocationid AS colocation, column_to_column_name(logicalrelid, partkey) AS merchant
    FROM pg_class LEFT JOIN pg_dist_partition ON logicalrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    """
)
