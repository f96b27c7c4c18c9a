"""Field declarations: how each field of an entity is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from projection.conditions import Condition

RequestContext = Any
"""The request's context, passed to computed fields. Any: the projection never looks into it."""

Join = Callable[[sa.FromClause, sa.FromClause], sa.ColumnElement[bool]]
"""The join condition between a row of the first table and a row of the second."""


@dataclass(frozen=True, slots=True)
class Column:
    """A value of the row itself, or of a joined row; ``convert`` is never called with NULL."""

    column: sa.ColumnElement[Any]
    convert: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A value computed from several columns: ``value(context, *columns)``.

    It may be a Python object, or a list of them; the selection then reads attributes. With
    ``takes_arguments`` it is ``value(context, arguments, *columns)``.
    """

    value: Callable[..., Any]
    columns: tuple[sa.ColumnElement[Any], ...]
    takes_arguments: bool = False


@dataclass(frozen=True, slots=True)
class Subquery:
    """A value that the statement computes from other rows.

    ``expression`` gets the entity's table as the statement reads it. ``convert`` is never called
    with NULL: the value must not be null.
    """

    expression: Callable[[sa.FromClause], sa.ColumnElement[Any]]
    convert: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Embedded:
    """An object whose fields are columns of the same row; null where ``presence`` is NULL.

    ``fields`` says how its fields are fetched, by their GraphQL names, if rows of several tables
    hold objects of the type. Without them, the type declares its own.
    """

    entity: str
    presence: sa.ColumnElement[Any] | None = None
    fields: Mapping[str, PlainFetch] | None = None


@dataclass(frozen=True, slots=True)
class ToOne:
    """An object in another table, at most one per row: joined into the statement."""

    entity: str
    table: sa.FromClause


@dataclass(frozen=True, slots=True)
class JsonList:
    """A short list stored in the row itself, as JSON objects keyed by the entity's columns.

    ``row_columns`` maps those of the entity's columns that are not in the JSON objects to the
    columns of the row that hold them. With ``key`` the column holds an object or NULL, and the list
    is the value of that key; without the key the list is empty.
    """

    entity: str
    column: sa.ColumnElement[Any]
    row_columns: Mapping[sa.ColumnElement[Any], sa.ColumnElement[Any]]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ToMany:
    """A list in another table: one more statement for all parents together.

    ``parent`` and ``child`` are the columns that are equal, in the same order. ``where(arguments,
    context)`` returns conditions that narrow the list. Their templates receive the list's table
    and the parent's ``parent_columns`` before their own values. Where ``child`` lies in an
    association table, ``through`` joins that table to the list's own.

    ``per_parent=True`` declares that parents with equal keys have different lists: those of equal
    ``parent_columns`` are the same.

    ``needs_snapshot=False`` declares that what the parent's row says of the list stays true,
    whatever is written in between: the two statements need not see the same snapshot.
    """

    entity: str
    parent: tuple[sa.ColumnElement[Any], ...]
    child: tuple[sa.ColumnElement[Any], ...]
    order_by: tuple[sa.ColumnElement[Any], ...]
    through: Join | None = None
    where: Callable[[Mapping[str, Any], RequestContext], Sequence[Condition]] | None = None
    parent_columns: tuple[sa.ColumnElement[Any], ...] = ()
    per_parent: bool = False
    needs_snapshot: bool = True


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    value: object


PlainFetch = Column | Computed | Subquery | Embedded | ToOne | JsonList | ToMany | Constant


@dataclass(frozen=True, slots=True)
class Varying:
    """A field that is fetched otherwise for some viewers: see ``Registry.variant_of``."""

    default: PlainFetch
    variants: Mapping[str, PlainFetch]


Fetch = PlainFetch | Varying


@dataclass(frozen=True, slots=True)
class Entity:
    """A GraphQL type and the table that its fields come from.

    ``joins`` holds, for each table that a field may read, the join condition: a function of the
    aliases of this table and of the other.
    """

    name: str
    table: sa.FromClause
    fields: Mapping[str, Fetch]
    joins: Mapping[sa.FromClause, Join] = field(default_factory=dict)
