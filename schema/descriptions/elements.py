"""The elements of a schema that can have a description, with the names that the table uses."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)


class Element(NamedTuple):
    """An element of a schema."""

    name: str
    definition: Any
    """Any: the definitions of graphql-core have no common base."""
    is_specified: bool
    """Whether graphql-core defines it, for all schemas of the process."""


def elements_of(core: GraphQLSchema) -> Iterator[Element]:
    """Every element but the types of the introspection, which describe themselves."""
    yield Element("schema", core, is_specified=False)
    for kind in core.type_map.values():
        if not is_introspection_type(kind):
            yield Element(kind.name, kind, is_specified_scalar_type(kind))
            yield from _parts_of(kind)
    for directive in core.directives:
        is_specified = is_specified_directive(directive)
        yield Element(f"@{directive.name}", directive, is_specified)
        yield from _arguments_of(f"@{directive.name}", directive.args, is_specified=is_specified)


def _parts_of(kind: GraphQLNamedType) -> Iterator[Element]:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield Element(f"{kind.name}.{name}", field, is_specified=False)
            yield from _arguments_of(f"{kind.name}.{name}", field.args, is_specified=False)
    elif isinstance(kind, GraphQLInputObjectType):
        for name, value in kind.fields.items():
            yield Element(f"{kind.name}.{name}", value, is_specified=False)
    elif isinstance(kind, GraphQLEnumType):
        for name, member in kind.values.items():
            yield Element(f"{kind.name}.{name}", member, is_specified=False)


def _arguments_of(
    owner: str, arguments: Mapping[str, GraphQLArgument], *, is_specified: bool
) -> Iterator[Element]:
    for name, argument in arguments.items():
        yield Element(f"{owner}({name})", argument, is_specified)
