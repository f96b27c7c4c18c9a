"""A statement that was compiled once, and values as the driver gives and takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import CompilerElement

Row = Sequence[Any]


class Statement:
    """The text of a statement, and the order and form in which the driver takes its parameters."""

    def __init__(self, statement: CompilerElement, dialect: sa.Dialect) -> None:
        """The statement has no ``IN`` of a list: that is another statement for each length.

        Raises TypeError for a parameter that is not compared with a column on its left: it would
        have no type, and so reach the driver as whatever it is.
        """
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect))
        for name, parameter in compiled.binds.items():
            if isinstance(parameter.type, sa.types.NullType):
                message = f"the parameter {name} has no type in {compiled}"
                raise TypeError(message)
        processors = cast("Mapping[str, Callable[[Any], Any]]", compiled._bind_processors)  # noqa: SLF001 - what the engine itself would call
        self.text = str(compiled)
        self.writes = _writes(statement)
        self._places = [
            (name, compiled.params.get(name), processors.get(name))
            for name in compiled.positiontup or ()
        ]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in their order; those that are part of the statement are filled in."""
        return [
            value if process is None else process(value)
            for name, fixed, process in self._places
            for value in (given.get(name, fixed),)
        ]


def _writes(statement: CompilerElement) -> bool:
    """Whether it is, or has within it, an INSERT, UPDATE or DELETE."""
    within = visitors.iterate(cast("visitors.ExternallyTraversible", statement))
    return any(isinstance(part, UpdateBase) for part in within)


def typed(kind: Any, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What makes Python's value of the driver's; None where they are the same. Any: a type."""
    if dialect.name == "postgresql" and is_instant(kind):
        return None  # the driver's are aware already, and in UTC
    processor = kind.dialect_impl(dialect).result_processor(dialect, None)
    return cast("Callable[[Any], Any] | None", processor)


def is_instant(kind: Any) -> bool:
    return isinstance(kind, sa.TypeDecorator) and isinstance(kind.impl_instance, sa.DateTime)
