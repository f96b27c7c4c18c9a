"""What the planner knows of the schema's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from projection.fields import Entity


@dataclass(frozen=True, slots=True)
class Registry:
    """All that the planner knows of the schema's types.

    ``attributes`` names, for types that are plain objects, the attribute behind each field;
    ``type_of`` tells the type of a plain object where the schema leaves it open. ``encoded`` names
    the scalars whose values the JSON encoder writes as the API says them.
    """

    entities: Mapping[str, Entity]
    attributes: Callable[[str, str], str]
    type_of: Callable[[object], str]
    encoded: frozenset[str] = frozenset()
