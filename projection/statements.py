"""A statement that was compiled once, and what it takes from the database to run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

import sqlalchemy as sa

Row = Sequence[Any]


class Rows(Protocol):
    """A connection that runs statements as text, and answers the driver's own rows."""

    @property
    def dialect(self) -> sa.Dialect: ...

    async def fetch(self, statement: str, values: Sequence[Any]) -> Sequence[Row]:
        """Run one statement."""
        ...

    async def see_one_state(self) -> None:
        """Let all statements from here on see the database as it is now."""
        ...


class Statement:
    """The text of a select, and the order and form in which the driver takes its parameters."""

    __slots__ = ("_places", "text")

    def __init__(self, select: sa.Select[Any], dialect: sa.Dialect) -> None:
        """The select has no ``IN`` of a list: that is another statement for each length.

        Raises TypeError for a parameter that is not compared with a column on its left: it would
        have no type, and so reach the driver as whatever it is.
        """
        compiled = select.compile(dialect=dialect)
        for name, parameter in compiled.binds.items():
            if isinstance(parameter.type, sa.types.NullType):
                message = f"the parameter {name} has no type in {compiled}"
                raise TypeError(message)
        processors = cast("Mapping[str, Callable[[Any], Any]]", compiled._bind_processors)  # noqa: SLF001 - what the engine itself would call
        self.text = str(compiled)
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

    async def run(self, rows: Rows, given: Mapping[str, Any]) -> Sequence[Row]:
        return await rows.fetch(self.text, self.values(given))


def typed(kind: Any, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What makes Python's value of the driver's; None where they are the same. Any: a type."""
    if dialect.name == "postgresql" and _is_instant(kind):
        return None  # the driver's are aware already, and in UTC
    processor = kind.dialect_impl(dialect).result_processor(dialect, None)
    return cast("Callable[[Any], Any] | None", processor)


def wire(kind: Any, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What makes of the driver's value one that the JSON encoder writes as the API says it."""
    if isinstance(kind, sa.Enum) and all(one.name == one.value for one in kind.enum_class or ()):
        return None  # stored by the name that the API says
    if _is_instant(kind) and dialect.name == "sqlite":
        return _instant
    return typed(kind, dialect)


def _is_instant(kind: Any) -> bool:
    return isinstance(kind, sa.TypeDecorator) and isinstance(kind.impl_instance, sa.DateTime)


def _instant(stored: str | None) -> str | None:
    """SQLite's text ``2026-11-22 12:00:00.000000``, which is UTC, as RFC 3339."""
    if stored is None:
        return None
    fraction = stored[19:]
    return f"{stored[:10]}T{stored[11:19]}{'' if fraction == '.000000' else fraction}+00:00"
