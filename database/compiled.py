"""Statements that are compiled once, and conversion of values to and from the driver's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import CompilerElement

Row = Sequence[Any]


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
            (index, convert)
            for index, name in enumerate(names)
            if (
                convert := _bind_processor(compiled.binds[name].type, processors.get(name), dialect)
            )
        ]

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The parameters in the driver's order, with the constants of the statement filled in."""
        get = parameters.get
        values = [get(name, constant) for name, constant in self._parameters]
        for index, convert in self._conversions:
            values[index] = convert(values[index])
        return values


def _bind_processor(
    type_: Any, process: Callable[[Any], Any] | None, dialect: sa.Dialect
) -> Callable[[Any], Any] | None:
    """Converts Python's value to the driver's: as SQLAlchemy's ``process`` does, in fewer calls.

    None if they are the same. Any: an SQL type.
    """
    if process is None:
        return None
    if isinstance(type_, sa.Enum):
        # A member of a StrEnum equals the text that is stored for it.
        return {stored: process(stored) for stored in (None, *type_.enums)}.__getitem__
    if isinstance(type_, sa.JSON) and type_.none_as_null:
        return _write_json
    is_postgresql = dialect.name == "postgresql"
    return _asyncpg_processor(type_, process, dialect) if is_postgresql else process


def _asyncpg_processor(
    type_: Any, process: Callable[[Any], Any], dialect: sa.Dialect
) -> Callable[[Any], Any] | None:
    """The same for a driver that takes Python's values, and refuses those of another type."""
    if isinstance(type_, sa.Boolean):
        return None
    if is_instant(type_):
        return lambda value: value if value is None or value.tzinfo is UTC else process(value)
    if isinstance(type_, sa.ARRAY) and type_.dimensions == 1:
        of_item = type_.item_type.dialect_impl(dialect).bind_processor(dialect)
        convert = _bind_processor(type_.item_type, of_item, dialect)
        return None if convert is None else lambda values: list(map(convert, values))
    return process


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


def _write_json(value: Any) -> str | None:  # Any: JSON
    return None if value is None else orjson.dumps(value).decode()


def is_instant(type_: Any) -> bool:
    return isinstance(type_, sa.TypeDecorator) and isinstance(type_.impl_instance, sa.DateTime)
