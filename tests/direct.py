"""Statements that a test runs past the server under test, on a connection of their own."""

import sqlite3
from contextlib import closing

import asyncpg
from sqlalchemy.engine import make_url

from database.addresses import file_of


async def run_directly(url: str, *statements: str) -> None:
    """Run the statements in one transaction."""
    script = "; ".join(("BEGIN", *statements, "COMMIT"))
    path = file_of(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
        return
    address = make_url(url).set(drivername="postgresql")
    ssl = address.query.get("ssl")
    own = ["prepared_statement_cache_size", "ssl"]  # SQLAlchemy's
    address = address.difference_update_query(own)
    server = await asyncpg.connect(address.render_as_string(hide_password=False), ssl=ssl)
    # One message: a pooler runs it in one session, and nothing is prepared.
    await server.execute(script.replace("BEGIN", "BEGIN READ WRITE", 1))
    await server.close()
