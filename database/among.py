"""``column IN (SELECT …)`` for a query with few rows, which is always run first."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class Among(sa.ColumnElement[bool]):
    """The condition that the column has one of the values of a query.

    PostgreSQL may answer ``IN`` by walking all rows in the order of the page and looking each up
    among the query's rows, because it does not know how few they are. For an array it uses the
    index of the column.
    """

    inherit_cache = False
    type = sa.Boolean()

    def __init__(
        self, column: sa.ColumnElement[Any], query: sa.Select[Any] | sa.CompoundSelect[Any]
    ) -> None:
        self.column = column
        self.query = query

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - Any: as SQLAlchemy calls it
        return self  # a condition already: SQLite need not compare it with 1


@compiles(Among, "postgresql")
def _any_of_array(element: Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column = compiler.process(element.column, **kwargs)
    query = compiler.process(element.query.scalar_subquery(), **kwargs)
    return f"{column} = ANY (ARRAY{query})"


@compiles(Among, "sqlite")
def _in_query(element: Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    return compiler.process(element.column.in_(element.query), **kwargs)
