"""``column IN (…)`` for few values, by which both databases begin."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from database.array_types import array_parameter

Values = sa.Select[Any] | sa.CompoundSelect[Any] | sa.BindParameter[Any]
"""A query of the values, or a parameter that holds the list of them."""


class Among(sa.ColumnElement[bool]):
    """The condition that a row is of a tenant, and that a column has one of several values.

    Either database may answer an ordinary ``IN`` by walking all rows in the order of the page and
    looking each up among the values, because it does not know how few those are. PostgreSQL reads
    the column's index for an array, SQLite for pairs: see also ``Unindexed``.
    """

    inherit_cache = False
    type = sa.Boolean()

    def __init__(
        self,
        tenant: sa.ColumnElement[Any],
        column: sa.ColumnElement[Any],
        tenant_id: sa.BindParameter[Any],
        values: Values,
    ) -> None:
        self.tenant = tenant
        self.column = column
        self.tenant_id = sa.type_coerce(tenant_id, tenant.type)
        self.values = values

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - Any: as SQLAlchemy calls it
        return self  # a condition already: SQLite need not compare it with 1


@compiles(Among, "postgresql")
def _any_of_array(element: Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    tenant = compiler.process(element.tenant == element.tenant_id, **kwargs)
    column = compiler.process(element.column, **kwargs)
    if isinstance(element.values, sa.BindParameter):
        array = array_parameter(element.values.key, element.column.type)
        return f"{tenant} AND {column} = ANY ({compiler.process(array, **kwargs)})"
    query = compiler.process(element.values.scalar_subquery(), **kwargs)
    return f"{tenant} AND {column} = ANY (ARRAY{query})"


@compiles(Among, "sqlite")
def _in_pairs(element: Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    if isinstance(element.values, sa.BindParameter):
        array = sa.bindparam(element.values.key, type_=sa.JSON)
        listed = sa.func.json_each(array).table_valued("value").c.value
        # Without a type of its own, the value is not looked up in an index of texts.
        value: sa.ColumnElement[Any] = sa.cast(listed, element.column.type)
    else:
        [value] = element.values.subquery().c
    pairs = sa.select(element.tenant_id, value)
    return compiler.process(sa.tuple_(element.tenant, element.column).in_(pairs), **kwargs)
