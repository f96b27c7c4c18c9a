"""Keyset pages: a cursor holds the values of the order itself, so it survives every change."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import orjson
import sqlalchemy as sa

from database.compiled import result_processor

MAX_PAGE: Final = 100
DEFAULT_PAGE: Final = 20
MAX_CURSOR: Final = 512
MAX_TOTAL: Final = 10_000
"""How far the items of a list are counted."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BadPage(ValueError):
    """A page argument that makes no sense; ``argument`` is its name."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


@dataclass(frozen=True, slots=True)
class Order:
    """An order that can be paged: its columns are never NULL, and together unique.

    Descending for all columns or for none, so that one row comparison finds the next page.
    """

    name: str
    columns: tuple[sa.ColumnElement[Any], ...]
    descending: bool = False

    def by(self, *, reverse: bool) -> list[sa.ColumnElement[Any]]:
        down = self.descending != reverse
        return [column.desc() if down else column.asc() for column in self.columns]

    def beyond(self, parameters: str, *, reverse: bool) -> sa.ColumnElement[bool]:
        """The rows that come after a cursor, or before it if reversed.

        The cursor's values are parameters of the statement: the name and a number.
        """
        mine = sa.tuple_(*self.columns)
        there = sa.tuple_(
            *(
                sa.bindparam(f"{parameters}{at}", type_=column.type)
                for at, column in enumerate(self.columns)
            )
        )
        return mine < there if self.descending != reverse else mine > there

    def reader(self, dialect: sa.Dialect) -> Callable[[Sequence[Any]], Sequence[Any]]:
        """What makes a cursor's values of those that the driver has for the columns."""
        kinds = [result_processor(column.type, dialect) for column in self.columns]
        if not any(kinds):
            return lambda values: values
        return lambda values: [
            value if kind is None else kind(value)
            for value, kind in zip(values, kinds, strict=True)
        ]

    def cursor(self, values: Sequence[Any]) -> str:
        said = [self.name, *(_said(value) for value in values)]
        packed = orjson.dumps(said)
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def read(self, cursor: str, argument: str) -> list[Any]:
        """The values in a cursor. Raises BadPage for anything that this order did not make."""
        wrong = BadPage(argument, "This is not a cursor of this list in this order.")
        if len(cursor) > MAX_CURSOR:
            raise wrong
        try:
            packed = base64.b64decode(
                cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
            said = json.loads(packed)
            if not isinstance(said, list) or said[:1] != [self.name]:
                raise wrong
            return [
                _read(value, _kind(column))
                for value, column in zip(said[1:], self.columns, strict=True)
            ]
        except (ValueError, TypeError, OSError, OverflowError, RecursionError) as error:
            raise wrong from error  # OSError: what the C library says to a year that is too large


@dataclass(frozen=True, slots=True)
class Window:
    """Which stretch of a list is asked for."""

    size: int
    backward: bool = False
    after: str | None = None
    before: str | None = None

    @classmethod
    def of(
        cls, *, first: int | None, after: str | None, last: int | None, before: str | None
    ) -> Self:
        """Read Relay's arguments. Raises BadPage."""
        if first is not None and last is not None:
            raise BadPage("last", "Give first or last, not both.")
        name, size = ("last", last) if last is not None else ("first", first)
        size = DEFAULT_PAGE if size is None else size
        if not 1 <= size <= MAX_PAGE:
            raise BadPage(name, f"A page has 1 to {MAX_PAGE} items.")
        backward = last is not None or (first is None and before is not None and after is None)
        return cls(size, backward, after, before)


def _kind(column: sa.ColumnElement[Any]) -> type:
    """What Python calls the column's values; a decorated type leaves that to what it decorates."""
    kind = column.type
    if isinstance(kind, sa.TypeDecorator):
        return kind.impl_instance.python_type
    return kind.python_type


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)  # a float would round it
    return value


def _read(said: Any, kind: type) -> Any:
    if kind is datetime:
        if not isinstance(said, int) or isinstance(said, bool):
            raise TypeError
        seconds, micros = divmod(said, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)
    if not isinstance(said, kind) or isinstance(said, bool):
        raise TypeError
    if isinstance(said, int) and not -(2**63) <= said < 2**63:
        raise OverflowError
    return said
