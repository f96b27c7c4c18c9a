"""Formulas: counts that depend on page sizes in variables, for the cost analysis.

What a document says is computed once. The rest becomes a short list of formulas, which a request
evaluates with its variables: in time linear in their number, however often fragments are spread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

MAX_COUNT: Final = 10**9
"""Counts saturate here: chained fragments could reach 2^500."""


class Formula(NamedTuple):
    """A count that depends on variables: the position of its function."""

    position: int


Count = int | Formula
Values = Mapping[str, Any]
"""The coerced values of a request's variables. Any: they have any type."""

Multiplier = int | Fraction | Callable[[Values], int]
"""The number of objects that a field returns, as an average a fraction, or what computes it."""

_Function = Callable[[Sequence[int], Values], int]
"""Computes a count from the results of the functions before it, and the variables."""


@dataclass(slots=True)
class Formulas:
    """Adds, compares and multiplies counts; makes a function only if a count is a formula."""

    _functions: list[_Function] = field(default_factory=list)

    def sum(self, counts: Iterable[Count]) -> Count:
        constants, positions = _separate(counts)
        constant = min(MAX_COUNT, sum(constants))
        if not positions:
            return constant
        if len(positions) == 1 and not constant:
            return Formula(positions[0])
        return self._add(lambda results, _: constant + sum([results[i] for i in positions]))

    def maximum(self, counts: Iterable[Count]) -> Count:
        constants, positions = _separate(set(counts))
        constant = max(constants, default=0)
        if not positions:
            return constant
        if len(positions) == 1 and not constant:
            return Formula(positions[0])
        return self._add(lambda results, _: max(constant, *[results[i] for i in positions]))

    def multiply(self, multiplier: Multiplier, count: Count) -> Count:
        """A field that returns ``multiplier`` objects: one for itself, and the count for each."""
        if isinstance(multiplier, Fraction):
            # Only the introspection has averages, and none of its counts depends on variables.
            assert isinstance(count, int)  # noqa: S101
            return min(MAX_COUNT, 1 + math.ceil(multiplier * count))
        if isinstance(multiplier, int):
            if isinstance(count, int):
                return min(MAX_COUNT, 1 + multiplier * count)
            factor, position = multiplier, count.position
            return self._add(lambda results, _: 1 + factor * results[position])
        if isinstance(count, int):
            constant = count
            return self._add(lambda _, values: 1 + multiplier(values) * constant)
        position = count.position
        return self._add(lambda results, values: 1 + multiplier(values) * results[position])

    def evaluate(self, count: Count, values: Values) -> int:
        """The count for the variables of a request."""
        if isinstance(count, int):
            return count
        results: list[int] = []
        for function in self._functions:
            results.append(min(MAX_COUNT, function(results, values)))
        return results[count.position]

    def _add(self, function: _Function) -> Formula:
        self._functions.append(function)
        return Formula(len(self._functions) - 1)


def _separate(counts: Iterable[Count]) -> tuple[list[int], list[int]]:
    """The constants, and the positions of the formulas."""
    constants, positions = [], []
    for count in counts:
        if isinstance(count, int):
            constants.append(count)
        else:
            positions.append(count.position)
    return constants, positions
