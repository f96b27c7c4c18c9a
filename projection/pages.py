"""Keyset pages: orders, cursors and page arguments.

A cursor holds the values of the order's columns, so it stays valid whatever changes.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import orjson
import sqlalchemy as sa

from database.compiled import result_processor
from database.unindexed import Unindexed

MAX_PAGE: Final = 100
DEFAULT_PAGE: Final = 20
MAX_CURSOR: Final = 512
"""Characters of a cursor."""

MAX_TOTAL: Final = 10_000
"""How far the items of a list are counted."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BadPage(ValueError):
    """A page argument is not valid; ``argument`` is its name."""

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

    def unindexed(self) -> "Order":
        """The same order by sorting: no index gives it."""
        return replace(self, columns=tuple(Unindexed(column) for column in self.columns))

    def order_by(self, *, reverse: bool) -> list[sa.ColumnElement[Any]]:
        descending = self.descending != reverse
        return [column.desc() if descending else column.asc() for column in self.columns]

    def beyond_cursor(self, parameter: str, *, reverse: bool) -> sa.ColumnElement[bool]:
        """The rows after a cursor; with ``reverse``, those before it.

        The cursor's values are the statement's parameters: the name followed by a number.
        """
        row = sa.tuple_(*self.columns)
        cursor = sa.tuple_(
            *(
                sa.bindparam(f"{parameter}{position}", type_=column.type)
                for position, column in enumerate(self.columns)
            )
        )
        return row < cursor if self.descending != reverse else row > cursor

    def value_reader(self, dialect: sa.Dialect) -> Callable[[Sequence[Any]], Sequence[Any]]:
        """Return what converts the driver's values of the columns to Python's."""
        converters = [result_processor(column.type, dialect) for column in self.columns]
        if not any(converters):
            return lambda values: values
        return lambda values: [
            value if convert is None else convert(value)
            for value, convert in zip(values, converters, strict=True)
        ]

    def encode_cursor(self, values: Sequence[Any]) -> str:
        content = [self.name, *(_encoded(value) for value in values)]
        return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()

    def decode_cursor(self, cursor: str, argument: str) -> list[Any]:
        """The values in a cursor. Raises BadPage for a cursor that this order did not make."""
        bad_page = BadPage(argument, "This is not a cursor of this list in this order.")
        if len(cursor) > MAX_CURSOR:
            raise bad_page
        try:
            decoded = base64.b64decode(
                cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
            content = json.loads(decoded)
            if not isinstance(content, list) or content[:1] != [self.name]:
                raise bad_page
            return [
                _decoded(value, _python_type(column))
                for value, column in zip(content[1:], self.columns, strict=True)
            ]
        except (ValueError, TypeError, OSError, OverflowError, RecursionError) as error:
            raise bad_page from error  # OSError: the C library's, for a year that is too large


@dataclass(frozen=True, slots=True)
class PageArguments:
    """Relay's arguments ``first``, ``after``, ``last`` and ``before``, checked."""

    size: int
    backward: bool = False
    after: str | None = None
    before: str | None = None

    @classmethod
    def of(
        cls, *, first: int | None, after: str | None, last: int | None, before: str | None
    ) -> Self:
        """Check the arguments. Raises BadPage."""
        if first is not None and last is not None:
            raise BadPage("last", "Give first or last, not both.")
        name, size = ("last", last) if last is not None else ("first", first)
        size = DEFAULT_PAGE if size is None else size
        if not 1 <= size <= MAX_PAGE:
            raise BadPage(name, f"A page has 1 to {MAX_PAGE} items.")
        backward = last is not None or (first is None and before is not None and after is None)
        return cls(size, backward, after, before)


def _python_type(column: sa.ColumnElement[Any]) -> type:
    """The Python type of a column's values; a decorated type has that of the type it decorates."""
    sql_type = column.type
    if isinstance(sql_type, sa.TypeDecorator):
        return sql_type.impl_instance.python_type
    return sql_type.python_type


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)  # a float would round it
    return value


def _decoded(value: Any, python_type: type) -> Any:
    if python_type is datetime:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError
        seconds, microseconds = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
    if not isinstance(value, python_type) or isinstance(value, bool):
        raise TypeError
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError
    return value
