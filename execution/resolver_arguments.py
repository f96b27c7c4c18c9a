"""Converts coerced GraphQL arguments to a resolver's arguments, by converters made once.

Strawberry works out the type of each value again for each request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from typing import Any

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


def argument_converter(
    arguments: Sequence[StrawberryArgument], config: StrawberryConfig
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what converts a field's coerced arguments; absent arguments stay absent."""
    parameters = {
        config.name_converter.from_argument(argument): (
            argument.python_name,
            _converter(argument.type, config),
        )
        for argument in arguments
    }

    def convert(coerced: Mapping[str, Any]) -> dict[str, Any]:
        converted = {}
        for name, value in coerced.items():
            python_name, convert_value = parameters[name]
            converted[python_name] = value if convert_value is None else convert_value(value)
        return converted

    return convert


def _converter(type_: Any, config: StrawberryConfig) -> Convert | None:
    """None if values need no conversion. Any: Strawberry's types have no common base.

    Raises TypeError for a type that the API does not use.
    """
    if isinstance(type_, StrawberryMaybe):
        message = f"{type_} is not converted"
        raise TypeError(message)
    if isinstance(type_, StrawberryOptional):
        return _converter(type_.of_type, config)
    if isinstance(type_, StrawberryList):
        return _list_converter(_converter(type_.of_type, config))
    if isinstance(type_, LazyType):
        return _converter(type_.resolve_type(), config)
    if has_object_definition(type_):
        return _input_object_converter(type_, config)
    return None


def _list_converter(convert_item: Convert | None) -> Convert:
    def convert(values: Any) -> Any:
        if values is None or values is UNSET:
            return values
        # Always a copy: all requests share a default.
        return list(values) if convert_item is None else [convert_item(value) for value in values]

    return convert


def _input_object_converter(type_: Any, config: StrawberryConfig) -> Convert:
    definition = type_.__strawberry_definition__
    defaults = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }
    fields: dict[str, tuple[str, Convert | None]] | None = None

    def field_converters() -> dict[str, tuple[str, Convert | None]]:
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
        if fields is None:  # not earlier: an input type may contain itself
            fields = field_converters()
        arguments = dict(defaults)
        for name, field_value in value.items():
            python_name, convert_value = fields[name]
            arguments[python_name] = (
                field_value if convert_value is None else convert_value(field_value)
            )
        return type_(**arguments)

    return convert
