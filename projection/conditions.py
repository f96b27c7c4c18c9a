"""Conditions as templates and values, so that one statement serves every value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from database.any_of import AnyOf


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A condition with parameters. Create each once: its identity is part of a statement's key.

    ``build`` receives a parameter for each value. In a ``ToMany`` it first receives the list's
    table and the parent's columns.
    """

    build: Callable[..., sa.ColumnElement[bool]]
    equal: sa.ColumnElement[Any] | None = None
    """The column, if the condition is that this column equals the value."""

    finds_few: bool = False
    """Whether so few rows meet the condition that a page of them is sorted, not walked.

    The condition finds them by an index of its own, and names the tenant.
    """

    def __call__(self, *values: Any) -> Condition:
        return Condition(self, values)


class Condition(NamedTuple):
    """A template and its values."""

    template: Template
    values: tuple[Any, ...] = ()


Conditions = Sequence[Condition]

NO_ROWS = Template(sa.false)
"""A condition that no row meets."""


def equals(column: sa.ColumnElement[Any]) -> Template:
    """The condition that the column equals a value."""
    return Template(lambda value: column == value, column)


class IsIn:
    """The condition that the column has one of several values.

    A single value becomes an equation, for which an index also gives the order.
    """

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        self._equals = equals(column)
        self._any_of = Template(lambda values: AnyOf(column, values))

    def __call__(self, values: Sequence[Any]) -> Condition:
        return self._equals(values[0]) if len(values) == 1 else self._any_of(list(values))


def templates_of(conditions: Conditions) -> tuple[Template, ...]:
    """The templates, which decide the statement's text; the values do not."""
    return tuple([condition.template for condition in conditions])


class ParameterNames:
    """Names the parameters of a statement's conditions, in the order of their values."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.names: list[str] = []

    def build(self, condition: Condition, *columns: Any) -> sa.ColumnElement[bool]:
        """Build the condition with named parameters, after the table and columns it also takes."""
        parameters: list[sa.BindParameter[Any]] = []
        for _ in condition.values:
            name = f"{self._prefix}{len(self.names)}"
            self.names.append(name)
            parameters.append(sa.bindparam(name))
        return condition.template.build(*columns, *parameters)


def parameters_of(names: Iterable[str], conditions: Conditions) -> dict[str, Any]:
    """The conditions' values, by the names that ``ParameterNames`` gave them."""
    values = [value for condition in conditions for value in condition.values]
    return dict(zip(names, values, strict=True))
