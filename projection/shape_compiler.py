"""Compiles shapes: functions from a row to an answer's object, as one would write them by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from database.compiled import Row
from projection.fields import RequestContext

ChildLists = Sequence[Any]  # Any: mappings, and perhaps a list of arguments
"""The lists below a statement's rows, each by its parents' keys; then, where fields need them, the
arguments of these fields.
"""

Shape = Callable[[Row, ChildLists, RequestContext], Any]


class ShapeCompiler:
    """Builds a Python expression, with names for the objects that it uses, and compiles it."""

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {"__builtins__": {}}

    def name(self, value: object) -> str:
        """Give an object a name that the expression can use."""
        name = f"k{len(self._objects)}"
        self._objects[name] = value
        return name

    def call(self, function: Callable[..., Any] | None, argument: str) -> str:
        """The expression that calls the function; the argument itself if there is none."""
        return argument if function is None else f"{self.name(function)}({argument})"

    def compile(self, expression: str) -> Shape:
        """Compile a function of a row, the lists below it, and the request's context."""
        return cast("Shape", self._compile("row, lists, context", expression))

    def compile_value(self, expression: str) -> Callable[[Any], Any]:
        """Compile a function of a row alone. Any: a resolved value, and its part of the answer."""
        return cast("Callable[[Any], Any]", self._compile("row", expression))

    def _compile(self, parameters: str, expression: str) -> object:
        # The only text of the client in it is GraphQL names, and those are quoted.
        return eval(f"lambda {parameters}: {expression}", self._objects)  # noqa: S307
