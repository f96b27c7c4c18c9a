"""Arguments as graphql-core coerced them become what a resolver takes, by converters made once.

Strawberry finds out anew for each value of each request which type it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from typing import Any, cast

from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

Convert = Callable[[Any], Any]


def arguments_by(
    arguments: Sequence[StrawberryArgument], config: StrawberryConfig
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """What makes a resolver's arguments of the coerced ones; what was left out is left out."""
    known = {
        config.name_converter.from_argument(one): (one.python_name, _converter(one.type, config))
        for one in arguments
    }

    def convert(given: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for name, value in given.items():
            python_name, convert_value = known[name]
            found[python_name] = value if convert_value is None else convert_value(value)
        return found

    return convert


def _converter(kind: Any, config: StrawberryConfig) -> Convert | None:
    """None for what is as it has to be. Any: Strawberry's types have no common base.

    Raises TypeError for a type that the API does not use.
    """
    if isinstance(kind, StrawberryMaybe):
        message = f"{kind} is not converted"
        raise TypeError(message)
    if isinstance(kind, StrawberryOptional):
        return _converter(kind.of_type, config)
    if isinstance(kind, StrawberryList):
        return _list(_converter(kind.of_type, config))
    if isinstance(kind, LazyType):
        return _converter(kind.resolve_type(), config)
    if has_object_definition(kind):
        return _object(kind, config)
    return None


def _list(one: Convert | None) -> Convert:
    def convert(values: Any) -> Any:
        if values is None or values is UNSET:
            return values
        # Always a copy: a default belongs to all requests.
        return list(values) if one is None else [one(value) for value in values]

    return convert


def _object(kind: Any, config: StrawberryConfig) -> Convert:
    definition = kind.__strawberry_definition__
    absent = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }
    fields: dict[str, tuple[str, Convert | None]] | None = None

    def known() -> dict[str, tuple[str, Convert | None]]:
        return {
            config.name_converter.from_field(field): (
                field.python_name,
                _converter(field.resolve_type(type_definition=definition), config),
            )
            for field in definition.fields
        }

    def convert(value: Any) -> Any:
        nonlocal fields
        if value is None or value is UNSET:
            return value
        if fields is None:  # not before: an input may hold itself
            fields = known()
        said = dict(absent)
        for name, one in cast("Mapping[str, Any]", value).items():
            python_name, convert_value = fields[name]
            said[python_name] = one if convert_value is None else convert_value(one)
        return kind(**said)

    return convert
