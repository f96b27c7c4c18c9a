"""Coerces input values of every type: lists, input objects, enums and scalars."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLString,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.pyutils import Undefined, did_you_mean, inspect, suggestion_list
from graphql.utilities.coerce_input_value import coerce_default_value

# Any, throughout: input as it arrived, coerced values, and graphql-core's types, which have no
# common base.

Coerce = Callable[[Any], Any]
"""Returns the coerced value. Raises BadValue for a value that does not fit."""

MAX_QUOTED: Final = 64
"""The number of characters of a name that a message quotes. Longer names get no suggestions:
graphql-core compares names letter by letter."""

_STRING_TYPES: Final = (GraphQLString, GraphQLID)


class BadValue(Exception):
    """A value does not fit its type."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.path: list[str | int] = []
        """The path to the value within its variable, from the inside out."""


class InputCoercers:
    """Makes the coercers of types."""

    def __init__(self, *, suggests: bool) -> None:
        self._suggests = suggests

    def coercer(self, type_: Any) -> Coerce:
        """Return the coercer of a type, nullable or not."""
        if is_non_null_type(type_):
            coerce = self._nullable(type_.of_type)

            def coerce_non_null(value: Any) -> Any:
                if value is None:
                    message = f"Expected value of non-null type '{type_}' not to be None."
                    raise BadValue(message)
                return coerce(value)

            return coerce_non_null
        coerce = self._nullable(type_)
        return lambda value: None if value is None else coerce(value)

    def _nullable(self, type_: Any) -> Coerce:
        if is_list_type(type_):
            return _list_coercer(self.coercer(type_.of_type))
        if is_input_object_type(type_):
            return self._input_object(type_)
        if is_enum_type(type_):
            return self._enum(type_)
        coerce = _scalar_coercer(type_)
        if type_ not in _STRING_TYPES:
            return coerce
        return lambda value: value if type(value) is str else coerce(value)

    def _enum(self, type_: GraphQLEnumType) -> Coerce:
        members = {name: type_.coerce_input_value(name) for name in type_.values}

        def coerce(value: Any) -> Any:
            if type(value) is str and value in members:
                return members[value]
            if type(value) is not str:
                message = f"Enum '{type_}' cannot represent non-string value: {inspect(value)}."
                raise BadValue(message)
            message = f"Value '{_quoted(value)}' does not exist in '{type_}' enum."
            raise BadValue(message + self._suggestion(value, members, "the enum value"))

        return coerce

    def _input_object(self, type_: GraphQLInputObjectType) -> Coerce:
        fields: list[tuple[str, str, Coerce, Any, bool]] = []

        def coerce(value: Any) -> Any:
            if type(value) is not dict:
                message = f"Expected value of type '{type_}' to be an object."
                raise BadValue(message)
            if not fields:  # not earlier: an input type may contain itself
                fields.extend(
                    (name, *self._field(name, field), is_required_input_field(field))
                    for name, field in type_.fields.items()
                )
            coerced, known_keys = {}, 0
            for name, out_name, coerce_field, default, is_required in fields:
                field_value = value.get(name, Undefined)
                if field_value is Undefined:
                    if is_required:
                        raise _missing_field(type_, name)
                    if default is not Undefined:
                        coerced[out_name] = default
                    continue
                try:
                    coerced[out_name] = coerce_field(field_value)
                except BadValue as bad:
                    bad.path.append(name)
                    raise
                known_keys += 1
            if known_keys != len(value):
                raise self._unknown_field(type_, value)
            return _input_object(type_, coerced)

        return coerce

    def _field(self, name: str, field: GraphQLInputField) -> tuple[str, Coerce, Any]:
        return field.out_name or name, self.coercer(field.type), coerce_default_value(field)

    def _unknown_field(self, type_: GraphQLInputObjectType, value: Mapping[str, Any]) -> BadValue:
        name = next(key for key in value if key not in type_.fields)
        message = (
            f"Expected value of type '{type_}' not to include unknown field '{_quoted(name)}'."
        )
        return BadValue(message + self._suggestion(name, type_.fields))

    def _suggestion(self, name: str, names: Collection[str], what: str | None = None) -> str:
        if not self._suggests or len(name) > MAX_QUOTED:
            return ""
        return did_you_mean(suggestion_list(name, names), what)


def _list_coercer(coerce_item: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if type(value) is not list:
            return [coerce_item(value)]  # GraphQL takes a single value for a list of one
        items: list[Any] = []
        try:
            for item in value:
                items.append(coerce_item(item))  # noqa: PERF401 - its length is the bad item's index
        except BadValue as bad:
            bad.path.append(len(items))
            raise
        return items

    return coerce


def _scalar_coercer(type_: Any) -> Coerce:
    coerce_input_value = type_.coerce_input_value

    def coerce(value: Any) -> Any:
        try:
            return coerce_input_value(value)
        except GraphQLError as error:
            raise BadValue(error.message) from error
        except RecursionError:
            pass  # raising here would keep all of its frames alive
        except Exception as error:  # a scalar may raise anything for a value that it does not take
            message = (
                f"Expected value of type '{type_}', but encountered error '{error}'; "
                f"found: {inspect(value)}."
            )
            raise BadValue(message) from error
        message = f"Expected value of type '{type_}', found one that is nested too deeply."
        raise BadValue(message)

    return coerce


def _input_object(type_: GraphQLInputObjectType, values: dict[str, Any]) -> Any:
    if type_.is_one_of and (len(values) != 1 or None in values.values()):
        message = f"Within OneOf Input Object type '{type_}', exactly one field must be specified, "
        raise BadValue(message + "and the value for that field must be non-null.")
    return type_.out_type(values)


def _missing_field(type_: GraphQLInputObjectType, name: str) -> BadValue:
    # The value is not quoted, as graphql-core would: it may hold a password.
    return BadValue(f"Expected value of type '{type_}' to include required field '{name}'.")


def _quoted(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…"
