"""What selection sets ask for, and which parts of them can stand in one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from execution.amounts import Amount

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a selection set asks for, its fragments expanded.

    `values` estimates how many values the answer holds: each field counts once for each object
    that its enclosing pages and lists may bring. Introspection is counted apart, because tools
    ask for much more of the schema at once than clients should ask of the data.

    Of fragments on types that exclude one another, `fields` and `values` hold the largest: an
    object has one type.
    """

    depth: int = 0
    root_fields: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    values: Amount = 0
    introspection_depth: int = 0
    introspection_values: int = 0
    sign_ins: int = 0

    def as_introspection(self) -> Load:
        """Move what is asked of the schema out of the way of what is asked of the data."""
        assert isinstance(self.values, int)  # noqa: S101 -- no list of it has a page size
        return Load(
            root_fields=self.root_fields,
            fields=self.fields,
            aliases=self.aliases,
            directives=self.directives,
            introspection_depth=self.depth,
            introspection_values=self.values,
        )


@dataclass(slots=True)
class Parts:
    """The parts of one selection set: those for every object, and those for some types of it."""

    always: list[Load] = field(default_factory=list)
    some: dict[str, list[Load]] = field(default_factory=dict)

    def all(self) -> list[Load]:
        return [*self.always, *(one for loads in self.some.values() for one in loads)]

    def alternatives(self, possible: Callable[[str], frozenset[str]]) -> list[list[Load]]:
        """Those that can stand in one object, for each type that it may have."""
        types = {name: possible(name) for name in self.some}
        known = [name for name in types if types[name]]
        if len(known) < 2:  # noqa: PLR2004 - one excludes nothing
            return [self.all()]
        always = [*self.always]
        for name in self.some:
            if not types[name]:  # an unknown type: the standard rules report it, afterwards
                always += self.some[name]
        together = {
            tuple(name for name in known if one in types[name])
            for one in frozenset().union(*types.values())
        }
        return [
            [*always, *(load for name in names for load in self.some[name])] for names in together
        ]
