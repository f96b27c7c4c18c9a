"""Arguments, coerced by functions that are made once for a document.

graphql-core works out the type of each of them again for each request. Whatever is not plainly
right is left to it, for it words what is wrong. Variables are in ``variables.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    ListValueNode,
    Node,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    Visitor,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    visit,
)
from graphql.execution.values import get_argument_values
from graphql.pyutils import Undefined
from graphql.type import get_nullable_type
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

from projection.variables import Variables

# Any, throughout: input as it came, coerced values, and graphql-core's types, which have no common
# base.

Arguments = Callable[[Variables], Mapping[str, Any]]
"""The arguments of a field, once the variables of a request are known."""

Build = Callable[[Mapping[str, Any]], Any]
"""A literal, once the values of its variables are known."""


class Unusual(Exception):
    """It may be wrong, or right in a way that is seldom used."""


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


def _finished(kind: GraphQLInputObjectType, found: dict[str, Any]) -> Any:
    if kind.is_one_of and (len(found) != 1 or None in found.values()):
        raise Unusual
    return kind.out_type(found)


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
