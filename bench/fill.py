"""Fills a migrated, empty database with service orders: COPY first, then the indexes."""

import contextlib
import gc
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from bench.orders import Rows, make_rows
from bench.shops import MERCHANTS, Shop, storefront
from bench.stories import BEGIN
from bench.templates import Instant
from database.database import Database
from models.application import applications
from models.service_order import events, service_orders
from models.tables import table_of
from models.waybill import waybills
from tests.direct import connect

_FILLED: Final = (applications, service_orders, events, waybills)
_NAMES: Final = tuple(table.name for table in _FILLED)


async def fill(url: str, orders: int, merchants: int = MERCHANTS) -> None:
    """Fill a PostgreSQL database with merchants, and with orders, their applications and events.

    The rows are the same each time. The largest merchant has a twentieth of the orders; the
    others' shares fall off.
    """
    await _add_merchants(url, merchants)
    connection = await connect(make_url(url))
    async with connection.transaction():
        restore = await _drop_indexes(connection)
        # In the same transaction as COPY, so that the rows need not be logged.
        await connection.execute(f"TRUNCATE {', '.join(_NAMES)}")
        for rows in _batches(orders, lambda second: BEGIN + timedelta(seconds=second), merchants):
            for table, records in zip(_FILLED, _by_table(rows), strict=True):
                await connection.copy_records_to_table(
                    table.name, records=records, columns=table.c.keys(), timeout=None
                )
        for statement in restore:
            await connection.execute(statement, timeout=None)
    await connection.execute("VACUUM ANALYZE", timeout=None)
    await connection.close()


async def fill_sqlite(file: Path, orders: int, merchants: int = MERCHANTS) -> None:
    """Fill an SQLite database with the same rows."""
    await _add_merchants(f"sqlite+aiosqlite:///{file}", merchants)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # If this fails, the file is discarded.
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "foreign_keys = OFF",
            "cache_size = -262144",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        restore = list(_drop_file_indexes(connection))
        for rows in _batches(orders, _text, merchants):
            for table, records in zip(_FILLED, _by_table(rows), strict=True):
                insert = sa.insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark"))
                connection.executemany(str(insert), records)
        for statement in restore:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")


def _batches(orders: int, instant: Instant, merchants: int) -> Iterator[Rows]:
    # There are no reference cycles, and looking for them takes as long as making the rows.
    gc.disable()
    try:
        yield from make_rows(orders, instant, merchants=merchants)
    finally:
        gc.enable()


async def _add_merchants(url: str, merchants: int) -> None:
    database = Database.open(url)
    # Not ``database.write``: the limits of requests do not apply here.
    async with database.writing.begin() as connection:
        rows = [
            storefront(),
            *(row for number in range(1, merchants + 1) for row in Shop(number).rows()),
        ]
        by_table: dict[type[SQLModel], list[dict[str, Any]]] = {}
        for row in rows:
            by_table.setdefault(type(row), []).append(row.model_dump())
        for model, records in by_table.items():
            await connection.execute(sa.insert(table_of(model)), records)
    await database.close()


def _by_table(rows: Rows) -> tuple[list[Any], ...]:
    return rows.applications, rows.orders, rows.events, rows.waybills


def _text(second: int) -> str:
    """An instant as SQLAlchemy writes it into SQLite."""
    return f"{BEGIN + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}.000000"


async def _drop_indexes(connection: asyncpg.Connection) -> list[str]:
    """Drop the keys and indexes of the filled tables, and the keys of others that refer to them.

    Returns the statements that create them.
    """
    names = list(_NAMES)
    keys = await connection.fetch(
        """
        SELECT conrelid::regclass AS table, conname AS name, contype AS kind,
               pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE contype IN ('p', 'u', 'f') AND conrelid::regclass::text = ANY($1)
           OR contype = 'f' AND confrelid::regclass::text = ANY($1)
        ORDER BY contype = 'f', conname
        """,
        names,
    )
    indexes = await connection.fetch(
        """
        SELECT indexname AS name, indexdef AS definition FROM pg_indexes
        WHERE tablename = ANY($1)
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
        """,
        names,
    )
    for key in reversed(keys):
        await connection.execute(f'ALTER TABLE {key["table"]} DROP CONSTRAINT "{key["name"]}"')
    for index in indexes:
        await connection.execute(f'DROP INDEX "{index["name"]}"')
    constraints = [
        f'ALTER TABLE {key["table"]} ADD CONSTRAINT "{key["name"]}" {key["definition"]}'
        for key in keys
    ]
    return [*constraints, *(index["definition"] for index in indexes)]


def _drop_file_indexes(connection: sqlite3.Connection) -> Iterator[str]:
    """The same for SQLite, whose keys stay, as they are part of the tables."""
    indexes = connection.execute(
        "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, sql, table in indexes:
        if table in _NAMES:
            connection.execute(f'DROP INDEX "{name}"')
            yield sql
