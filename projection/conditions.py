"""Conditions as templates and values, so that one statement serves every value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from database.any_of import AnyOf


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A condition with places for values. Make each once: which it is, is part of a plan's key.

    ``build`` is given a parameter for each value; below a list (``Many``), before those, the list's
    table and the parent's columns that it may look at.
    """

    build: Callable[..., sa.ColumnElement[bool]]
    equal: sa.ColumnElement[Any] | None = None
    """The column that has the value, if that is all that the condition says."""

    def __call__(self, *values: Any) -> Condition:
        return Condition(self, values)


class Condition(NamedTuple):
    """A template and its values."""

    template: Template
    values: tuple[Any, ...] = ()


Conditions = Sequence[Condition]

NONE_AT_ALL = Template(sa.false)
"""No row meets it."""


def equals(column: sa.ColumnElement[Any]) -> Template:
    """That the column has the value."""
    return Template(lambda value: column == value, column)


class Among:
    """That the column has one of the values; a single one as an equation, which an index orders."""

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        self._one = equals(column)
        self._any = Template(lambda values: AnyOf(column, values))

    def __call__(self, values: Sequence[Any]) -> Condition:
        return self._one(values[0]) if len(values) == 1 else self._any(list(values))


def key_of(conditions: Conditions) -> tuple[Template, ...]:
    """What the conditions have to do with the statement; their values have not."""
    return tuple([condition.template for condition in conditions])


class Places:
    """Names the parameters of a statement's conditions, in the order of their values."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.names: list[str] = []

    def built(self, condition: Condition, *before: Any) -> sa.ColumnElement[bool]:
        """The condition, with its parameters named."""
        parameters: list[sa.BindParameter[Any]] = []
        for _ in condition.values:
            name = f"{self._prefix}{len(self.names)}"
            self.names.append(name)
            parameters.append(sa.bindparam(name))
        return condition.template.build(*before, *parameters)


def values_of(names: Iterable[str], conditions: Conditions) -> dict[str, Any]:
    """The values by the names that ``Places`` gave them."""
    said = [value for condition in conditions for value in condition.values]
    return dict(zip(names, said, strict=True))


class Keys:
    """A relation of keys that come as values, so that their number is no part of the statement."""

    def __init__(self, name: str, types: Sequence[Any]) -> None:
        # Any: SQLAlchemy's types
        self._name = name
        self._types = types

    def relation(self, dialect: sa.Dialect) -> sa.FromClause:
        """A relation with the columns ``k0``, ``k1`` and so on."""
        if dialect.name == "postgresql":
            arrays = [
                sa.bindparam(f"{self._name}{at}", type_=ARRAY(kind))
                for at, kind in enumerate(self._types)
            ]
            columns = [sa.column(f"k{at}", kind) for at, kind in enumerate(self._types)]
            unnested = sa.func.unnest(*arrays).table_valued(*columns)
            return unnested.render_derived(name=self._name)
        given = sa.bindparam(f"{self._name}0", type_=sa.JSON)
        each = sa.func.json_each(given).table_valued("value")
        return (
            sa.select(
                *[
                    # As the number or text that it is: read as JSON it would be quoted again.
                    sa.type_coerce(sa.func.json_extract(each.c.value, f"$[{at}]"), kind).label(
                        f"k{at}"
                    )
                    for at, kind in enumerate(self._types)
                ]
            )
            .select_from(each)
            .subquery(self._name)
        )

    def values(self, dialect: sa.Dialect, keys: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        """The parameters for the keys."""
        if dialect.name == "postgresql":
            columns = zip(*keys, strict=True)
            return {f"{self._name}{at}": list(values) for at, values in enumerate(columns)}
        return {f"{self._name}0": keys}
