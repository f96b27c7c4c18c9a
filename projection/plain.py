"""Shaping values that are plain objects already: nothing of them has to be fetched."""

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

from projection.code import Code
from projection.registry import Registry
from projection.selection import Operation, select

Finish = Callable[[Any], Any]


class Typed(dict[str, Any]):
    """A shaped object whose type an interface leaves open."""

    __slots__ = ("type_name",)

    def __init__(self, shaped: Mapping[str, Any], type_name: str) -> None:
        super().__init__(shaped)
        self.type_name = type_name


def plain(
    registry: Registry, operation: Operation, kind: Any, nodes: Iterable[FieldNode]
) -> Finish | None:
    """How to shape values of a type, and lists of them; None for what needs nothing done.

    Any: graphql-core's named types have no common base.
    """
    nodes = tuple(nodes)
    match kind:
        case GraphQLObjectType():
            return _each(_attributes(registry, operation, kind, nodes))
        case GraphQLInterfaceType() | GraphQLUnionType():
            return _each(_open(registry, operation, kind, nodes))
        case GraphQLScalarType() if not (
            is_specified_scalar_type(kind) or kind.name in registry.encoded
        ):
            return _each(kind.serialize)
        case GraphQLEnumType() if any(
            getattr(value.value, "value", value.value) != name
            for name, value in kind.values.items()
        ):
            return _each(kind.serialize)
        case _:
            return None


def _open(
    registry: Registry, operation: Operation, kind: Any, nodes: Sequence[FieldNode]
) -> Finish:
    possible = {
        one.name: _attributes(registry, operation, one, nodes)
        for one in operation.schema.get_possible_types(kind)
    }
    type_of = registry.type_of

    def shape(value: Any) -> Typed:
        name = type_of(value)
        return Typed(possible[name](value), name)

    return shape


def _attributes(
    registry: Registry, operation: Operation, kind: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> Finish:
    code, parts = Code(), []
    for chosen in select(operation, kind, nodes):
        if chosen.name == "__typename":
            parts.append(f"{chosen.key!r}: {kind.name!r}")
            continue
        named = get_named_type(kind.fields[chosen.name].type)
        finish = plain(registry, operation, named, chosen.nodes)
        value = code.call(finish, f"row.{registry.attributes(kind.name, chosen.name)}")
        parts.append(f"{chosen.key!r}: {value}")
    shape = code.shape("{" + ", ".join(parts) + "}")
    return lambda value: shape(value, (), None)


def _each(one: Finish) -> Finish:
    def shape(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [shape(each) for each in value]
        return None if value is None else one(value)

    return shape
