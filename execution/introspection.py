"""Answers introspection without graphql-core's execution, and caches the answers.

The schema does not change while a process runs. Within an answer, a selection on one element of
the schema is therefore computed once, however often the element occurs: most types are the type of
many fields. A few whole answers are cached as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple, cast

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_list_type,
)

from database.bounded_cache import BoundedCache
from domain.text import Language
from execution.no_introspection_rule import META_FIELDS
from projection.arguments import CoerceArguments
from projection.selection import Operation, SelectedField, select
from projection.statements import StatementRunner
from projection.variables import Variables
from resolvers.context import Context

# Any, throughout: the elements of a schema have no common base.

MAX_ANSWERS: Final = 8
"""The number of answers that a process caches; the whole schema is about a megabyte."""

MAX_VARIABLES: Final = 1_000
"""Characters of the variables of a cached answer; one with more is not cached."""


CHINESE: Final = "chinese"
"""The key of a schema's extensions with its Chinese descriptions, by the `id` of what they tell of:
the elements cannot be keys, and live as long as the schema."""


class _ResolveInfo(NamedTuple):
    """The only part of graphql-core's resolve info that the introspection's resolvers use."""

    schema: GraphQLSchema


@dataclass(frozen=True, slots=True)
class _Field:
    """One key of an object that describes an element of the schema."""

    key: str
    resolve: Callable[..., Any]
    coerce_arguments: CoerceArguments
    is_list: bool
    subfields: Sequence[_Field] | None
    serialize: Callable[[Any], Any] | None
    """How a leaf is written; None if it needs no change."""
    is_description: bool = False


class IntrospectionShaper:
    """The shaper of one root field of the introspection."""

    def __init__(self, operation: Operation, selected: SelectedField) -> None:
        definition = META_FIELDS[selected.name]
        self._info = _ResolveInfo(operation.schema)
        self._chinese: Mapping[int, str] = operation.schema.extensions.get(CHINESE, {})
        self._field = _field(operation, definition, selected)

    def needs_runner(self, _value: Any, _context: Context) -> bool:
        return False

    async def shape(
        self,
        _runner: StatementRunner | None,
        values: Sequence[Any],
        context: Context,
        variables: Variables,
    ) -> list[Any]:
        """The same answer for each value: it depends on the schema, variables and language."""
        variables_text = repr(variables.coerced)
        language = context.request.description_language
        key = (self, variables_text, language)
        answer = _answers.get(key)
        if answer is None:
            translations = self._chinese if language is Language.ZH else {}
            answer = _Answer(self._info, variables, translations).field(self._field, None)
            if len(variables_text) <= MAX_VARIABLES:
                _answers.put(key, answer)
        return [answer] * len(values)


_answers: BoundedCache[tuple[IntrospectionShaper, str, Language], Any] = BoundedCache(MAX_ANSWERS)


def _field(operation: Operation, definition: GraphQLField, selected: SelectedField) -> _Field:
    type_ = get_named_type(definition.type)
    return _Field(
        key=selected.key,
        resolve=cast("Callable[..., Any]", definition.resolve),
        coerce_arguments=selected.argument_coercer(definition),
        is_list=is_list_type(get_nullable_type(definition.type)),
        subfields=(
            _subfields(operation, type_, selected) if isinstance(type_, GraphQLObjectType) else None
        ),
        serialize=type_.coerce_output_value if is_enum_type(type_) else None,
        is_description=selected.name == "description",
    )


def _subfields(
    operation: Operation, type_: GraphQLObjectType, parent: SelectedField
) -> Sequence[_Field]:
    return [
        _type_name(selected.key, type_.name)
        if selected.name == "__typename"
        else _field(operation, type_.fields[selected.name], selected)
        for selected in select(operation, type_, parent.nodes)
    ]


def _type_name(key: str, name: str) -> _Field:
    return _Field(key, lambda *_: name, lambda _: {}, is_list=False, subfields=None, serialize=None)


Read = Callable[[Any], Any]
"""Reads one key of an object from the element of the schema that it describes."""


class _Answer:
    """One answer in progress, with the objects computed so far.

    Each field is bound to its arguments once, not for each of the many elements that have it.
    """

    def __init__(
        self, info: _ResolveInfo, variables: Variables, translations: Mapping[int, str]
    ) -> None:
        self._info = info
        self._variables = variables
        self._translations = translations

    def field(self, field: _Field, element: Any) -> Any:
        return self._reader(field)(element)

    def _reader(self, field: _Field) -> Read:
        arguments = field.coerce_arguments(self._variables)
        resolve = partial(field.resolve, **arguments) if arguments else field.resolve
        info = self._info
        if field.is_description and self._translations:
            return lambda element: (
                self._translations.get(_identity(element)) or resolve(element, info)
            )
        complete = field.serialize if field.subfields is None else self._objects(field.subfields)
        if complete is None and not field.is_list:
            return lambda element: resolve(element, info)

        def read(element: Any) -> Any:
            value = resolve(element, info)
            if value is None:
                return None
            if complete is None:
                return list(value)
            return [complete(item) for item in value] if field.is_list else complete(value)

        return read

    def _objects(self, fields: Sequence[_Field]) -> Read:
        """What computes the objects with these fields, each once for an element."""
        readers = [(field.key, self._reader(field)) for field in fields]
        objects: dict[int, dict[str, Any]] = {}

        def object_(element: Any) -> dict[str, Any]:
            key = _identity(element)
            computed = objects.get(key)
            if computed is None:
                computed = objects[key] = {name: read(element) for name, read in readers}
            return computed

        return object_


def _identity(element: Any) -> int:
    # graphql-core passes fields, arguments and enum values in pairs with their names, and makes a
    # new pair each time. An element never has two names.
    return id(element[1] if type(element) is tuple else element)
