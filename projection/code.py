"""Functions that shape rows, compiled from an expression as one would write it by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from database.compiled import Row
from projection.fields import Given

Lists = Sequence[Mapping[tuple[Any, ...], list[Any]]]
Shape = Callable[[Row, Lists, Given], Any]


class Code:
    """An expression of Python, and the objects that it calls by name."""

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {"__builtins__": {}}

    def name(self, thing: object) -> str:
        name = f"k{len(self._objects)}"
        self._objects[name] = thing
        return name

    def call(self, function: Callable[..., Any] | None, argument: str) -> str:
        return argument if function is None else f"{self.name(function)}({argument})"

    def shape(self, expression: str) -> Shape:
        """The function of a row, the lists below it, and what the request brings along."""
        # Of the client's text there are only names of GraphQL in it, and those quoted.
        made = eval(f"lambda row, lists, given: {expression}", self._objects)  # noqa: S307
        return cast("Shape", made)
