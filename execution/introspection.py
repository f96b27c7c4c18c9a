"""What clients ask of the schema, answered without graphql-core's execution, and kept.

The schema does not change while a process runs. What a selection makes of one of its elements is
therefore worked out once for an answer, however often the element occurs in it: most types occur
as the type of many fields. Whole answers are kept as well, a few at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from graphql import (
    SKIP,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    ValidationRule,
    VisitorAction,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_list_type,
)
from graphql.type import SchemaMetaFieldDef, TypeMetaFieldDef

from database.bounded_cache import BoundedCache
from projection.coercion import Arguments
from projection.selection import Operation, Selected, select
from projection.statements import StatementRunner
from projection.variables import Variables
from resolvers.context import Context

# Any, throughout: the elements of a schema have no common base.

META_FIELDS: Final[Mapping[str, GraphQLField]] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}

MAX_KEPT: Final = 8
"""How many answers a process keeps; the whole schema is about a megabyte."""

MAX_VARIABLES: Final = 1_000
"""Characters of the variables under which an answer is kept; with more it is not."""


class NoIntrospectionRule(ValidationRule):
    """Refuses what is asked of the schema itself; `__typename` is told by every object."""

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        if node.name.value not in META_FIELDS:
            return None
        message = f"Introspection is turned off: '{node.name.value}' is not answered."
        self.report_error(GraphQLError(message, node))
        return SKIP


class _Asked(NamedTuple):
    """The only part of graphql-core's resolve info that the resolvers of the introspection use."""

    schema: GraphQLSchema


@dataclass(frozen=True, slots=True)
class _Field:
    """One key of an object that describes an element."""

    key: str
    resolve: Callable[..., Any]
    arguments: Arguments
    is_list: bool
    inside: Sequence[_Field] | None
    write: Callable[[Any], Any] | None
    """How a leaf is written, if not as it is."""


class Introspection:
    """Answers one root field of an operation; a shaper as others are."""

    def __init__(self, operation: Operation, chosen: Selected) -> None:
        declared = META_FIELDS[chosen.name]
        self._asked = _Asked(operation.schema)
        self._field = _planned(operation, declared, chosen)

    def fetches(self, _value: Any) -> bool:
        """Whether it takes the database."""
        return False

    async def shape(
        self,
        _rows: StatementRunner | None,
        values: Sequence[Any],
        _given: Context,
        variables: Variables,
    ) -> list[Any]:
        """The same for each value: nothing but the schema is asked."""
        said = repr(variables.coerced)
        key = (self, said)
        found = _kept.get(key)
        if found is None:
            found = _Answer(self._asked, variables).field(self._field, None)
            if len(said) <= MAX_VARIABLES:
                _kept.put(key, found)
        return [found] * len(values)


_kept: BoundedCache[tuple[Introspection, str], Any] = BoundedCache(MAX_KEPT)


def _planned(operation: Operation, declared: GraphQLField, chosen: Selected) -> _Field:
    kind = get_named_type(declared.type)
    return _Field(
        key=chosen.key,
        resolve=cast("Callable[..., Any]", declared.resolve),
        arguments=chosen.arguments(declared),
        is_list=is_list_type(get_nullable_type(declared.type)),
        inside=_inside(operation, kind, chosen) if isinstance(kind, GraphQLObjectType) else None,
        write=kind.coerce_output_value if is_enum_type(kind) else None,
    )


def _inside(operation: Operation, kind: GraphQLObjectType, chosen: Selected) -> Sequence[_Field]:
    return [
        _named(one.key, kind.name)
        if one.name == "__typename"
        else _planned(operation, kind.fields[one.name], one)
        for one in select(operation, kind, chosen.nodes)
    ]


def _named(key: str, name: str) -> _Field:
    return _Field(key, lambda *_: name, lambda _: {}, is_list=False, inside=None, write=None)


class _Answer:
    """One answer under way: what was worked out of each element so far."""

    def __init__(self, asked: _Asked, variables: Variables) -> None:
        self._asked = asked
        self._variables = variables
        self._arguments: dict[int, Mapping[str, Any]] = {}
        self._objects: dict[tuple[int, int], dict[str, Any]] = {}

    def field(self, field: _Field, element: Any) -> Any:
        arguments = self._arguments.get(id(field))
        if arguments is None:
            self._arguments[id(field)] = arguments = field.arguments(self._variables)
        value = field.resolve(element, self._asked, **arguments)
        if value is None:
            return None
        inside, write = field.inside, field.write
        if inside is None:
            if write is None:
                return list(value) if field.is_list else value
            return [write(one) for one in value] if field.is_list else write(value)
        if field.is_list:
            return [self._object(inside, one) for one in value]
        return self._object(inside, value)

    def _object(self, fields: Sequence[_Field], element: Any) -> dict[str, Any]:
        # Fields, arguments and enum values come with their names, in a pair made anew each time.
        # The same one never has two names.
        key = (id(fields), id(element[1] if type(element) is tuple else element))
        found = self._objects.get(key)
        if found is None:
            found = {one.key: self.field(one, element) for one in fields}
            self._objects[key] = found
        return found
