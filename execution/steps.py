"""What answers each key of an operation: who may ask for it, the resolver, and in what shape."""

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

from execution.answers import FieldPlans, found_in
from execution.guard import Guard, Unguarded
from execution.input_values import arguments_by
from execution.introspection import META_FIELDS, Introspection
from execution.shaping import ObjectShaper, PlainShaper, ShapedKey, Shaper, SourceShaper, Unplanned
from projection.coercion import Arguments
from projection.plain import plain
from projection.registry import Registry
from projection.selection import Operation, Selected, select
from projection.sources import Plans
from projection.variables import Variables
from resolvers.context import Context

if TYPE_CHECKING:
    from strawberry import Schema
    from strawberry.types.field import StrawberryField


@dataclass(frozen=True, slots=True)
class Asker:
    """What a root field's resolver is shown of the request."""

    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class RootField:
    """A field of a root type: who may use it, what answers it, and with which arguments."""

    guard: Guard
    resolver: Callable[..., Any]
    arguments: Callable[[Mapping[str, Any]], dict[str, Any]]
    takes_info: bool
    waits: bool
    """Whether the resolver is a coroutine function."""

    @classmethod
    def of(cls, field: StrawberryField, schema: Schema, guard: Guard) -> RootField:
        resolver: Callable[..., Any] = field.metadata["resolver"]
        return cls(
            guard=guard,
            resolver=resolver,
            arguments=arguments_by(field.arguments, schema.config),
            takes_info="info" in signature(resolver).parameters,
            waits=iscoroutinefunction(resolver),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RootStep:
    """One key of the answer."""

    key: str
    root: RootField
    given: Arguments
    shaper: Shaper
    nodes: Sequence[FieldNode]
    nullable: bool

    def value(self, context: Context, variables: Variables) -> Any:
        arguments = self.root.arguments(self.given(variables))
        if self.root.takes_info:
            arguments["info"] = Asker(context)
        return self.root.resolver(None, **arguments)


RootSteps = Sequence[RootStep]


def _asked_of_the_schema(operation: Operation, chosen: Selected) -> RootStep:
    """A step that takes no resolver; if anybody may ask for the schema at all, everybody may."""
    return RootStep(
        key=chosen.key,
        root=RootField(
            guard=Unguarded(),
            resolver=lambda *_: None,
            arguments=lambda _: {},
            takes_info=False,
            waits=False,
        ),
        given=lambda _: {},
        shaper=Introspection(operation, chosen),
        nodes=chosen.nodes,
        nullable=chosen.name == "__type",
    )


class RootStepPlanner:
    """Finds the steps of operations of one schema; ``plans`` are those of the document."""

    def __init__(self, schema: GraphQLSchema, plans: Plans) -> None:
        self._schema = schema
        self._plans = plans
        self._roots = cast("Mapping[tuple[str, str], RootField]", schema.extensions["roots"])
        self._registry = cast("Registry", schema.extensions["projection"])

    def steps(self, operation: Operation, definition: OperationDefinitionNode) -> RootSteps:
        """Raises Unplanned for an operation that cannot be planned."""
        changes = definition.operation is OperationType.MUTATION
        of = self._schema.mutation_type if changes else self._schema.query_type
        chosen = () if of is None else select(operation, of, [cast("FieldNode", definition)])
        if of is None or not chosen or (changes and len(chosen) != 1):
            raise Unplanned
        return [self._step(operation, of, one) for one in chosen]

    def _step(self, operation: Operation, of: GraphQLObjectType, chosen: Selected) -> RootStep:
        root = self._roots.get((of.name, chosen.name))
        if chosen.name in META_FIELDS and of is self._schema.query_type:
            return _asked_of_the_schema(operation, chosen)
        if root is None:
            raise Unplanned
        declared: GraphQLField = of.fields[chosen.name]
        shaper = self._shaper(operation, declared, chosen, ())
        return RootStep(
            key=chosen.key,
            root=root,
            given=chosen.arguments(declared),
            shaper=shaper,
            nodes=chosen.nodes,
            nullable=not is_non_null_type(declared.type),
        )

    def _shaper(
        self, operation: Operation, declared: GraphQLField, chosen: Selected, path: tuple[str, ...]
    ) -> Shaper:
        kind = get_named_type(declared.type)
        path = (*path, chosen.key)
        if self._is_fetched(kind):
            return SourceShaper(
                FieldPlans(
                    path=path,
                    operation=operation,
                    registry=self._registry,
                    return_type=declared.type,
                    nodes=chosen.nodes,
                    find=found_in(self._plans, operation, path),
                )
            )
        if self._is_plain(operation, kind, chosen.nodes):
            return PlainShaper(plain(self._registry, operation, kind, chosen.nodes))
        if isinstance(kind, GraphQLObjectType):
            return self._around(operation, kind, chosen, path)
        raise Unplanned

    def _around(
        self, operation: Operation, kind: GraphQLObjectType, chosen: Selected, path: tuple[str, ...]
    ) -> Shaper:
        parts = []
        for one in select(operation, kind, chosen.nodes):
            if one.name == "__typename":
                parts.append(ShapedKey(one.key, None, None, kind.name))
                continue
            shaper = self._shaper(operation, kind.fields[one.name], one, path)
            attribute = self._registry.attributes(kind.name, one.name)
            parts.append(ShapedKey(one.key, attribute, shaper))
        return ObjectShaper(parts)

    def _is_fetched(self, kind: Any) -> bool:
        """Whether a field of the type answers with a source: objects, or a connection of them."""
        if is_abstract_type(kind):
            possible = self._schema.get_possible_types(kind)
            return all(one.name in self._registry.entities for one in possible)
        return kind.name in self._registry.entities or (
            isinstance(kind, GraphQLObjectType)
            and "nodes" in kind.fields
            and self._is_fetched(get_named_type(kind.fields["nodes"].type))
        )

    def _is_plain(self, operation: Operation, kind: Any, nodes: Sequence[FieldNode]) -> bool:
        """Whether nothing that the selection reaches has to be fetched. Any: graphql-core's."""
        if not is_composite_type(kind):
            return True
        possible = self._schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
        return all(
            one.name not in self._registry.entities
            and all(
                self._is_plain(operation, get_named_type(one.fields[name].type), chosen.nodes)
                for chosen in select(operation, one, nodes)
                if (name := chosen.name) != "__typename"
            )
            for one in cast("Iterable[GraphQLObjectType]", possible)
        )
