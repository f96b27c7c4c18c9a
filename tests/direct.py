"""Statements that a test runs past the server under test, on a connection of their own."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing

import asyncpg
from sqlalchemy.engine import URL, make_url

from database.addresses import file_of


async def run_directly(url: str, *statements: str) -> None:
    """Run the statements in one transaction."""
    script = "; ".join(("BEGIN", *statements, "COMMIT"))
    path = file_of(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
        return
    server = await connect(make_url(url))
    # One message: a pooler runs it in one session, and nothing is prepared.
    await server.execute(script.replace("BEGIN", "BEGIN READ WRITE", 1))
    await server.close()


async def connect(url: URL, settings: Mapping[str, str] | None = None) -> asyncpg.Connection:
    """A session of the driver at an address as the server takes it, with these settings."""
    own = ["prepared_statement_cache_size", "ssl"]  # SQLAlchemy's
    address = url.set(drivername="postgresql").difference_update_query(own)
    return await asyncpg.connect(
        address.render_as_string(hide_password=False),
        ssl=url.query.get("ssl"),
        server_settings=dict(settings or {}),
    )
