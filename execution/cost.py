"""The cost of a selection set, and the costs of its parts by type condition."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from execution.formulas import Count

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of a selection set, its fragments expanded.

    `values` estimates the number of values in the answer: each field counts once for each object
    that the pages and lists around it may return. Introspection is counted apart, because tools
    ask for much more of the schema at once than clients should ask of the data.

    Of fragments on types that exclude one another, `fields` and `values` hold the largest: an
    object has one type.
    """

    depth: int = 0
    root_fields: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    values: Count = 0
    introspection_depth: int = 0
    introspection_values: int = 0
    schema_introspections: int = 0
    sign_ins: int = 0

    def as_introspection(self, *, of_schema: bool) -> Cost:
        """Count `depth` and `values` as introspection, of the whole schema or of one type."""
        assert isinstance(self.values, int)  # noqa: S101 -- no list of the schema takes a page size
        return Cost(
            root_fields=self.root_fields,
            fields=self.fields,
            aliases=self.aliases,
            directives=self.directives,
            introspection_depth=self.depth,
            introspection_values=self.values,
            schema_introspections=int(of_schema),
        )


@dataclass(slots=True)
class SelectionCosts:
    """The costs of the parts of one selection set."""

    unconditional: list[Cost] = field(default_factory=list)
    by_condition: dict[str, list[Cost]] = field(default_factory=dict)
    """The costs of fragments, by the name of the type in their type condition."""

    def all(self) -> list[Cost]:
        return [
            *self.unconditional,
            *(cost for costs in self.by_condition.values() for cost in costs),
        ]

    def alternatives(self, possible_types: Callable[[str], frozenset[str]]) -> list[list[Cost]]:
        """The costs that can apply to one object, for each type that it may have."""
        types = {condition: possible_types(condition) for condition in self.by_condition}
        known_conditions = [condition for condition in types if types[condition]]
        if len(known_conditions) < 2:  # noqa: PLR2004 - one condition excludes nothing
            return [self.all()]
        unconditional = [*self.unconditional]
        for condition in self.by_condition:
            if not types[condition]:  # an unknown type: the standard rules report it, afterwards
                unconditional += self.by_condition[condition]
        compatible = {
            tuple(condition for condition in known_conditions if type_name in types[condition])
            for type_name in frozenset().union(*types.values())
        }
        return [
            [
                *unconditional,
                *(cost for condition in conditions for cost in self.by_condition[condition]),
            ]
            for conditions in compatible
        ]
