"""Fills a migrated, empty database with service orders: by COPY, the indexes after the rows."""

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

from bench.orders import BEGIN, Instant, Made, made
from bench.shops import MERCHANTS, Shop, storefront
from database.database import Database
from models.application import applications
from models.service_order import events, service_orders
from models.tables import table_of

_FILLED: Final = (applications, service_orders, events)
_NAMES: Final = tuple(table.name for table in _FILLED)


async def fill(url: str, orders: int, merchants: int = MERCHANTS) -> None:
    """Fill a PostgreSQL database: so many orders, their applications and events, and the desks.

    The rows are the same each time. One merchant has a twentieth of the orders, the others less
    and less.
    """
    await _open_desks(url, merchants)
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    async with connection.transaction():
        put_back = await _strip(connection)
        # In the same transaction, so that the rows need not be logged.
        await connection.execute(f"TRUNCATE {', '.join(_NAMES)}")
        for rows in _all(orders, lambda at: BEGIN + timedelta(seconds=at), merchants):
            for table, some in zip(_FILLED, _lists(rows), strict=True):
                await connection.copy_records_to_table(
                    table.name, records=some, columns=table.c.keys(), timeout=None
                )
        for statement in put_back:
            await connection.execute(statement, timeout=None)
    await connection.execute("VACUUM ANALYZE", timeout=None)
    await connection.close()


async def fill_sqlite(file: Path, orders: int, merchants: int = MERCHANTS) -> None:
    """Fill an SQLite database with the same rows."""
    await _open_desks(f"sqlite+aiosqlite:///{file}", merchants)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # If this fails, the file is thrown away.
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "foreign_keys = OFF",
            "cache_size = -262144",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        put_back = list(_strip_file(connection))
        for rows in _all(orders, _text, merchants):
            for table, some in zip(_FILLED, _lists(rows), strict=True):
                inserted = sa.insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark"))
                connection.executemany(str(inserted), some)
        for statement in put_back:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")


def _all(orders: int, instant: Instant, merchants: int) -> Iterator[Made]:
    # Nothing here is in a circle, and looking for circles takes as long as making the rows.
    gc.disable()
    try:
        yield from made(orders, instant, merchants=merchants)
    finally:
        gc.enable()


async def _open_desks(url: str, merchants: int) -> None:
    database = Database.open(url)
    # It takes as long as it takes: the limits of requests do not hold here.
    async with database.writing.begin() as connection:
        rows = [
            storefront(),
            *(row for number in range(1, merchants + 1) for row in Shop(number).rows()),
        ]
        kinds: dict[type[SQLModel], list[dict[str, Any]]] = {}
        for row in rows:
            kinds.setdefault(type(row), []).append(row.model_dump())
        for kind, some in kinds.items():
            await connection.execute(sa.insert(table_of(kind)), some)
    await database.close()


def _lists(rows: Made) -> tuple[list[Any], ...]:
    return rows.applications, rows.orders, rows.events


def _text(at: int) -> str:
    """An instant as SQLAlchemy writes it into SQLite."""
    return f"{BEGIN + timedelta(seconds=at):%Y-%m-%d %H:%M:%S}.000000"


async def _strip(connection: asyncpg.Connection) -> list[str]:
    """Drop the keys and indexes of what is filled; returns the statements that make them anew."""
    names = list(_NAMES)
    keys = await connection.fetch(
        """
        SELECT conrelid::regclass AS table, conname AS name, contype AS kind,
               pg_get_constraintdef(oid) AS said
        FROM pg_constraint
        WHERE contype IN ('p', 'u', 'f') AND conrelid::regclass::text = ANY($1)
        ORDER BY contype = 'f', conname
        """,
        names,
    )
    indexes = await connection.fetch(
        """
        SELECT indexname AS name, indexdef AS said FROM pg_indexes
        WHERE tablename = ANY($1)
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
        """,
        names,
    )
    for key in reversed(keys):
        await connection.execute(f'ALTER TABLE {key["table"]} DROP CONSTRAINT "{key["name"]}"')
    for index in indexes:
        await connection.execute(f'DROP INDEX "{index["name"]}"')
    again = [
        f'ALTER TABLE {one["table"]} ADD CONSTRAINT "{one["name"]}" {one["said"]}' for one in keys
    ]
    return [*again, *(index["said"] for index in indexes)]


def _strip_file(connection: sqlite3.Connection) -> Iterator[str]:
    """The same for SQLite, whose keys stay: they are part of the tables."""
    found = connection.execute(
        "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, sql, table in found:
        if table in _NAMES:
            connection.execute(f'DROP INDEX "{name}"')
            yield sql
