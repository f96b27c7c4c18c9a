"""A column that SQLite does not look up or sort by an index."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler


class Unindexed(sa.ColumnElement[Any]):
    """The column, hidden from SQLite's planner by a unary plus.

    Without statistics SQLite walks an index that gives the order of a page, even if another one
    finds the few rows of the page. PostgreSQL needs no help: see ``Among``.
    """

    inherit_cache = False

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - Any: as SQLAlchemy calls it
        return self


@compiles(Unindexed)
def _column(element: Unindexed, compiler: SQLCompiler, **kwargs: Any) -> str:
    return compiler.process(element.column, **kwargs)


@compiles(Unindexed, "sqlite")
def _hidden_column(element: Unindexed, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"+{compiler.process(element.column, **kwargs)}"


def unindexed(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The condition, for which SQLite uses no index."""

    def hide(element: Any, **_: Any) -> Unindexed | None:
        return Unindexed(element) if isinstance(element, sa.Column) else None

    return visitors.replacement_traverse(condition, {}, hide)
