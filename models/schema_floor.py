"""The table of the schema floor: the oldest servers that may use the database as it is.

A server does not know the migrations of later releases. They say here whether it may go on beside
servers that have them: see docs/decisions/0070-running-it.md.
"""

from typing import Final

from sqlmodel import Field, SQLModel

from models.columns import whole
from models.tables import table_of

ONLY: Final = 1
"""The id of the one row."""


class SchemaFloor(SQLModel, table=True):
    """``revision`` is the head of the oldest release whose servers may run."""

    __tablename__ = "schema_floor"

    id: int = whole(primary_key=True)
    revision: str = Field(max_length=32)


schema_floors = table_of(SchemaFloor)
