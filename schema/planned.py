"""Planned execution: a query of projected fields goes from rows to the answer, past graphql-core.

It answers what the ordinary execution would, or not at all: whatever is not plain sailing (a
requirement that is not met, an argument that is wrong, introspection, a mutation, anything that
goes wrong) is left to the ordinary execution, which words it. Tests hold the two to the same bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from inspect import isawaitable, signature
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import (
    FieldNode,
    GraphQLError,
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
from graphql.execution.values import get_variable_values

from models.lane import Overloaded
from models.reach import Unreachable
from projection.plain import plain
from projection.registry import Registry
from projection.selection import Arguments, Operation, Selected, Variables, select
from resolvers.context import Context
from schema.answers import PLANS, Place, is_source
from schema.document_gate import Passage, passage_of
from schema.input_values import arguments_by
from schema.limits import operations_of

if TYPE_CHECKING:
    from strawberry import Schema
    from strawberry.types.field import StrawberryField

    from schema.access import Access

NOTHING: Final = Variables(sources={}, coerced={})
_log = logging.getLogger("aftersales.planned")


@dataclass(frozen=True, slots=True)
class Asker:
    """What a root field's resolver is shown of the request."""

    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class RootField:
    """A field of the query type: who may use it, what answers it, and with which arguments."""

    access: Access
    resolver: Callable[..., Any]
    arguments: Callable[[Mapping[str, Any]], dict[str, Any]]
    takes_info: bool

    @classmethod
    def of(cls, field: StrawberryField, schema: Schema, access: Access) -> RootField:
        resolver: Callable[..., Any] = field.metadata["resolver"]
        return cls(
            access=access,
            resolver=resolver,
            arguments=arguments_by(field.arguments, schema.config),
            takes_info="info" in signature(resolver).parameters,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One key of the answer."""

    key: str
    root: RootField
    given: Arguments
    place: Callable[[Context, Operation], Place]
    finish: Callable[[Any], Any] | None
    """What shapes an answer that is no source."""
    nodes: Sequence[FieldNode]
    nullable: bool

    def value(self, context: Context, variables: Variables) -> Any:
        arguments = self.root.arguments(self.given(variables))
        if self.root.takes_info:
            arguments["info"] = Asker(context)
        return self.root.resolver(None, **arguments)

    def shaped(self, value: Any) -> Any:
        """Raises Unplanned for what the plan did not expect."""
        if value is None:
            return None
        if self.finish is None:
            raise Unplanned
        return self.finish(value)


Steps = Sequence[Step]


class Unplanned(Exception):
    """The ordinary execution has to answer."""


class Unanswered(Exception):
    """Nothing can be answered now; ``error`` says so of the first field, ``data`` is the rest."""

    def __init__(self, data: dict[str, Any] | None, error: GraphQLError) -> None:
        super().__init__(str(error))
        self.data = data
        self.error = error

    @classmethod
    def of(cls, step: Step, cause: Exception) -> Unanswered:
        error = GraphQLError(str(cause), step.nodes, path=[step.key], original_error=cause)
        return cls({step.key: None} if step.nullable else None, error)


class Planning(Enum):
    """Which documents are planned."""

    NONE = "none"
    KNOWN = "known"
    """Those that have come before: one that comes once is not worth it."""
    ALL = "all"


class PlannedExecution:
    """Answers what can be planned."""

    def __init__(self, schema: Schema, planning: Planning = Planning.KNOWN) -> None:
        self._planning = planning
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001 - no public way to it
        self._roots = cast("Mapping[str, RootField]", self._schema.extensions["roots"])
        self._registry = cast("Registry", self._schema.extensions["projection"])

    async def answer(
        self,
        text: str,
        operation_name: str | None,
        given: Mapping[str, Any] | None,
        context: Context,
    ) -> dict[str, Any] | None:
        """The data; None for what is left to the ordinary execution.

        Raises Unanswered where there is too much to do, or the database is away: to ask the
        ordinary execution would but add to it.
        """
        known = self._known(text, operation_name)
        if known is None:
            return None
        passage, definition = known
        try:
            return await self._taken(passage, definition, given or {}, context)
        except Unanswered:
            raise
        except Exception as error:  # noqa: BLE001 - it is asked again, and then worded and logged
            _log.debug("left to the ordinary execution: %s", type(error).__name__)
            return None

    async def _taken(
        self,
        passage: Passage,
        definition: OperationDefinitionNode,
        given: Mapping[str, Any],
        context: Context,
    ) -> dict[str, Any] | None:
        variables = self._variables(definition, given)
        if variables is None:
            return None
        name = definition.name.value if definition.name else None
        operation = Operation(self._schema, passage.fragments, variables, name)
        steps = passage.plans.find(operation, (Step,), lambda: self._steps(operation, definition))
        if not steps:
            return None
        context.shared[PLANS] = passage.plans
        try:
            return await _data(steps, context, operation)
        except (Overloaded, Unreachable) as busy:
            raise Unanswered.of(steps[0], busy) from busy

    def _known(
        self, text: str, operation_name: str | None
    ) -> tuple[Passage, OperationDefinitionNode] | None:
        if self._planning is Planning.NONE:
            return None
        passage = passage_of(self._schema, text, new=self._planning is Planning.ALL)
        if passage is None:
            return None
        definition = _operation(passage, operation_name)
        return None if definition is None else (passage, definition)

    def _variables(
        self, definition: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> Variables | None:
        if not definition.variable_definitions:
            return NOTHING
        found = get_variable_values(self._schema, definition.variable_definitions, dict(given))
        return None if isinstance(found, list) else found

    def _steps(self, operation: Operation, definition: OperationDefinitionNode) -> Steps:
        """Nothing for an operation that cannot be planned."""
        query = cast("GraphQLObjectType", self._schema.query_type)
        chosen = select(operation, query, [cast("FieldNode", definition)])
        steps = [self._step(operation, query, one) for one in chosen]
        return [] if None in steps else cast("Steps", steps)

    def _step(
        self, operation: Operation, query: GraphQLObjectType, chosen: Selected
    ) -> Step | None:
        root = self._roots.get(chosen.name)
        if root is None:
            return None
        field: GraphQLField = query.fields[chosen.name]
        kind = get_named_type(field.type)
        finish = None
        if not self._is_fetched(kind):
            if not self._is_plain(operation, kind, chosen.nodes):
                return None
            finish = plain(self._registry, operation, kind, chosen.nodes) or _as_it_is

        def place(context: Context, current: Operation) -> Place:
            return Place(
                path=(chosen.key,),
                context=context,
                operation=current,
                plans=context.shared[PLANS],
                registry=self._registry,
                return_type=field.type,
                nodes=chosen.nodes,
            )

        given = chosen.arguments(field)
        return Step(
            key=chosen.key,
            root=root,
            given=given,
            place=place,
            finish=finish,
            nodes=chosen.nodes,
            nullable=not is_non_null_type(field.type),
        )

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


def _operation(passage: Passage, name: str | None) -> OperationDefinitionNode | None:
    """The query that is meant; None if it is another kind of operation, or not clear."""
    found = [
        one
        for one in operations_of(passage.document)
        if name is None or (one.name is not None and one.name.value == name)
    ]
    if len(found) != 1 or found[0].operation is not OperationType.QUERY:
        return None
    return found[0]


async def _data(steps: Steps, context: Context, operation: Operation) -> dict[str, Any] | None:
    values = []
    for step in steps:
        await step.root.access.check(context, fresh=False)
        value = step.value(context, operation.variables)
        values.append(await value if isawaitable(value) else value)
    if not any(map(is_source, values)):
        return {step.key: step.shaped(value) for step, value in zip(steps, values, strict=True)}
    async with context.rows() as rows:
        return {
            step.key: (
                await step.place(context, operation).fetch_by(rows, value)
                if is_source(value)
                else step.shaped(value)
            )
            for step, value in zip(steps, values, strict=True)
        }


def _as_it_is(value: Any) -> Any:
    return value
