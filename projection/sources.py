"""Sources: what a resolver returns instead of data, naming rows that are not fetched yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from database.compiled import Row
from projection.conditions import Conditions
from projection.pages import Order, PageArguments

Key = tuple[Any, ...]
"""A primary key, in the order of the table's columns."""


@dataclass(frozen=True, slots=True)
class LoadedRow:
    """A row of an entity's own table that has been read already: the driver's values."""

    dialect: sa.Dialect
    row: Row
    indexes: Mapping[str, int]
    """The columns' indexes in the row, by column name."""

    def value(self, column: sa.ColumnElement[Any]) -> Any:
        """The driver's value of a column of the table."""
        return self.row[self.indexes[str(column.key)]]


class ObjectSource(NamedTuple):
    """One object by its key, or null. Sources of one field are fetched together.

    With a ``loaded_row`` nothing is fetched, if the selection needs that row alone.
    """

    entity: str
    key: Key
    where: Conditions = ()
    loaded_row: LoadedRow | None = None


class ListSource(NamedTuple):
    """Every row that meets the conditions; for lists that are short by nature."""

    entity: str
    where: Conditions
    order_by: tuple[sa.ColumnElement[Any], ...]


class PageSource(NamedTuple):
    """One page of a connection."""

    entity: str
    where: Conditions
    order: Order
    arguments: PageArguments
    total: int | None = None
    """The number of items in the whole list, if it is known; else it is counted if selected."""
