"""What all tables share: the names of constraints, and foreign keys within a tenant."""

from itertools import groupby
from typing import Final, cast

from sqlalchemy import ForeignKeyConstraint, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

CHECK_NAME: Final = "ck_%(table_name)s_%(constraint_name)s"
# The same names on every database: a migration changes a constraint by its name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": CHECK_NAME,
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

METADATA: Final = SQLModel.metadata


def table_of(row: type[SQLModel]) -> Table:
    """The table behind a row class."""
    return cast("Table", row.__table__)  # type: ignore[attr-defined]  # set by SQLModel's metaclass


def within_tenant(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that includes the merchant: it cannot refer to another merchant's row."""
    return ForeignKeyConstraint(["merchant_id", column], [f"{table}.merchant_id", f"{table}.id"])


async def add(connection: AsyncConnection, *rows: SQLModel) -> None:
    """Insert rows, in the order given; neighbours of one table with one statement."""
    for kind, alike in groupby(rows, type):
        # As parameters: values in the statement are compiled with it, which takes twice as long.
        await connection.execute(insert(table_of(kind)), [row.model_dump() for row in alike])
