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
    """Return what completes values of a type, and lists of them; None if they need no change.

    Any: graphql-core's named types have no common base.
    """
    nodes = tuple(nodes)
    match type_:
        case GraphQLObjectType():
            return _or_list(_object_completer(registry, operation, type_, nodes))
        case GraphQLInterfaceType() | GraphQLUnionType():
            return _or_list(_abstract_completer(registry, operation, type_, nodes))
        case GraphQLScalarType() if not (
            is_specified_scalar_type(type_) or type_.name in registry.json_scalars
        ):
            return _or_list(type_.serialize)
        case GraphQLEnumType() if any(
            getattr(value.value, "value", value.value) != name
            for name, value in type_.values.items()
        ):
            return _or_list(type_.serialize)
        case _:
            return None


def _abstract_completer(
    registry: Registry, operation: Operation, type_: Any, nodes: Sequence[FieldNode]
) -> Complete:
    completers = {
        possible.name: _object_completer(registry, operation, possible, nodes)
        for possible in operation.schema.get_possible_types(type_)
    }
    type_name = registry.type_name

    def complete(value: Any) -> TypedObject:
        name = type_name(value)
        return TypedObject(completers[name](value), name)

    return complete


def _object_completer(
    registry: Registry, operation: Operation, type_: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> Complete:
    compiler, entries = ShapeCompiler(), []
    for selected in select(operation, type_, nodes):
        if selected.name == "__typename":
            entries.append(f"{selected.key!r}: {type_.name!r}")
            continue
        named = get_named_type(type_.fields[selected.name].type)
        complete = completer(registry, operation, named, selected.nodes)
        attribute = registry.attribute_name(type_.name, selected.name)
        entries.append(f"{selected.key!r}: {compiler.call(complete, f'row.{attribute}')}")
    shape = compiler.compile("{" + ", ".join(entries) + "}")
    return lambda value: shape(value, (), None)


def _or_list(complete: Complete) -> Complete:
    def complete_any(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [complete_any(item) for item in value]
        return None if value is None else complete(value)

    return complete_any
