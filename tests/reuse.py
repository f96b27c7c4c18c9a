"""Empties a database of the tests for the next test: a copy of the template takes far longer."""
# ruff: noqa: S608 - the names in the statements are those of our own tables

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import asyncpg
from sqlalchemy.engine import URL

from tests.direct import connect

MOST_ROWS: Final = 1_000
"""A database that had more rows is not used again: its pages would change plans of other tests."""
MOST_USES: Final = 40
"""How many tests use one database. Deleted rows leave their pages to the tests that follow."""
PATIENCE_MS: Final = 5_000
SHARDS_AS_TABLES: Final = {
    "citus.override_table_visibility": "off",
    "citus.enable_manual_changes_to_shards": "on",
}
"""Settings of a session that sees the shards on a node of Citus, and may empty them."""

_CATALOGS: Final = {
    "pg_attribute": "attrelid",
    "pg_attrdef": "oid",
    "pg_constraint": "oid",
    "pg_extension": "oid",
    "pg_index": "indrelid",
    "pg_namespace": "oid",
    "pg_proc": "oid",
    "pg_publication": "oid",
    "pg_trigger": "oid",
    "pg_type": "oid",
}
"""The tables that describe a schema, and the column of each that tells our rows from others."""

_SHAPE: Final = " UNION ALL ".join(
    [
        """SELECT string_agg(concat_ws(' ', oid, relname, relacl, reloptions, relhastriggers,
        relpages, reltuples), ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384""",
        "SELECT string_agg(concat_ws(' ', sequencename, last_value), ',') FROM pg_sequences",
        """SELECT concat_ws(' ', datconnlimit, datallowconn, datacl, setconfig) FROM pg_database
        LEFT JOIN pg_db_role_setting ON setdatabase = pg_database.oid
        WHERE datname = current_database()""",
        *(
            f"""SELECT concat_ws(' ', count(*), sum(xmin::text::bigint))
            FROM {catalog} WHERE {column} >= 16384"""
            for catalog, column in _CATALOGS.items()
        ),
    ]
)
"""Any change of the schema, of rights, of settings or of statistics changes one of these."""

_WRITTEN: Final = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND (pg_stat_file(pg_relation_filepath(oid))).size > 0
"""
"""The tables that ever had a row. The others are left unopened, which saves half the time."""

_END_OTHERS: Final = (
    f"SELECT pg_terminate_backend(pid, {PATIENCE_MS}) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type NOT LIKE 'Citus%'"
)
_OTHERS_AT_WORK: Final = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND state <> 'idle') OR EXISTS (SELECT FROM pg_locks "
    "JOIN pg_database ON pg_database.oid = database "
    "WHERE datname = current_database() AND pid <> pg_backend_pid())"
)


class Released:
    """The names of databases that tests released, and how many tests used each."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._uses: Counter[str] = Counter()

    def __iter__(self) -> Iterator[str]:
        """Takes the names away, one by one."""
        while self._names:
            yield self._names.pop()

    def count_use(self, name: str) -> None:
        self._uses[name] += 1

    def keep(self, name: str) -> bool:
        """Keep the name, unless enough tests have used the database. Returns whether it did."""
        if self._uses[name] >= MOST_USES:
            return False
        self._names.append(name)
        return True


@dataclass(frozen=True, slots=True)
class Template:
    """The state in which a test finds a database."""

    shape: list[Any]
    rows: Mapping[str, str]
    """The rows that migrations write, as JSON by table."""
    settings: Mapping[str, str]
    """Those of the session that empties a database."""

    @classmethod
    async def read(cls, url: URL, settings: Mapping[str, str] | None = None) -> Self:
        settings = settings or {}
        connection = await connect(url, settings)
        try:
            shape = await _shape(connection)
            rows = {
                table: await connection.fetchval(f"SELECT json_agg({table}) FROM {table}")
                for table in await _written(connection)
            }
        finally:
            await connection.close()
        return cls(shape, {table: text for table, text in rows.items() if text}, settings)

    async def restore(self, url: URL, *, pooled: bool = False) -> bool:
        """Make a database like the template. Returns whether that was possible.

        Sessions that a test left are ended, but not those of a pooler: it would pass on a session
        of which it does not know yet that it ended.
        """
        try:
            connection = await connect(url, self.settings)
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            if not pooled:
                await connection.fetch(_END_OTHERS)
            elif await connection.fetchval(_OTHERS_AT_WORK):
                return False
            async with connection.transaction():
                return await self._empty(connection)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        finally:
            await connection.close()

    async def _empty(self, connection: asyncpg.Connection) -> bool:
        # A session in the role of a replica checks no foreign keys.
        await connection.execute(
            f"SET LOCAL lock_timeout = {PATIENCE_MS}; SET LOCAL session_replication_role = replica"
        )
        if await _shape(connection) != self.shape:
            return False
        tables = await _written(connection)
        deletions = (f"{table}_ AS (DELETE FROM {table} RETURNING 1)" for table in tables)
        counts = (f"(SELECT count(*) FROM {table}_)" for table in tables)
        delete = f"WITH {', '.join(deletions)} SELECT {' + '.join(counts)}"
        if tables and await connection.fetchval(delete) > MOST_ROWS:
            return False
        for table, rows in self.rows.items():
            await connection.execute(
                f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1)",
                rows,
            )
        return True


async def _shape(connection: asyncpg.Connection) -> list[Any]:
    return [row[0] for row in await connection.fetch(_SHAPE)]


async def _written(connection: asyncpg.Connection) -> list[str]:
    return [row["relname"] for row in await connection.fetch(_WRITTEN)]
