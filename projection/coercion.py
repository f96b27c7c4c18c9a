"""Variables and arguments, coerced by functions that are made once for a document.

graphql-core finds out anew for each request of which type each of them is. Whatever is not plainly
right is left to it, for it words what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    Node,
    ObjectValueNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    visit,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_argument_values,
)
from graphql.pyutils import Undefined
from graphql.type import get_nullable_type
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

# Any, throughout: input as it came, coerced values, and graphql-core's types, which have no common
# base.

Variables = VariableValues
Arguments = Callable[[Variables], Mapping[str, Any]]
"""The arguments of a field, once the variables of a request are known."""

Take = Callable[[Any], Any]
Build = Callable[[Mapping[str, Any]], Any]
"""A literal, once the values of its variables are known."""

_TEXTS: Final = (GraphQLString, GraphQLID)


class Unusual(Exception):
    """It may be wrong, or right in a way that is seldom used."""


def variables_by(
    schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]
) -> Callable[[Mapping[str, Any]], Variables]:
    """What coerces an operation's variables; it raises Unusual. The document is valid."""
    known = []
    for definition in definitions:
        signature: Any = get_variable_signature(schema, definition)
        default = Undefined if signature.default is None else coerce_default_value(signature)
        missing = default is Undefined and is_non_null_type(signature.type)
        known.append((signature, signature.name, _taker(signature.type), default, missing))

    def coerce(given: Mapping[str, Any]) -> Variables:
        sources, coerced = {}, {}
        for signature, name, take, default, is_missed in known:
            value = given.get(name, Undefined)
            sources[name] = VariableValueSource(signature, value)
            if value is not Undefined:
                coerced[name] = take(value)
            elif default is not Undefined:
                coerced[name] = default
            elif is_missed:
                raise Unusual
        return Variables(sources, coerced)

    return coerce


def _taker(kind: Any) -> Take:
    if is_non_null_type(kind):
        inner = _bare_taker(kind.of_type)

        def demand(value: Any) -> Any:
            if value is None:
                raise Unusual
            return inner(value)

        return demand
    inner = _bare_taker(kind)
    return lambda value: None if value is None else inner(value)


def _bare_taker(kind: Any) -> Take:
    if is_list_type(kind):
        return _list_taker(_taker(kind.of_type))
    if is_input_object_type(kind):
        return _object_taker(kind)
    if is_enum_type(kind):
        return _enum_taker({name: kind.coerce_input_value(name) for name in kind.values})
    return _take_text if kind in _TEXTS else _leaf_taker(kind.coerce_input_value)


def _take_text(value: Any) -> Any:
    if type(value) is not str:
        raise Unusual
    return value


def _enum_taker(known: Mapping[str, Any]) -> Take:
    def take(value: Any) -> Any:
        if type(value) is not str or value not in known:
            raise Unusual
        return known[value]

    return take


def _leaf_taker(coerce: Take) -> Take:
    def take(value: Any) -> Any:
        try:
            return coerce(value)
        except Exception as error:  # whatever a scalar raises for what it does not take
            raise Unusual from error

    return take


def _list_taker(item: Take) -> Take:
    def take(value: Any) -> Any:
        if type(value) is not list:
            raise Unusual
        return [item(one) for one in value]

    return take


def _object_taker(kind: GraphQLInputObjectType) -> Take:
    fields: list[tuple[str, str, Take, Any, bool]] = []

    def take(value: Any) -> Any:
        if type(value) is not dict:
            raise Unusual
        if not fields:  # not before: an input may hold itself
            fields.extend(
                (name, *_outside(name, field), is_required_input_field(field))
                for name, field in kind.fields.items()
            )
        found, said = {}, 0
        for name, out_name, take_one, default, is_required in fields:
            one = value.get(name, Undefined)
            if one is not Undefined:
                found[out_name] = take_one(one)
                said += 1
            elif is_required:
                raise Unusual
            elif default is not Undefined:
                found[out_name] = default
        if said != len(value):
            raise Unusual
        return _finished(kind, found)

    return take


def _outside(name: str, field: GraphQLInputField) -> tuple[str, Take, Any]:
    return field.out_name or name, _taker(field.type), coerce_default_value(field)


def _finished(kind: GraphQLInputObjectType, found: dict[str, Any]) -> Any:
    if kind.is_one_of and (len(found) != 1 or None in found.values()):
        raise Unusual
    return kind.out_type(found)


def arguments_by(field: GraphQLField, node: FieldNode) -> Arguments:
    """What makes the arguments of a field; without variables they are worked out once.

    It raises GraphQLError for what is wrong.
    """
    if not any(variables_in(argument) for argument in node.arguments or ()):
        found = get_argument_values(field, node)
        return lambda _variables: found
    try:
        parts = _parts(field.args, node.arguments or (), is_required_argument)
    except Unusual:
        return lambda variables: get_argument_values(field, node, variables)

    def arguments(variables: Variables) -> Mapping[str, Any]:
        try:
            return _put_together(parts, variables.coerced)
        except Unusual:
            return get_argument_values(field, node, variables)

    return arguments


@dataclass(frozen=True, slots=True)
class _Part:
    """One argument of a field, or one field of an input object."""

    name: str
    build: Build | None
    variable: str | None
    """The variable that it is; a missing one is as if nothing stood there."""
    default: Any
    is_required: bool


def _parts(
    declared: Mapping[str, Any], said: Iterable[Any], is_required: Callable[[Any], bool]
) -> Sequence[_Part]:
    """Of arguments or of fields, as they are declared and as they are said."""
    given = {one.name.value: one.value for one in said}
    parts = []
    for name, one in declared.items():
        value = given.get(name)
        parts.append(
            _Part(
                name=one.out_name or name,
                build=None if value is None else _builder(value, one.type),
                variable=value.name.value if isinstance(value, VariableNode) else None,
                default=coerce_default_value(one),
                is_required=is_required(one),
            )
        )
    return parts


def _put_together(parts: Sequence[_Part], values: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for part in parts:
        if part.build is not None and (part.variable is None or part.variable in values):
            found[part.name] = part.build(values)
        elif part.is_required:
            raise Unusual
        elif part.default is not Undefined:
            found[part.name] = part.default
    return found


def _builder(node: ValueNode, kind: Any) -> Build:
    """Raises Unusual for a literal that is better left to graphql-core."""
    if isinstance(node, VariableNode):
        return _look_up(node.name.value, is_demanded=is_non_null_type(kind))
    if not variables_in(node):
        constant = coerce_input_literal(node, kind)
        if constant is Undefined:
            raise Unusual
        return lambda _values: constant
    kind = get_nullable_type(kind)
    if is_list_type(kind):
        nodes = node.values if isinstance(node, ListValueNode) else (node,)
        items = [_builder(one, kind.of_type) for one in nodes]
        return lambda values: [item(values) for item in items]
    if is_input_object_type(kind) and isinstance(node, ObjectValueNode):
        parts = _parts(kind.fields, node.fields, is_required_input_field)
        return lambda values: _finished(kind, _put_together(parts, values))
    raise Unusual


def _look_up(name: str, *, is_demanded: bool) -> Build:
    def look_up(values: Mapping[str, Any]) -> Any:
        value = values.get(name, Undefined)
        # One that is missing within a list is null; graphql-core may say so.
        if value is Undefined or (is_demanded and value is None):
            raise Unusual
        return value

    return look_up


def variables_in(node: Node) -> list[str]:
    """The names of the variables that stand somewhere in a node."""
    found: list[str] = []

    class Look(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            found.append(node.name.value)

    visit(node, Look())
    return found
