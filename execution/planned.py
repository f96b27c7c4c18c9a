"""Planned execution: an operation goes from rows to the answer, past graphql-core.

It answers what the ordinary execution would, or not at all. What cannot be planned (`Unplanned`),
a requirement that is not met and an argument that is wrong are left to the ordinary execution,
which words them. Anything else that is raised is a bug: the view logs it before it asks the
ordinary execution. Tests hold the two to the same bytes.

A mutation is carried out once, whoever words it: what came of it is kept in the context, where the
ordinary execution finds it.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from graphql import GraphQLError, GraphQLSchema

from auth.authenticator import Unauthenticated
from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.refusals.refusal import BadInput, Refused
from execution.checked_document import CheckedDocument, Prepared
from execution.document_gate import passage_of
from execution.limits import operations_of
from execution.shaping import Unplanned
from execution.steps import RootStep, RootStepPlanner, RootSteps
from models.clock import ClockUnfit
from projection.selection import Operation
from projection.statements import StatementRunner
from projection.variables import BadVariables, Variables
from resolvers.context import Context, Done

if TYPE_CHECKING:
    from strawberry import Schema

_WORDED: Final = (Unplanned, BadVariables, GraphQLError, BadInput, Refused, Unauthenticated)
"""What the ordinary execution words; everything else is a bug."""

_log = logging.getLogger("aftersales.planned")


class Unanswered(Exception):
    """Nothing can be answered now; ``error`` says so of the first field, ``data`` is the rest."""

    def __init__(self, data: dict[str, Any] | None, error: GraphQLError) -> None:
        super().__init__(str(error))
        self.data = data
        self.error = error

    @classmethod
    def of(cls, step: RootStep, cause: Exception) -> Unanswered:
        error = GraphQLError(str(cause), list(step.nodes), path=[step.key], original_error=cause)
        return cls({step.key: None} if step.nullable else None, error)


class PlannedExecution:
    """Answers what can be planned."""

    def __init__(self, schema: Schema) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001 - no public way to it

    def prepare(self, texts: Iterable[str]) -> None:
        """Plan the operations of documents that are known beforehand, as far as they are alike.

        What directives leave open is planned once it is asked, and so are the statements: which
        rows are meant depends on who asks.
        """
        for text in texts:
            passage = passage_of(self._schema, text, {})
            if passage is None:
                continue
            for definition in operations_of(passage.document):
                prepared = passage.prepared(definition.name.value if definition.name else None)
                if prepared is not None and not passage.plans.deciding:
                    with contextlib.suppress(Unplanned):
                        self._steps_for(passage, prepared, Variables({}, {}))

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
        ordinary execution would but add to it. Whatever else it raises is a bug of the plan, or of
        what the plan called; the ordinary execution can answer then as well.
        """
        passage = passage_of(self._schema, text, context.shared)
        prepared = passage.prepared(operation_name) if passage else None
        if passage is None or prepared is None or (prepared.changes and not may_change):
            return None
        try:
            variables = prepared.variables(given or {})
            steps = self._steps_for(passage, prepared, variables)
            try:
                if prepared.changes:
                    return await _changed(steps[0], context, variables)
                return await _data(steps, context, variables)
            except (ClockUnfit, Overloaded, Unreachable) as busy:
                if prepared.changes:
                    return None  # it is carried out; which part of its answer is missing is worded
                raise Unanswered.of(steps[0], busy) from busy
        except _WORDED as error:
            _log.debug("left to the ordinary execution: %s", type(error).__name__)
            return None

    def _steps_for(
        self, passage: CheckedDocument, prepared: Prepared, variables: Variables
    ) -> RootSteps:
        """Raises Unplanned for an operation that cannot be planned."""
        name, plans = prepared.name, passage.plans

        def made() -> RootSteps | None:
            operation = Operation(self._schema, passage.fragments, variables, name)
            try:
                return RootStepPlanner(self._schema, plans).steps(operation, prepared.definition)
            except Unplanned:
                return ()  # kept, so that it is not tried again

        steps = plans.find(name, variables, (RootStep,), made)
        if not steps:
            raise Unplanned
        return steps


async def _data(steps: RootSteps, context: Context, variables: Variables) -> dict[str, Any]:
    values = []
    for step in steps:
        await step.root.guard.check(context, fresh=False)
        value = step.value(context, variables)
        values.append(await value if step.root.waits else value)
    return await _shaped(steps, values, context, variables)


async def _changed(step: RootStep, context: Context, variables: Variables) -> dict[str, Any]:
    """From here on there is no way back: what comes of it is kept for whoever words it."""
    if context.done is None:
        context.done = await _carried_out(step, context, variables)
    if context.done.error is not None:
        raise Unplanned from context.done.error  # the ordinary execution words it, and logs bugs
    return await _shaped((step,), (context.done.value,), context, variables)


async def _carried_out(step: RootStep, context: Context, variables: Variables) -> Done:
    try:
        await step.root.guard.check(context, fresh=True)
        return Done(value=await step.value(context, variables))
    except Exception as error:  # noqa: BLE001 - it is raised again, where it is worded
        return Done(error=error)


async def _shaped(
    steps: RootSteps, values: Sequence[Any], context: Context, variables: Variables
) -> dict[str, Any]:
    pairs = list(zip(steps, values, strict=True))
    # Of all of them, for each is asked whether it is as expected.
    fetches = [step.shaper.fetches(value) for step, value in pairs]
    if not any(fetches):
        return await _by_key(pairs, None, context, variables)
    async with context.rows() as rows:
        return await _by_key(pairs, rows, context, variables)


async def _by_key(
    pairs: Sequence[tuple[RootStep, Any]],
    rows: StatementRunner | None,
    context: Context,
    variables: Variables,
) -> dict[str, Any]:
    data = {}
    for step, value in pairs:
        (data[step.key],) = await step.shaper.shape(rows, (value,), context, variables)
    return data
