"""Planned execution: an operation runs from rows to the answer, without graphql-core.

It gives the ordinary execution's answer, or none. It leaves to the ordinary execution whatever
cannot be planned (`Unplanned`), and every error that the ordinary execution words: an unmet
requirement, a bad argument. Any other exception is a bug: the view logs it, then asks the ordinary
execution. Tests compare the two byte for byte.

A mutation is executed once, whichever execution words its answer: its outcome is kept in the
context, where the ordinary execution finds it.
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
from execution.checked_document import CheckedDocument, PreparedOperation
from execution.document_cache import check_document
from execution.limits import operations_of
from execution.root_steps import RootStep, RootStepPlanner, RootSteps
from execution.shapers import ObjectShaper, Unplanned
from models.clock import ClockUnfit
from projection.selection import Operation
from projection.statements import StatementRunner
from projection.variables import BadVariables, Variables
from resolvers.context import Context
from resolvers.mutation_run import MutationOutcome

if TYPE_CHECKING:
    from strawberry import Schema

_EXPECTED: Final = (Unplanned, BadVariables, GraphQLError, BadInput, Refused, Unauthenticated)
"""The exceptions that the ordinary execution words; any other is a bug."""

_log = logging.getLogger("aftersales.planned")


class TemporarilyUnavailable(Exception):
    """No execution can answer now. Every field has an error; ``data`` is what they leave."""

    def __init__(self, data: dict[str, Any] | None, errors: list[GraphQLError]) -> None:
        super().__init__(str(errors[0]))
        self.data = data
        self.errors = errors

    @classmethod
    def of(cls, steps: RootSteps, cause: Exception) -> TemporarilyUnavailable:
        errors = [
            GraphQLError(str(cause), list(step.nodes), path=[step.key], original_error=cause)
            for step in steps
        ]
        if all(step.is_nullable for step in steps):
            return cls({step.key: None for step in steps}, errors)
        return cls(None, errors[:1])


class PlannedExecution:
    """Executes the operations that can be planned."""

    def __init__(self, schema: Schema) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001 - no public way to it

    def prepare(self, texts: Iterable[str]) -> None:
        """Plan the operations of documents that are known in advance.

        Operations that depend on directives are planned by the first request. So are statements,
        because their conditions depend on the viewer.
        """
        for text in texts:
            checked = check_document(self._schema, text, {})
            if checked is None:
                continue
            for definition in operations_of(checked.document):
                operation = checked.operation(definition.name.value if definition.name else None)
                if operation is None or operation.is_subscription:
                    continue
                if not checked.plans.directive_variables:
                    with contextlib.suppress(Unplanned):
                        self._steps(checked, operation, Variables({}, {}))

    async def answer(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, Any] | None,
        context: Context,
        *,
        may_change: bool,
    ) -> dict[str, Any] | None:
        """Return the data, or None to leave the request to the ordinary execution.

        ``may_change`` allows mutations; without it they are left to the ordinary execution.

        Raises TemporarilyUnavailable if the server is overloaded or the database unreachable: the
        ordinary execution would only add to the load. Any other exception is a bug of the plan, or
        of what it called; the ordinary execution can still answer.
        """
        checked = check_document(self._schema, text, context.shared)
        operation = checked.operation(operation_name) if checked else None
        if checked is None or operation is None or (operation.is_mutation and not may_change):
            return None
        if operation.is_subscription:
            return None  # refused there
        try:
            variables = operation.coerce_variables(raw_variables or {})
            steps = self._steps(checked, operation, variables)
            try:
                if operation.is_mutation:
                    return await _mutate(steps[0], context, variables)
                return await _query(steps, context, variables)
            except (ClockUnfit, Overloaded, Unreachable) as error:
                if operation.is_mutation:
                    # It has been executed: the ordinary execution words which part of the answer
                    # is missing.
                    return None
                raise TemporarilyUnavailable.of(steps, error) from error
        except _EXPECTED as error:
            _log.debug("left to the ordinary execution: %s", type(error).__name__)
            return None

    def _steps(
        self, checked: CheckedDocument, prepared: PreparedOperation, variables: Variables
    ) -> RootSteps:
        """Raises Unplanned for an operation that cannot be planned."""
        name, plans = prepared.name, checked.plans

        def plan() -> RootSteps | None:
            operation = Operation(self._schema, checked.fragments, variables, name)
            try:
                return RootStepPlanner(self._schema, plans).steps(operation, prepared.definition)
            except Unplanned:
                return ()  # cached, so that no request plans it again

        steps = plans.get(name, variables, (RootStep,), plan)
        if not steps:
            raise Unplanned
        return steps


async def _query(steps: RootSteps, context: Context, variables: Variables) -> dict[str, Any]:
    values = []
    for step in steps:
        await step.field.guard.check(context, fresh=False)
        value = step.resolve(context, variables)
        values.append(await value if step.field.is_async else value)
    return await _shape(steps, values, context, variables)


async def _mutate(step: RootStep, context: Context, variables: Variables) -> dict[str, Any]:
    """Execute a mutation. The context keeps its outcome for the execution that words it."""
    run = context.start_mutation()
    if run.outcome is None:
        run.outcome = await _execute_mutation(step, context, variables)
    if run.outcome.error is not None:
        raise Unplanned from run.outcome.error  # the ordinary execution words it, and logs bugs
    if isinstance(step.shaper, ObjectShaper):
        await step.shaper.load(run.outcome.value, context)
    return await _shape((step,), (run.outcome.value,), context, variables)


async def _execute_mutation(
    step: RootStep, context: Context, variables: Variables
) -> MutationOutcome:
    try:
        coerced = step.coerce_arguments(variables)
        if step.field.look_ahead is not None:
            step.field.look_ahead(context, coerced)
        await step.field.guard.check(context, fresh=True)
        return MutationOutcome(value=await step.resolve_with(context, coerced))
    except Exception as error:  # noqa: BLE001 - the ordinary execution raises it again
        return MutationOutcome(error=error)


async def _shape(
    steps: RootSteps, values: Sequence[Any], context: Context, variables: Variables
) -> dict[str, Any]:
    pairs = list(zip(steps, values, strict=True))
    # A list, not a generator: every value is checked for Unplanned.
    needs_runner = [step.shaper.needs_runner(value, context) for step, value in pairs]
    if not any(needs_runner):
        return await _shape_with(None, pairs, context, variables)
    async with context.rows() as runner:
        return await _shape_with(runner, pairs, context, variables)


async def _shape_with(
    runner: StatementRunner | None,
    pairs: Sequence[tuple[RootStep, Any]],
    context: Context,
    variables: Variables,
) -> dict[str, Any]:
    data = {}
    for step, value in pairs:
        (data[step.key],) = await step.shaper.shape(runner, (value,), context, variables)
    return data
