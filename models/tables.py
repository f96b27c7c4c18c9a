"""What every table shares: the names of its constraints, and the foreign keys of tenants."""

from typing import Final, cast

from sqlalchemy import ForeignKeyConstraint, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

# Names that are the same everywhere, for a migration has to call a constraint by its name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

METADATA: Final = SQLModel.metadata


def table_of(row: type[SQLModel]) -> Table:
    """The table behind a row class."""
    return cast("Table", row.__table__)  # type: ignore[attr-defined]  # set by SQLModel's metaclass


def within_tenant(column: str, table: str) -> ForeignKeyConstraint:
    """A reference that cannot leave its merchant, for it carries the merchant."""
    return ForeignKeyConstraint(["merchant_id", column], [f"{table}.merchant_id", f"{table}.id"])


async def add(connection: AsyncConnection, *rows: SQLModel) -> None:
    """Insert rows, in the order given."""
    for row in rows:
        # Values in the statement itself would be compiled with it, at twice the time.
        await connection.execute(insert(table_of(type(row))), row.model_dump())
