"""Variables, coerced by functions that are made once for a document, in time linear in their size.

graphql-core's ``get_variable_values`` goes over the input three times, and quotes the whole of an
input object for each key in it that it does not know: 77 kB took it six seconds. Here coercion
stops at the first mistake in each variable and after ``MAX_ERRORS`` variables, and no message
quotes more than ``MAX_QUOTED`` characters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLSchema,
    GraphQLString,
    VariableDefinitionNode,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.pyutils import Undefined, did_you_mean, inspect, print_path_list, suggestion_list
from graphql.utilities.coerce_input_value import coerce_default_value

# Any, throughout: input as it came, coerced values, and graphql-core's types, which have no common
# base.

Variables = VariableValues
Take = Callable[[Any], Any]

MAX_ERRORS: Final = 5
"""How many variables are reported before coercion stops."""

MAX_QUOTED: Final = 64
"""How many characters of a name a message quotes. Suggestions for longer ones are not looked for:
graphql-core compares them letter by letter."""

_TEXTS: Final = (GraphQLString, GraphQLID)


class BadVariables(Exception):
    """Variables do not fit their types; ``errors`` says which and why."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = list(errors)


class _BadValue(Exception):
    """A value does not fit its type."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.path: list[str | int] = []
        """Where in the variable, from the inside out."""


def variables_by(
    schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode], *, suggests: bool = True
) -> Callable[[Mapping[str, Any]], Variables]:
    """What coerces an operation's variables. It raises BadVariables. The document is valid.

    Without ``suggests`` the messages name nothing of the schema that the client did not name.
    """
    takers = _Takers(suggests=suggests)
    known = []
    for definition in definitions:
        signature: Any = get_variable_signature(schema, definition)
        default = Undefined if signature.default is None else coerce_default_value(signature)
        missing = default is Undefined and is_non_null_type(signature.type)
        take = takers.of(signature.type)
        known.append((signature, signature.name, definition, take, default, missing))

    def coerce(given: Mapping[str, Any]) -> Variables:
        sources, coerced, errors = {}, {}, []
        for signature, name, definition, take, default, is_missed in known:
            value = given.get(name, Undefined)
            sources[name] = VariableValueSource(signature, value)
            try:
                if value is not Undefined:
                    coerced[name] = take(value)
                elif default is not Undefined:
                    coerced[name] = default
                elif is_missed:
                    raise _missing_variable(signature.type)
            except _BadValue as bad:
                errors.append(_worded(name, definition, bad))
                if len(errors) == MAX_ERRORS:
                    break
        if errors:
            raise BadVariables(errors)
        return Variables(sources, coerced)

    return coerce


def _worded(name: str, definition: VariableDefinitionNode, bad: _BadValue) -> GraphQLError:
    where = print_path_list(bad.path[::-1])
    return GraphQLError(f"Variable '${name}' has invalid value{where}: {bad.message}", definition)


class _Takers:
    """Makes what takes a value of a type, and raises _BadValue for one that does not fit."""

    def __init__(self, *, suggests: bool) -> None:
        self._suggests = suggests

    def of(self, kind: Any) -> Take:
        if is_non_null_type(kind):
            inner = self._bare(kind.of_type)

            def demand(value: Any) -> Any:
                if value is None:
                    message = f"Expected value of non-null type '{kind}' not to be None."
                    raise _BadValue(message)
                return inner(value)

            return demand
        inner = self._bare(kind)
        return lambda value: None if value is None else inner(value)

    def _bare(self, kind: Any) -> Take:
        if is_list_type(kind):
            return _list_taker(self.of(kind.of_type))
        if is_input_object_type(kind):
            return self._object(kind)
        if is_enum_type(kind):
            return self._enum(kind)
        leaf = _leaf_taker(kind)
        if kind not in _TEXTS:
            return leaf
        return lambda value: value if type(value) is str else leaf(value)

    def _enum(self, kind: GraphQLEnumType) -> Take:
        known = {name: kind.coerce_input_value(name) for name in kind.values}

        def take(value: Any) -> Any:
            if type(value) is str and value in known:
                return known[value]
            if type(value) is not str:
                message = f"Enum '{kind}' cannot represent non-string value: {inspect(value)}."
                raise _BadValue(message)
            message = f"Value '{_quoted(value)}' does not exist in '{kind}' enum."
            raise _BadValue(message + self._suggestion(value, known, "the enum value"))

        return take

    def _object(self, kind: GraphQLInputObjectType) -> Take:
        fields: list[tuple[str, str, Take, Any, bool]] = []

        def take(value: Any) -> Any:
            if type(value) is not dict:
                message = f"Expected value of type '{kind}' to be an object."
                raise _BadValue(message)
            if not fields:  # not before: an input may hold itself
                fields.extend(
                    (name, *self._outside(name, field), is_required_input_field(field))
                    for name, field in kind.fields.items()
                )
            found, said = {}, 0
            for name, out_name, take_one, default, is_required in fields:
                one = value.get(name, Undefined)
                if one is Undefined:
                    if is_required:
                        raise _missing(kind, name)
                    if default is not Undefined:
                        found[out_name] = default
                    continue
                try:
                    found[out_name] = take_one(one)
                except _BadValue as bad:
                    bad.path.append(name)
                    raise
                said += 1
            if said != len(value):
                raise self._unknown(kind, value)
            return _finished(kind, found)

        return take

    def _outside(self, name: str, field: GraphQLInputField) -> tuple[str, Take, Any]:
        return field.out_name or name, self.of(field.type), coerce_default_value(field)

    def _unknown(self, kind: GraphQLInputObjectType, value: Mapping[str, Any]) -> _BadValue:
        name = next(one for one in value if one not in kind.fields)
        message = f"Expected value of type '{kind}' not to include unknown field '{_quoted(name)}'."
        return _BadValue(message + self._suggestion(name, kind.fields))

    def _suggestion(self, name: str, known: Collection[str], what: str | None = None) -> str:
        if not self._suggests or len(name) > MAX_QUOTED:
            return ""
        return did_you_mean(suggestion_list(name, known), what)


def _list_taker(item: Take) -> Take:
    def take(value: Any) -> Any:
        if type(value) is not list:
            return [item(value)]  # GraphQL takes one value for a list of one
        found: list[Any] = []
        try:
            for one in value:
                found.append(item(one))  # noqa: PERF401 - its length tells where the mistake is
        except _BadValue as bad:
            bad.path.append(len(found))
            raise
        return found

    return take


def _leaf_taker(kind: Any) -> Take:
    coerce = kind.coerce_input_value

    def take(value: Any) -> Any:
        try:
            return coerce(value)
        except GraphQLError as error:
            raise _BadValue(error.message) from error
        except RecursionError:
            pass  # raising here would keep all of its frames alive
        except Exception as error:  # whatever a scalar raises for what it does not take
            message = (
                f"Expected value of type '{kind}', but encountered error '{error}'; "
                f"found: {inspect(value)}."
            )
            raise _BadValue(message) from error
        message = f"Expected value of type '{kind}', found one that is nested too deeply."
        raise _BadValue(message)

    return take


def _finished(kind: GraphQLInputObjectType, found: dict[str, Any]) -> Any:
    if kind.is_one_of and (len(found) != 1 or None in found.values()):
        message = f"Within OneOf Input Object type '{kind}', exactly one field must be specified, "
        raise _BadValue(message + "and the value for that field must be non-null.")
    return kind.out_type(found)


def _missing_variable(kind: Any) -> _BadValue:
    return _BadValue(f"Expected a value of non-null type '{kind}' to be provided.")


def _missing(kind: GraphQLInputObjectType, name: str) -> _BadValue:
    # What was found is not quoted, as graphql-core would: it may hold a password.
    message = f"Expected value of type '{kind}' to include required field '{name}'."
    return _BadValue(message)


def _quoted(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…"
