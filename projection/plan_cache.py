"""The plans of one document, made once and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from database.bounded_cache import BoundedCache
from projection.variables import Variables

T = TypeVar("T")

MAX_PLANS: Final = 64
"""The number of plans that a document keeps: one for each field, order and directive outcome."""


@dataclass(slots=True)
class PlanCache:
    """The plans of one document, by operation, directive outcome and key.

    ``directive_variables`` names the variables that decide what ``@include`` and ``@skip`` leave.
    """

    directive_variables: tuple[str, ...] = ()
    _plans: BoundedCache[object, Any] = field(default_factory=lambda: BoundedCache(MAX_PLANS))

    def get(
        self,
        operation_name: str | None,
        variables: Variables,
        key: tuple[Any, ...],
        make: Callable[[], T],
    ) -> T:
        """Return the plan for a key; make and keep it if there is none."""
        outcome: tuple[Any, ...] = ()
        if self.directive_variables:
            outcome = tuple([variables.coerced.get(name) for name in self.directive_variables])
        full_key = (operation_name, outcome, key)
        plan: T | None = self._plans.peek(full_key)
        if plan is None:
            plan = make()
            self._plans.put(full_key, plan)
        return plan
