"""Completes resolved values: Python objects, enums and scalars with nothing left to fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_specified_scalar_type,
)

from projection.registry import Registry
from projection.selection import Operation, select
from projection.shape_compiler import ShapeCompiler

Complete = Callable[[Any], Any]
"""What the GraphQL specification calls CompleteValue: from a resolved value to the answer's."""


class TypedObject(dict[str, Any]):
    """A shaped object that carries the name of its type, because its field's type is abstract."""

    __slots__ = ("type_name",)

    def __init__(self, shaped: Mapping[str, Any], type_name: str) -> None:
        super().__init__(shaped)
        self.type_name = type_name


def completer(
    registry: Registry, operation: Operation, type_: Any, nodes: Iterable[FieldNode]
) -> Complete | None:
    """Return what completes values of a type, null included; None if they need no change.

    Any: graphql-core's types have no common base.
    """
    nodes = tuple(nodes)
    is_list = is_list_type(get_nullable_type(type_))
    match named := get_named_type(type_):
        case GraphQLObjectType():
            complete = _object_completer(registry, operation, named, nodes)
            return _of_list(complete) if is_list else complete
        case GraphQLInterfaceType() | GraphQLUnionType():
            complete = _abstract_completer(registry, operation, named, nodes)
        case GraphQLScalarType() if not (
            is_specified_scalar_type(named) or named.name in registry.json_scalars
        ):
            complete = named.serialize
        case GraphQLEnumType() if any(
            getattr(value.value, "value", value.value) != name
            for name, value in named.values.items()
        ):
            complete = named.serialize
        case _:
            return None
    return _of_list(complete) if is_list else _unless_null(complete)


def _abstract_completer(
    registry: Registry, operation: Operation, type_: Any, nodes: Sequence[FieldNode]
) -> Complete:
    """Each possible type is compiled when a value has it: there are a hundred types of refusals."""
    types = {possible.name: possible for possible in operation.schema.get_possible_types(type_)}
    completers: dict[str, Complete] = {}
    type_name = registry.type_name

    def complete(value: Any) -> TypedObject:
        name = type_name(value)
        if name not in completers:
            completers[name] = _object_completer(registry, operation, types[name], nodes)
        return TypedObject(completers[name](value), name)

    return complete


def _object_completer(
    registry: Registry, operation: Operation, type_: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> Complete:
    """Complete an object, or null: in one call, for a page has one or more in each row."""
    compiler, entries = ShapeCompiler(), []
    for selected in select(operation, type_, nodes):
        if selected.name == "__typename":
            entries.append(f"{selected.key!r}: {type_.name!r}")
            continue
        field_type = type_.fields[selected.name].type
        complete = completer(registry, operation, field_type, selected.nodes)
        attribute = registry.attribute_name(type_.name, selected.name)
        entries.append(f"{selected.key!r}: {compiler.call(complete, f'row.{attribute}')}")
    return compiler.compile_value("None if row is None else {" + ", ".join(entries) + "}")


def _of_list(complete: Complete) -> Complete:
    def complete_any(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [complete_any(item) for item in value]
        return None if value is None else complete(value)

    return complete_any


def _unless_null(complete: Complete) -> Complete:
    return lambda value: None if value is None else complete(value)
