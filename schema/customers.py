"""What customers see otherwise than staff: the variant of fields, names of actors, and details."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from domain.actors import ActorKind
from domain.events import CUSTOMER_DETAILS
from domain.text import Text
from resolvers.context import Context

CUSTOMERS: Final = "customers"
"""The variant of fields for customers."""


def is_customer(context: Context) -> bool:
    viewer = context.viewer_or_none
    return viewer is not None and viewer.kind is ActorKind.CUSTOMER


def variant_of(context: Context) -> str | None:
    """The variant of fields that the viewer sees."""
    return CUSTOMERS if is_customer(context) else None


_NAMES: Final = {
    ActorKind.MAIN_ACCOUNT: Text("商家", "The merchant"),
    ActorKind.EMPLOYEE: Text("商家", "The merchant"),
    ActorKind.CONNECTOR: Text("商城", "The shop"),
    ActorKind.PLATFORM: Text("平台", "The platform"),
}
"""The kinds of actors whose names customers do not see, and the names that they see instead."""


def actor_name(context: Context, kind: ActorKind | None, name: str | None) -> str | None:
    """The name by which a customer knows an actor."""
    if kind in _NAMES:
        return _NAMES[kind].in_(context.language)
    return name


def actor_kind(_context: Context, kind: ActorKind) -> ActorKind:
    """The kind of an actor for customers: the merchant's staff are all one."""
    return ActorKind.EMPLOYEE if kind is ActorKind.MAIN_ACCOUNT else kind


def event_details(_context: Context, details: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The details of an event, with keys as the API writes them."""
    return None if details is None else _in_camel_case(details)


def customers_event_details(
    context: Context, details: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The details of an event that customers see."""
    seen = {name: value for name, value in (details or {}).items() if name in CUSTOMER_DETAILS}
    return event_details(context, seen or None)


def _in_camel_case(value: Any) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {_camel_case(key): _in_camel_case(part) for key, part in value.items()}
    return [_in_camel_case(part) for part in value] if isinstance(value, list) else value


@lru_cache(maxsize=256)  # the keys are the code's own
def _camel_case(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)
