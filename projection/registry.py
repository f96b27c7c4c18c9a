"""The registry: what the planner knows of the schema's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from projection.fields import Entity, PlainFetch, RequestContext, Varying


def _no_variant(_context: RequestContext) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Registry:
    """The entities of a schema, and how to read the types that are Python objects.

    ``attribute_name`` returns the attribute behind a field of a type that is a Python object.
    ``type_name`` returns the type of such an object where the schema leaves it open.
    ``json_scalars`` names the scalars whose values the JSON encoder writes as the API does.
    ``variant_of`` returns the viewer's variant of fields that not every viewer sees alike, None for
    the default. ``deferred`` names the fields of Python objects that are read only if selected.
    A document has plans of its own for each variant, so that rows pay nothing for it.
    """

    entities: Mapping[str, Entity]
    attribute_name: Callable[[str, str], str]
    type_name: Callable[[object], str]
    json_scalars: frozenset[str] = frozenset()
    variant_of: Callable[[RequestContext], str | None] = _no_variant
    deferred: frozenset[tuple[str, str]] = frozenset()

    def fetch(self, type_name: str, field_name: str, variant: str | None) -> PlainFetch:
        """How a field is fetched for the viewers of a variant."""
        fetch = self.entities[type_name].fields[field_name]
        if not isinstance(fetch, Varying):
            return fetch
        return fetch.default if variant is None else fetch.variants.get(variant, fetch.default)
