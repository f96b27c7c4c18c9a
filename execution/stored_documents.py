"""Documents that are stored, and run later: a query of one object by its id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    FieldNode,
    GraphQLError,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
)
from strawberry.types.graphql import OperationType as Allowed

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.webhooks import NotNow
from execution.cost_analysis import CostAnalysis
from execution.document_cache import STANDARD_RULES, shared_document
from execution.limits import operations_of
from execution.planned_execution import PlannedExecution, TemporarilyUnavailable
from models.clock import ClockUnfit
from resolvers.context import Context

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLSchema
    from strawberry import Schema

STORED_DOCUMENTS: Final = "stored documents"
"""The key of the schema's ``StoredDocuments`` in what the fields of an answer share."""

MAX_STORED_VALUES: Final = 2_000
"""Values in the answer of a stored document, estimated as for requests."""

_MAX_PROBLEM: Final = 300
_VARIABLE: Final = "id"
_TEMPORARY: Final = (ClockUnfit, Overloaded, Unreachable)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The object, as the API shows it to the viewer, and the errors of the fields that are null."""

    value: Any  # Any: JSON
    errors: tuple[GraphQLError, ...] = ()


class StoredDocuments:
    """Checks and runs stored documents, whose only root field is ``root``."""

    def __init__(self, schema: Schema, root: str) -> None:
        self._schema = schema
        self._core: GraphQLSchema = schema._schema  # noqa: SLF001 - no public way to it
        self._planned = PlannedExecution(schema)
        self._root = root

    def problem_of(self, text: str) -> str | None:
        """Why the document cannot be stored; None if it can."""
        try:
            checked = shared_document(self._core, text, STANDARD_RULES, {})
        except GraphQLError as error:
            return _short(error)
        if checked.errors:
            return _short(checked.errors[0])
        problem = self._shape_problem(checked.document)
        if problem is not None:
            return problem
        [operation] = operations_of(checked.document)
        values = CostAnalysis(self._core, checked.document).cost(operation).values
        if not isinstance(values, int) or values > MAX_STORED_VALUES:
            return f"Its answer may hold more than {MAX_STORED_VALUES:,} values."
        return None

    def _shape_problem(self, document: DocumentNode) -> str | None:
        operations = list(operations_of(document))
        if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
            return "It must be one query."
        [operation] = operations
        if not _declares_id_alone(operation):
            return "It must have one variable, `$id: ID!`."
        fields = operation.selection_set.selections
        if len(fields) != 1 or not self._is_root(fields[0]):
            return f"Its only field must be `{self._root}(id: $id)`, without an alias."
        return None

    def _is_root(self, node: object) -> bool:
        if not isinstance(node, FieldNode) or node.name.value != self._root:
            return False
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        value = arguments.get(_VARIABLE)
        return (
            node.alias is None
            and not node.directives
            and isinstance(value, VariableNode)
            and value.name.value == _VARIABLE
        )

    async def answer(self, text: str, id_: str, context: Context) -> StoredAnswer:
        """Run a document for the context's viewer.

        A document that no longer fits the schema has an error. Raises NotNow.
        """
        variables: Mapping[str, Any] = {_VARIABLE: id_}
        try:
            data = await self._planned.answer(text, None, variables, context, may_change=False)
        except TemporarilyUnavailable as error:
            raise NotNow from error
        if data is not None:
            return StoredAnswer(data[self._root])
        result = await self._schema.execute(
            text,
            variable_values=dict(variables),
            context_value=context,
            allowed_operation_types={Allowed.QUERY},
        )
        errors = tuple(result.errors or ())
        if any(isinstance(error.original_error, _TEMPORARY) for error in errors):
            raise NotNow
        return StoredAnswer((result.data or {}).get(self._root), errors)


def _declares_id_alone(operation: OperationDefinitionNode) -> bool:
    definitions = operation.variable_definitions or ()
    if len(definitions) != 1 or operation.directives:
        return False
    [definition] = definitions
    return (
        definition.variable.name.value == _VARIABLE
        and definition.default_value is None
        and isinstance(definition.type, NonNullTypeNode)
    )


def _short(error: GraphQLError) -> str:
    return error.message[:_MAX_PROBLEM]
