"""The registry: what the planner knows of the schema's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from projection.fields import Entity


@dataclass(frozen=True, slots=True)
class Registry:
    """The entities of a schema, and how to read the types that are Python objects.

    ``attribute_name`` returns the attribute behind a field of a type that is a Python object.
    ``type_name`` returns the type of such an object where the schema leaves it open.
    ``json_scalars`` names the scalars whose values the JSON encoder writes as the API does.
    """

    entities: Mapping[str, Entity]
    attribute_name: Callable[[str, str], str]
    type_name: Callable[[object], str]
    json_scalars: frozenset[str] = frozenset()
