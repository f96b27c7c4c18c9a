"""Coerces field arguments with functions that are made once per document.

graphql-core works out the type of each argument again for each request. Whatever is not plainly
correct is left to it, because it words the errors. ``variables.py`` coerces variables.
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

# Any, throughout: input as it arrived, coerced values, and graphql-core's types, which have no
# common base.

CoerceArguments = Callable[[Variables], Mapping[str, Any]]
"""Returns a field's arguments for the variables of a request."""

BuildValue = Callable[[Mapping[str, Any]], Any]
"""Returns the value of a literal for the values of its variables."""


class Unusual(Exception):
    """The value may be wrong, or correct in a way that is seldom used: graphql-core decides."""


def argument_coercer(field: GraphQLField, node: FieldNode) -> CoerceArguments:
    """Return what coerces a field's arguments; arguments without variables are coerced here, once.

    Both raise GraphQLError for arguments that do not fit.
    """
    if not any(variables_in(argument) for argument in node.arguments or ()):
        constants = get_argument_values(field, node)
        return lambda _variables: constants
    try:
        entries = _entries(field.args, node.arguments or (), is_required_argument)
    except Unusual:
        return lambda variables: get_argument_values(field, node, variables)

    def coerce_arguments(variables: Variables) -> Mapping[str, Any]:
        try:
            return _build_values(entries, variables.coerced)
        except Unusual:
            return get_argument_values(field, node, variables)

    return coerce_arguments


@dataclass(frozen=True, slots=True)
class _Entry:
    """One argument of a field, or one field of an input object."""

    name: str
    build: BuildValue | None
    variable: str | None
    """The variable that is the whole value. If it has no value, the entry counts as absent."""
    default: Any
    is_required: bool


def _entries(
    definitions: Mapping[str, Any], nodes: Iterable[Any], is_required: Callable[[Any], bool]
) -> Sequence[_Entry]:
    """Match arguments, or the fields of an input object, to their definitions."""
    values = {node.name.value: node.value for node in nodes}
    entries = []
    for name, definition in definitions.items():
        value = values.get(name)
        entries.append(
            _Entry(
                name=definition.out_name or name,
                build=None if value is None else _value_builder(value, definition.type),
                variable=value.name.value if isinstance(value, VariableNode) else None,
                default=coerce_default_value(definition),
                is_required=is_required(definition),
            )
        )
    return entries


def _build_values(entries: Sequence[_Entry], variables: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for entry in entries:
        if entry.build is not None and (entry.variable is None or entry.variable in variables):
            values[entry.name] = entry.build(variables)
        elif entry.is_required:
            raise Unusual
        elif entry.default is not Undefined:
            values[entry.name] = entry.default
    return values


def _value_builder(node: ValueNode, type_: Any) -> BuildValue:
    """Raises Unusual for a literal that is left to graphql-core."""
    if isinstance(node, VariableNode):
        return _variable_reader(node.name.value, is_non_null=is_non_null_type(type_))
    if not variables_in(node):
        constant = coerce_input_literal(node, type_)
        if constant is Undefined:
            raise Unusual
        return lambda _variables: constant
    type_ = get_nullable_type(type_)
    if is_list_type(type_):
        nodes = node.values if isinstance(node, ListValueNode) else (node,)
        builders = [_value_builder(item, type_.of_type) for item in nodes]
        return lambda variables: [build(variables) for build in builders]
    if is_input_object_type(type_) and isinstance(node, ObjectValueNode):
        entries = _entries(type_.fields, node.fields, is_required_input_field)
        return lambda variables: _input_object(type_, _build_values(entries, variables))
    raise Unusual


def _input_object(type_: GraphQLInputObjectType, values: dict[str, Any]) -> Any:
    if type_.is_one_of and (len(values) != 1 or None in values.values()):
        raise Unusual
    return type_.out_type(values)


def _variable_reader(name: str, *, is_non_null: bool) -> BuildValue:
    def read(variables: Mapping[str, Any]) -> Any:
        value = variables.get(name, Undefined)
        # A missing variable within a list means null; graphql-core decides.
        if value is Undefined or (is_non_null and value is None):
            raise Unusual
        return value

    return read


def variables_in(node: Node) -> list[str]:
    """The names of the variables that a node contains."""
    names: list[str] = []

    class VariableVisitor(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            names.append(node.name.value)

    visit(node, VariableVisitor())
    return names
