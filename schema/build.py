"""Builds the schema: rejects unguarded root fields, and lets graphql-core read shaped rows."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import strawberry
from graphql import (
    DirectiveLocation,
    GraphQLDirective,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_non_null_type,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from domain.text import Language
from execution.checked_document import EXPLORABLE
from execution.document_gate import DocumentGate
from execution.guard import GUARDS
from execution.introspection import CHINESE
from execution.ordinary_execution import Info, fetch_sources
from execution.root_steps import RootField
from execution.sources import Deferred, is_source
from projection.completion import TypedObject
from projection.fields import Entity
from projection.registry import Registry
from schema.access import REQUIRES_ARGUMENTS, Access, Public
from schema.customers import variant_of
from schema.descriptions.elements import Element
from schema.descriptions.table import chinese_descriptions
from schema.mutations import Mutation
from schema.queries import Query
from schema.scalars import SCALARS
from schema.sdl import order_types, ordered_sdl
from schema.subscriptions import Subscription
from schema.types.refusal import TYPES

_BACKREF = "strawberry-definition"
_ENCODED = frozenset({"DateTime", "JSON"})
"""Scalars that orjson serializes in the API's format."""


_ROOTS = (Query, Mutation, Subscription)


class QuietSchema(strawberry.Schema):
    """Leaves logging to the transport, which tells server errors from client errors.

    Its SDL begins with the main types: see ``schema/sdl.py``.
    """

    def as_str(self) -> str:
        return ordered_sdl(super().as_str(), self._schema.description or "")

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: hostile documents could flood the log with their own text."""


def build(*, explorable: bool = True, language: Language = Language.EN) -> strawberry.Schema:
    """Build the whole API. Clients may run introspection only if it is ``explorable``.

    The ``language`` is that of the printed SDL. The introspection answers in both.

    Raises TypeError for a root field without a guard.
    """
    schema = QuietSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=list(TYPES.values()),
        extensions=[DocumentGate],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    core = schema._schema  # noqa: SLF001 - Strawberry has no public access to the core schema
    _leave_out_draft_location(core)
    order_types(core)
    requires = cast("GraphQLDirective", core.get_directive("requires"))
    for name, description in REQUIRES_ARGUMENTS.items():
        requires.args[name].description = description
    definitions = {
        name: kind.extensions[_BACKREF]
        for name, kind in core.type_map.items()
        if isinstance(kind.extensions.get(_BACKREF), StrawberryObjectDefinition)
    }
    names = schema.config.name_converter
    fields = {
        name: {names.get_graphql_name(field): field for field in definition.fields}
        for name, definition in definitions.items()
    }
    guards = {
        (root.name, name): _guard_of(root.name, name, field)
        for root in (core.query_type, core.mutation_type, core.subscription_type)
        if root is not None
        for name, field in fields[root.name].items()
    }
    _let_roots_be_null(core, guards)
    for name, definition in definitions.items():
        kind = core.type_map[name]
        if isinstance(kind, GraphQLObjectType) and definition.origin not in _ROOTS:
            _read_rows(kind, fields[name])
        if isinstance(kind, GraphQLObjectType):
            kind.is_type_of = None  # the interfaces' resolve_type also knows shaped rows
        if isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = definition.is_one_of  # the standard validation rules read this
    for kind in core.type_map.values():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = _type_of
    core.extensions = {
        **core.extensions,
        EXPLORABLE: explorable,
        "projection": _registry(definitions, fields),
        "roots": {
            (root, name): RootField.of(fields[root][name], schema, guard)
            for (root, name), guard in guards.items()
        },
        GUARDS: guards,
    }
    chinese = list(chinese_descriptions(core))
    core.extensions[CHINESE] = {id(element.definition): text for element, text in chinese}
    if language is Language.ZH:
        _translate(chinese)
    return schema


def _let_roots_be_null(core: GraphQLSchema, guards: Mapping[tuple[str, str], Access]) -> None:
    """Make a root field nullable that can be refused: its error leaves the other fields' answers.

    Fields of queries that require no sign-in refuse nobody. A mutation can always fail, after those
    before it were carried out. A subscription has one field. See decision 74.
    """
    for root in (core.query_type, core.mutation_type):
        if root is None:
            continue
        for name, field in root.fields.items():
            is_open = root is core.query_type and isinstance(guards[root.name, name], Public)
            if is_non_null_type(field.type) and not is_open:
                field.type = field.type.of_type


def _leave_out_draft_location(core: GraphQLSchema) -> None:
    """Let ``@deprecated`` stand where the specification of October 2021 and of 2025 lets it stand.

    graphql-core 3.3 adds ``DIRECTIVE_DEFINITION``, of a draft. Tools that read the locations of an
    introspection into an enum of their own refuse the whole schema, and no directive of ours is
    deprecated.
    """
    core.directives = tuple(
        GraphQLDirective(
            directive.name,
            [
                location
                for location in directive.locations
                if location is not DirectiveLocation.DIRECTIVE_DEFINITION
            ],
            args=directive.args,
            is_repeatable=directive.is_repeatable,
            description=directive.description,
        )
        if DirectiveLocation.DIRECTIVE_DEFINITION in directive.locations
        else directive
        for directive in core.directives
    )


def _translate(chinese: Iterable[tuple[Element, str]]) -> None:
    for element, text in chinese:
        if not element.is_specified:  # others belong to all schemas of the process
            element.definition.description = text


Fields = Mapping[str, Mapping[str, StrawberryField]]


def _guard_of(root: str, name: str, field: StrawberryField) -> Access:
    for extension in field.extensions:
        if isinstance(extension, Access):
            return extension
    message = f"{root}.{name} does not say who may use it"
    raise TypeError(message)


def _read_rows(kind: GraphQLObjectType, fields: Mapping[str, StrawberryField]) -> None:
    for name, field in fields.items():
        kind.fields[name].resolve = _reader(field.python_name)


def _reader(attribute: str) -> Callable[..., Any]:
    def read(source: Any, info: Info, **_arguments: object) -> Any:
        if isinstance(source, dict):
            return source[info.path.key]  # a shaped row has the answer's keys
        value = getattr(source, attribute)
        if isinstance(value, Deferred):
            return value.load(info.context)
        return fetch_sources(value, info) if is_source(value) else value

    return read


def _type_of(value: object, *_: object) -> str:
    if isinstance(value, TypedObject):
        return value.type_name
    definition: StrawberryObjectDefinition = value.__strawberry_definition__  # type: ignore[attr-defined]
    return definition.name


def _registry(definitions: Mapping[str, StrawberryObjectDefinition], fields: Fields) -> Registry:
    entities = {}
    for name, definition in definitions.items():
        declared = getattr(definition.origin, "__projection__", None)
        if isinstance(declared, Entity) and declared.name == name:
            by_graphql_name = {
                graphql_name: declared.fields[field.python_name]
                for graphql_name, field in fields[name].items()
                if field.python_name in declared.fields
            }
            entities[name] = Entity(name, declared.table, by_graphql_name, declared.joins)

    def attribute(type_name: str, field_name: str) -> str:
        return fields[type_name][field_name].python_name

    deferred = frozenset(
        (type_name, name)
        for type_name, named in fields.items()
        for name, field in named.items()
        if field.metadata.get("deferred")
    )
    return Registry(entities, attribute, _type_of, _ENCODED, variant_of, deferred)
