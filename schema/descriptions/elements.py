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

from domain.text import Text
from execution.guard import GUARDS
from schema.access import Access


class Element(NamedTuple):
    """An element of a schema."""

    name: str
    definition: Any
    """Any: the definitions of graphql-core have no common base."""
    note: Text | None = None
    """The last paragraph of a root field's description: who may use the field."""
    is_specified: bool = False
    """Whether graphql-core defines it, for all schemas of the process."""

    @property
    def english(self) -> str:
        """The English description without the note; empty if there is none."""
        description: str = self.definition.description or ""
        if self.note is None:
            return description
        return description.removesuffix(f"\n\n{self.note.zh} {self.note.en}")


def elements_of(core: GraphQLSchema) -> Iterator[Element]:
    """Every element but the types of the introspection, which describe themselves."""
    guards: Mapping[tuple[str, str], Access] = core.extensions[GUARDS]
    yield Element("schema", core)
    for kind in core.type_map.values():
        if not is_introspection_type(kind):
            yield Element(kind.name, kind, is_specified=is_specified_scalar_type(kind))
            yield from _parts_of(kind, guards)
    for directive in core.directives:
        name, is_specified = f"@{directive.name}", is_specified_directive(directive)
        yield Element(name, directive, is_specified=is_specified)
        yield from _arguments_of(name, directive.args, is_specified=is_specified)


def _parts_of(
    kind: GraphQLNamedType, guards: Mapping[tuple[str, str], Access]
) -> Iterator[Element]:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for key, field in kind.fields.items():
            name, guard = f"{kind.name}.{key}", guards.get((kind.name, key))
            yield Element(name, field, None if guard is None else guard.note())
            yield from _arguments_of(name, field.args)
    elif isinstance(kind, GraphQLInputObjectType):
        for key, value in kind.fields.items():
            yield Element(f"{kind.name}.{key}", value)
    elif isinstance(kind, GraphQLEnumType):
        for key, member in kind.values.items():
            yield Element(f"{kind.name}.{key}", member)


def _arguments_of(
    owner: str, arguments: Mapping[str, GraphQLArgument], *, is_specified: bool = False
) -> Iterator[Element]:
    for key, argument in arguments.items():
        yield Element(f"{owner}({key})", argument, is_specified=is_specified)
