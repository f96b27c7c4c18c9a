"""The root steps of an operation: for each key of the answer a guard, a resolver and a shaper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_non_null_type,
)

from execution.field_plans import FieldPlans, plan_getter
from execution.guard import Guard, Unguarded
from execution.introspection import IntrospectionShaper
from execution.no_introspection_rule import META_FIELDS
from execution.resolver_arguments import argument_converter
from execution.shapers import (
    DeferredShaper,
    ObjectEntry,
    ObjectShaper,
    Shaper,
    SourceShaper,
    Unplanned,
    ValueShaper,
)
from projection.arguments import CoerceArguments
from projection.completion import completer
from projection.plan_cache import PlanCache
from projection.registry import Registry
from projection.selection import Operation, SelectedField, select
from projection.variables import Variables
from resolvers.context import Context

if TYPE_CHECKING:
    from strawberry import Schema
    from strawberry.types.field import StrawberryField


@dataclass(frozen=True, slots=True)
class ResolverInfo:
    """The part of Strawberry's info that root resolvers use."""

    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class RootField:
    """A field of a root type: its guard, its resolver, and what converts its arguments."""

    guard: Guard
    resolver: Callable[..., Any]
    convert_arguments: Callable[[Mapping[str, Any]], dict[str, Any]]
    takes_info: bool
    is_async: bool
    look_ahead: Callable[[Context, Mapping[str, Any]], None] | None = None
    """Notes in the context what the field is going to read. It gets the coerced arguments."""

    @classmethod
    def of(cls, field: StrawberryField, schema: Schema, guard: Guard) -> RootField:
        resolver: Callable[..., Any] = field.metadata["resolver"]
        return cls(
            guard=guard,
            resolver=resolver,
            convert_arguments=argument_converter(field.arguments, schema.config),
            takes_info="info" in signature(resolver).parameters,
            is_async=iscoroutinefunction(resolver),
            look_ahead=field.metadata.get("look_ahead"),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RootStep:
    """One key of the answer."""

    key: str
    field: RootField
    coerce_arguments: CoerceArguments
    shaper: Shaper
    nodes: Sequence[FieldNode]
    is_nullable: bool

    def resolve(self, context: Context, variables: Variables) -> Any:
        """Call the resolver; its result is awaitable if the field ``is_async``."""
        return self.resolve_with(context, self.coerce_arguments(variables))

    def resolve_with(self, context: Context, coerced: Mapping[str, Any]) -> Any:
        """The same with arguments that are coerced already."""
        arguments = self.field.convert_arguments(coerced)
        if self.field.takes_info:
            arguments["info"] = ResolverInfo(context)
        return self.field.resolver(None, **arguments)


RootSteps = Sequence[RootStep]


def _introspection_step(operation: Operation, selected: SelectedField) -> RootStep:
    """A step without a resolver or a guard: validation refuses introspection that is turned off."""
    return RootStep(
        key=selected.key,
        field=RootField(
            guard=Unguarded(),
            resolver=lambda *_: None,
            convert_arguments=lambda _: {},
            takes_info=False,
            is_async=False,
        ),
        coerce_arguments=lambda _: {},
        shaper=IntrospectionShaper(operation, selected),
        nodes=selected.nodes,
        is_nullable=selected.name == "__type",
    )


class RootStepPlanner:
    """Plans the root steps of operations of one document; ``plans`` are the document's."""

    def __init__(self, schema: GraphQLSchema, plans: PlanCache) -> None:
        self._schema = schema
        self._plans = plans
        self._root_fields = cast("Mapping[tuple[str, str], RootField]", schema.extensions["roots"])
        self._registry = cast("Registry", schema.extensions["projection"])

    def steps(self, operation: Operation, definition: OperationDefinitionNode) -> RootSteps:
        """Raises Unplanned for an operation that cannot be planned."""
        root = self._schema.get_root_type(definition.operation)
        fields = () if root is None else select(operation, root, [cast("FieldNode", definition)])
        is_query = definition.operation is OperationType.QUERY
        if root is None or not fields or not (is_query or len(fields) == 1):
            raise Unplanned
        return [self._step(operation, root, selected) for selected in fields]

    def _step(
        self, operation: Operation, root: GraphQLObjectType, selected: SelectedField
    ) -> RootStep:
        root_field = self._root_fields.get((root.name, selected.name))
        if selected.name in META_FIELDS and root is self._schema.query_type:
            return _introspection_step(operation, selected)
        if root_field is None:
            raise Unplanned
        definition: GraphQLField = root.fields[selected.name]
        shaper = self._shaper(operation, definition, selected, ())
        return RootStep(
            key=selected.key,
            field=root_field,
            coerce_arguments=selected.argument_coercer(definition),
            shaper=shaper,
            nodes=selected.nodes,
            is_nullable=not is_non_null_type(definition.type),
        )

    def _shaper(
        self,
        operation: Operation,
        definition: GraphQLField,
        selected: SelectedField,
        parent_path: tuple[str, ...],
    ) -> Shaper:
        type_ = get_named_type(definition.type)
        path = (*parent_path, selected.key)
        if self._is_fetched(type_):
            return SourceShaper(
                FieldPlans(
                    path=path,
                    operation=operation,
                    registry=self._registry,
                    return_type=definition.type,
                    nodes=selected.nodes,
                    get_plan=plan_getter(self._plans, operation, path),
                )
            )
        if self._holds_no_source(operation, type_, selected.nodes):
            return ValueShaper(
                completer(self._registry, operation, definition.type, selected.nodes)
            )
        if isinstance(type_, GraphQLObjectType):
            return self._object_shaper(operation, type_, selected, path)
        raise Unplanned

    def _object_shaper(
        self,
        operation: Operation,
        type_: GraphQLObjectType,
        parent: SelectedField,
        path: tuple[str, ...],
    ) -> Shaper:
        entries = []
        for selected in select(operation, type_, parent.nodes):
            if selected.name == "__typename":
                entries.append(ObjectEntry(selected.key, None, None, type_.name))
                continue
            shaper = self._shaper(operation, type_.fields[selected.name], selected, path)
            if (type_.name, selected.name) in self._registry.deferred:
                shaper = DeferredShaper(cast("ValueShaper", shaper))
            attribute = self._registry.attribute_name(type_.name, selected.name)
            entries.append(ObjectEntry(selected.key, attribute, shaper))
        return ObjectShaper(entries)

    def _is_fetched(self, type_: Any) -> bool:
        """Whether a field of the type returns sources: of objects, or of a connection of them."""
        if is_abstract_type(type_):
            possible_types = self._schema.get_possible_types(type_)
            return all(possible.name in self._registry.entities for possible in possible_types)
        return type_.name in self._registry.entities or (
            isinstance(type_, GraphQLObjectType)
            and "nodes" in type_.fields
            and self._is_fetched(get_named_type(type_.fields["nodes"].type))
        )

    def _holds_no_source(
        self, operation: Operation, type_: Any, nodes: Sequence[FieldNode]
    ) -> bool:
        """Whether the selection reaches no entity, no page of entities, and no deferred field.

        Any: graphql-core's types.
        """
        if not is_composite_type(type_):
            return True
        if self._is_fetched(type_):
            return False
        possible_types = (
            self._schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        )
        return all(
            possible.name not in self._registry.entities
            and all(
                (possible.name, selected.name) not in self._registry.deferred
                and self._holds_no_source(
                    operation, get_named_type(possible.fields[selected.name].type), selected.nodes
                )
                for selected in select(operation, possible, nodes)
                if selected.name != "__typename"
            )
            for possible in cast("Iterable[GraphQLObjectType]", possible_types)
        )
