"""How each field of a type is fetched. A type's fields are declared once, beside the type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from projection.conditions import Condition

Given = Any
"""What a request brings along for computed fields. Any: the projection only hands it on."""

Join = Callable[[sa.FromClause, sa.FromClause], sa.ColumnElement[bool]]
"""The condition on which a row of the first table meets a row of the second."""


@dataclass(frozen=True, slots=True)
class Column:
    """A value of the row itself, or of a joined row; ``convert`` is not given NULL."""

    column: sa.ColumnElement[Any]
    convert: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A value worked out from several columns: ``value(given, *needs)``.

    It may be a plain object, or a list of them, for which the selection goes on by attribute.
    """

    value: Callable[..., Any]
    needs: tuple[sa.ColumnElement[Any], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """An object whose fields are columns of the same row; null where ``present`` is NULL."""

    entity: str
    present: sa.ColumnElement[Any] | None = None


@dataclass(frozen=True, slots=True)
class One:
    """An object in another table, of which there is at most one: joined into the statement."""

    entity: str
    table: sa.FromClause


@dataclass(frozen=True, slots=True)
class Kept:
    """A short list kept in the row itself, as JSON objects with the keys of the entity's columns.

    ``shared`` names the entity's columns that are not in the objects, and the row's that they are.
    """

    entity: str
    column: sa.ColumnElement[Any]
    shared: Mapping[sa.ColumnElement[Any], sa.ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Many:
    """A list in another table: one more statement for all parents together.

    ``parent`` and ``child`` are the columns that meet, in the same order. ``where(arguments,
    given)`` narrows the list by conditions, whose templates are given the list's table and the
    parent's columns ``beside``. Where ``child`` lies in a table that links the two, ``through``
    says how the link meets the list's own table.

    ``settled`` says that what the parent's row says of the list stays true, whatever is written
    meanwhile: then the two statements need not see one state.
    """

    entity: str
    parent: tuple[sa.ColumnElement[Any], ...]
    child: tuple[sa.ColumnElement[Any], ...]
    order_by: tuple[sa.ColumnElement[Any], ...]
    through: Join | None = None
    where: Callable[[Mapping[str, Any], Given], Sequence[Condition]] | None = None
    beside: tuple[sa.ColumnElement[Any], ...] = ()
    settled: bool = False


Fetch = Column | Computed | Part | One | Kept | Many


@dataclass(frozen=True, slots=True)
class Entity:
    """A type and the table that its fields come from.

    ``joins`` says, for each table that a field may reach into, how its row is found: given the
    aliases of this table and of the other, the condition.
    """

    name: str
    table: sa.FromClause
    fields: Mapping[str, Fetch]
    joins: Mapping[sa.FromClause, Join] = field(default_factory=dict)
