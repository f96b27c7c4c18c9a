"""``column IN (…)`` with one bind parameter, whatever the number of values."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from database.array_types import array_parameter


class AnyOf(sa.ColumnElement[bool]):
    """``column IN`` a list in one parameter, so that its length does not change the statement."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, column: sa.ColumnElement[Any], values: sa.BindParameter[Any]) -> None:
        self.column = column
        self.values = values

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - Any: as SQLAlchemy calls it
        return self  # a condition already: SQLite need not compare it with 1


@compiles(AnyOf, "postgresql")
def _any_of_array(element: AnyOf, compiler: SQLCompiler, **kwargs: Any) -> str:
    array = array_parameter(element.values.key, element.column.type)
    return compiler.process(element.column == sa.any_(array), **kwargs)


@compiles(AnyOf, "sqlite")
def _any_of_json(element: AnyOf, compiler: SQLCompiler, **kwargs: Any) -> str:
    array = sa.bindparam(element.values.key, type_=sa.JSON)
    values = sa.func.json_each(array).table_valued("value")
    return compiler.process(element.column.in_(sa.select(values.c.value)), **kwargs)
