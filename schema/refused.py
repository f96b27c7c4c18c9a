"""What the payload of a refused mutation shows beside its refusals: the order as it is now."""

import contextlib
from collections.abc import Mapping
from typing import Any

from domain.refusals.refusal import BadInput, Refused
from models.queries.signed_in_with_order import OrderAhead
from resolvers.context import Context
from schema import ids, visible

ATTRIBUTE = "service_order"
"""The attribute of payloads that show the order of a step."""


def shows_order(payload: Any, arguments: Any) -> bool:  # Any: types of Strawberry
    """Whether a payload shows the order that the ``id`` of the input names."""
    return _has(payload, ATTRIBUTE) and _has(arguments, "id")


def note_order(context: Context, arguments: Mapping[str, Any]) -> None:
    """Note the order that the ``id`` of the input names: it is read together with the viewer."""
    with contextlib.suppress(BadInput, Refused):
        key = ids.key_of("ServiceOrder", arguments["input"]["id"])
        context.ahead = OrderAhead(*key, context.now)


def current_order(context: Context, arguments: Any) -> Any:  # Any: an input; a source
    """The order that a refused input names, if the viewer may see it. Read only if selected."""
    key = None if context.mutation is None else context.mutation.order
    if key is None:
        try:
            key = ids.key_of("ServiceOrder", arguments.id)
        except (BadInput, Refused):
            return None
    return visible.order(context.viewer, key)


def _has(kind: Any, name: str) -> bool:
    definition = getattr(kind, "__strawberry_definition__", None)
    return definition is not None and any(field.python_name == name for field in definition.fields)
