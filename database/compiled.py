"""Statements that are compiled once, and conversion of values to and from the driver's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import CompilerElement

Row = Sequence[Any]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Statement:
    """The text of a statement, and the order and form in which the driver takes its parameters."""

    def __init__(self, statement: CompilerElement, dialect: sa.Dialect) -> None:
        """Compile a statement without ``IN`` lists: each length would be a statement of its own.

        Raises TypeError for a parameter that is not compared with a column on its left: it has no
        type, so its value would reach the driver unconverted.
        """
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect))
        for name, parameter in compiled.binds.items():
            if isinstance(parameter.type, sa.types.NullType):
                message = f"the parameter {name} has no type in {compiled}"
                raise TypeError(message)
        processors = cast("Mapping[str, Callable[[Any], Any]]", compiled._bind_processors)  # noqa: SLF001 - what the engine itself would call
        self.text = str(compiled)
        self.writes = _writes(statement)
        names = compiled.positiontup or ()
        self._parameters = [(name, compiled.params.get(name)) for name in names]
        self._conversions = [
            (index, _instant(process) if is_instant(compiled.binds[name].type) else process)
            for index, name in enumerate(names)
            if (process := processors.get(name)) is not None
        ]

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The parameters in the driver's order, with the constants of the statement filled in."""
        get = parameters.get
        values = [get(name, constant) for name, constant in self._parameters]
        for index, convert in self._conversions:
            values[index] = convert(values[index])
        return values


def _instant(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A conversion of instants that leaves out what is mostly nothing: from UTC to UTC.

    SQLite's driver takes texts, so there ``process`` converts them all.
    """
    if process(_EPOCH) is not _EPOCH:
        return process
    return lambda value: value if value is None or value.tzinfo is UTC else process(value)


def _writes(statement: CompilerElement) -> bool:
    """Whether the statement is, or contains, an INSERT, UPDATE or DELETE."""
    elements = visitors.iterate(cast("visitors.ExternallyTraversible", statement))
    return any(isinstance(element, UpdateBase) for element in elements)


def result_processor(type_: Any, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """Converts the driver's value to Python's; None if they are the same. Any: an SQL type."""
    if is_instant(type_):  # PostgreSQL's driver returns aware datetimes in UTC
        return None if dialect.name == "postgresql" else _read_instant
    if isinstance(type_, sa.Float):
        return None  # the drivers return floats; asyncpg's processor needs the type of the result
    if dialect.name == "sqlite" and isinstance(type_, sa.JSON):
        return _read_json
    processor = type_.dialect_impl(dialect).result_processor(dialect, None)
    if processor is not None and isinstance(type_, sa.Enum):
        # SQLAlchemy's own takes two calls for each value.
        members = {stored: processor(stored) for stored in (None, *type_.enums)}
        return members.__getitem__
    return cast("Callable[[Any], Any] | None", processor)


def _read_instant(stored: str | None) -> datetime | None:
    """SQLite's text ``2026-11-22 12:00:00.000000``, which is UTC: SQLAlchemy's takes five calls."""
    return None if stored is None else datetime.fromisoformat(f"{stored}+00:00")


def _read_json(stored: str | None) -> Any:  # Any: JSON
    return None if stored is None else orjson.loads(stored)


def is_instant(type_: Any) -> bool:
    return isinstance(type_, sa.TypeDecorator) and isinstance(type_.impl_instance, sa.DateTime)
