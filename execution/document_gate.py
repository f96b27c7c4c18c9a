"""The Strawberry extension that checks documents and variables before the ordinary execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import ExecutionResult, GraphQLError
from strawberry.extensions import SchemaExtension

from execution.document_cache import shared_document
from execution.limits import operations_of
from execution.ordinary_execution import PLANS
from projection.variables import BadVariables
from resolvers.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterator


class DocumentGate(SchemaExtension):
    """Checks each document and its variables, through the cache of checked documents.

    It replaces Strawberry's `MaxTokensLimiter`, `QueryDepthLimiter`, `MaxAliasesLimiter` (the last
    two take exponential time), `ParserCache` and `ValidationCache`. It is not an
    `AddValidationRules`, because those run beside the standard rules, some of which take quadratic
    time: here the standard rules see only documents that are small enough.
    """

    def on_parse(self) -> Iterator[None]:
        """Parse, limit and validate in one step; errors are raised here or in `on_validate`."""
        execution = self.execution_context
        schema, text = execution.schema._schema, execution.query or ""  # noqa: SLF001
        context = execution.context
        shared = context.shared if isinstance(context, Context) else {}
        self._checked = shared_document(schema, text, execution.validation_rules, shared)
        execution.graphql_document = self._checked.document
        shared[PLANS] = self._checked.plans
        self._require_operation_name()
        yield

    def on_validate(self) -> Iterator[None]:
        """Report the document's errors; an empty list says that the rules have already run."""
        self.execution_context.pre_execution_errors = list(self._checked.errors)
        yield

    def on_execute(self) -> Iterator[None]:
        """Refuse variables that do not fit, by the same functions as planned execution.

        graphql-core coerces the others once more, in bounded time: `MAX_INPUT_VALUES` limits how
        many there are.
        """
        execution = self.execution_context
        operation = self._checked.operation(execution._provided_operation_name)  # noqa: SLF001
        try:
            if operation is not None:
                operation.coerce_variables(execution.variables or {})
        except BadVariables as bad:
            execution.result = ExecutionResult(None, bad.errors)
        yield

    def _require_operation_name(self) -> None:
        # Strawberry would run the first operation. It keeps the client's own name only here:
        # its public `operation_name` is already the first operation's.
        if self.execution_context._provided_operation_name is None:  # noqa: SLF001
            operations = list(operations_of(self._checked.document))
            if len(operations) > 1:
                message = "The document has several operations: `operationName` must name one"
                raise GraphQLError(message, operations, extensions={"code": "BAD_REQUEST"})
