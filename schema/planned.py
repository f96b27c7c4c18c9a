"""Planned execution: an operation goes from rows to the answer, past graphql-core.

It answers what the ordinary execution would, or not at all: whatever is not plain sailing (a
requirement that is not met, an argument that is wrong, introspection, anything that goes wrong) is
left to the ordinary execution, which words it. Tests hold the two to the same bytes.

A mutation is carried out once, whoever words it: what came of it is kept in the context, where the
ordinary execution finds it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql.execution.values import get_variable_values

from models.clock import ClockUnfit
from models.lane import Overloaded
from models.reach import Unreachable
from projection.coercion import Unusual, Variables, variables_by
from projection.selection import Operation
from projection.statements import Rows
from resolvers.context import Context, Done
from schema.document_gate import Passage, passage_of
from schema.limits import operations_of
from schema.steps import Step, StepPlanner, Steps

if TYPE_CHECKING:
    from strawberry import Schema

_log = logging.getLogger("aftersales.planned")


@dataclass(frozen=True, slots=True)
class Known:
    """An operation of a document that has come before."""

    definition: OperationDefinitionNode
    variables: Callable[[Mapping[str, Any]], Variables]

    @property
    def changes(self) -> bool:
        return self.definition.operation is OperationType.MUTATION


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

    def prepare(self, texts: Iterable[str]) -> None:
        """Plan the operations of documents that are known beforehand, as far as they are alike.

        What directives leave open is planned once it is asked, and so are the statements: which
        rows are meant depends on who asks.
        """
        if self._planning is Planning.NONE:
            return
        for text in texts:
            passage = passage_of(self._schema, text, new=True)
            for definition in operations_of(passage.document) if passage else ():
                name = definition.name.value if definition.name else None
                known = self._known(text, name)
                if known is not None and not known[0].plans.deciding:
                    self._steps_for(*known, Variables({}, {}))

    async def answer(
        self,
        text: str,
        operation_name: str | None,
        given: Mapping[str, Any] | None,
        context: Context,
        *,
        may_change: bool,
    ) -> dict[str, Any] | None:
        """The data; None for what is left to the ordinary execution.

        A mutation is, unless the request ``may_change`` something.

        Raises Unanswered where there is too much to do, or the database is away: to ask the
        ordinary execution would but add to it.
        """
        found = self._known(text, operation_name)
        if found is None or (found[1].changes and not may_change):
            return None
        passage, known = found
        try:
            variables = self._variables(known, given or {})
            if variables is None:
                return None
            steps = self._steps_for(passage, known, variables)
            if not steps:
                return None
            if known.changes:
                return await _changed(steps[0], context, variables)
            try:
                return await _data(steps, context, variables)
            except (ClockUnfit, Overloaded, Unreachable) as busy:
                raise Unanswered.of(steps[0], busy) from busy
        except Unanswered:
            raise
        except Exception as error:  # noqa: BLE001 - it is asked again, and then worded and logged
            _log.debug("left to the ordinary execution: %s", type(error).__name__)
            return None

    def _known(self, text: str, name: str | None) -> tuple[Passage, Known] | None:
        if self._planning is Planning.NONE:
            return None
        passage = passage_of(self._schema, text, new=self._planning is Planning.ALL)
        if passage is None:
            return None
        known: Known | None = passage.known.get(name)
        if known is None:
            definition = _operation(passage, name)
            if definition is None:
                return None
            definitions = definition.variable_definitions or ()
            variables = variables_by(self._schema, definitions)
            passage.known[name] = known = Known(definition, variables)
        return passage, known

    def _variables(self, known: Known, given: Mapping[str, Any]) -> Variables | None:
        try:
            return known.variables(given)
        except Unusual:
            definitions = known.definition.variable_definitions or ()
            found = get_variable_values(self._schema, definitions, dict(given))
            return None if isinstance(found, list) else found

    def _steps_for(self, passage: Passage, known: Known, variables: Variables) -> Steps:
        """Nothing for an operation that cannot be planned."""
        definition, plans = known.definition, passage.plans
        name = definition.name.value if definition.name else None

        def made() -> Steps:
            operation = Operation(self._schema, passage.fragments, variables, name)
            return StepPlanner(self._schema, plans).steps(operation, definition)

        return plans.find(name, variables, (Step,), made)


def _operation(passage: Passage, name: str | None) -> OperationDefinitionNode | None:
    """The operation that is meant; None if that is not clear, or if it is a subscription."""
    found = [
        one
        for one in operations_of(passage.document)
        if name is None or (one.name is not None and one.name.value == name)
    ]
    if len(found) != 1 or found[0].operation is OperationType.SUBSCRIPTION:
        return None
    return found[0]


async def _data(steps: Steps, context: Context, variables: Variables) -> dict[str, Any]:
    values = []
    for step in steps:
        await step.root.access.check(context, fresh=False)
        value = step.value(context, variables)
        values.append(await value if step.root.waits else value)
    return await _shaped(steps, values, context, variables)


async def _changed(step: Step, context: Context, variables: Variables) -> dict[str, Any]:
    """From here on there is no way back: what comes of it is kept for whoever words it."""
    if context.done is None:
        context.done = await _carried_out(step, context, variables)
    return await _shaped((step,), (context.done.again(),), context, variables)


async def _carried_out(step: Step, context: Context, variables: Variables) -> Done:
    try:
        await step.root.access.check(context, fresh=True)
        return Done(value=await step.value(context, variables))
    except Exception as error:  # noqa: BLE001 - it is raised again, where it is worded
        return Done(error=error)


async def _shaped(
    steps: Steps, values: Sequence[Any], context: Context, variables: Variables
) -> dict[str, Any]:
    pairs = list(zip(steps, values, strict=True))
    # Of all of them, for each is asked whether it is as expected.
    fetches = [step.shaper.fetches(value) for step, value in pairs]
    if not any(fetches):
        return await _by_key(pairs, None, context, variables)
    async with context.rows() as rows:
        return await _by_key(pairs, rows, context, variables)


async def _by_key(
    pairs: Sequence[tuple[Step, Any]], rows: Rows | None, context: Context, variables: Variables
) -> dict[str, Any]:
    data = {}
    for step, value in pairs:
        (data[step.key],) = await step.shaper.shape(rows, (value,), context, variables)
    return data
