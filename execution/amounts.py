"""Amounts that may depend on page sizes in variables: worked out once per document as far as known.

What is left open becomes a short list of steps. A request runs them with its variables, in time
linear in their number, however often fragments are spread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

ENDLESS: Final = 10**9
"""Amounts saturate here: chained fragments could reach 2^500."""


class Open(NamedTuple):
    """An amount that depends on variables: the result of a step."""

    step: int


Amount = int | Open
Given = Mapping[str, Any]
"""The coerced variables of a request. Any: their values."""

Size = int | Callable[[Given], int]
"""A page size, or what works it out."""

_Step = Callable[[Sequence[int], Given], int]


@dataclass(slots=True)
class Amounts:
    """Adds and compares amounts; steps are only made for those that are open."""

    _steps: list[_Step] = field(default_factory=list)

    def sum(self, amounts: Iterable[Amount]) -> Amount:
        known, opened = _parted(amounts)
        constant = min(ENDLESS, sum(known))
        if not opened:
            return constant
        if len(opened) == 1 and not constant:
            return Open(opened[0])
        return self._open(lambda found, _: constant + sum([found[at] for at in opened]))

    def largest(self, amounts: Iterable[Amount]) -> Amount:
        known, opened = _parted(set(amounts))
        constant = max(known, default=0)
        if not opened:
            return constant
        if len(opened) == 1 and not constant:
            return Open(opened[0])
        return self._open(lambda found, _: max(constant, *[found[at] for at in opened]))

    def times(self, size: Size, amount: Amount) -> Amount:
        """A field that brings ``size`` objects: itself, and the amount for each of them."""
        if isinstance(size, int):
            if isinstance(amount, int):
                return min(ENDLESS, 1 + size * amount)
            factor, at = size, amount.step
            return self._open(lambda found, _: 1 + factor * found[at])
        if isinstance(amount, int):
            each = amount
            return self._open(lambda _, given: 1 + size(given) * each)
        at = amount.step
        return self._open(lambda found, given: 1 + size(given) * found[at])

    def work_out(self, amount: Amount, given: Given) -> int:
        """The amount with the variables of a request."""
        if isinstance(amount, int):
            return amount
        found: list[int] = []
        for step in self._steps:
            found.append(min(ENDLESS, step(found, given)))
        return found[amount.step]

    def _open(self, step: _Step) -> Open:
        self._steps.append(step)
        return Open(len(self._steps) - 1)


def _parted(amounts: Iterable[Amount]) -> tuple[list[int], list[int]]:
    """Those that are known, and the steps of those that are open."""
    known, opened = [], []
    for one in amounts:
        if isinstance(one, int):
            known.append(one)
        else:
            opened.append(one.step)
    return known, opened
