"""The limits of documents and variables, checked in time linear in their size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    Source,
)
from graphql.language.parser import Parser

from execution.cost import Cost
from execution.cost_analysis import MAX_NESTING, CostAnalysis, NestedTooDeeply
from execution.formulas import Values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphql import DocumentNode, GraphQLSchema

CODE: Final = "QUERY_TOO_COMPLEX"

MAX_CHARACTERS: Final = 64_000
"""Characters of a document's text. Long values belong in variables, which the body limit bounds."""

MAX_TOKENS: Final = 1_500
"""Tokens of a document, comments included; GraphiQL's introspection query has about 250."""

MAX_INPUT_VALUES: Final = 10_000
"""Values in the variables of a request, each object and list counted too. A hundred applications of
three items have about six thousand."""

MAX_VALUES: Final = 200_000
"""Values in an answer, estimated from its lists and page sizes."""

MAX_STREAMED_VALUES: Final = 20_000
"""The same for one result of a subscription: a stream has many of them."""

LIMITS: Final = Cost(
    depth=15,
    root_fields=20,
    fields=300,
    aliases=50,
    directives=50,
    values=MAX_VALUES,
    introspection_depth=20,
    introspection_values=150_000,
    schema_introspections=2,
    sign_ins=1,
)

MAX_ROOT_MUTATIONS: Final = 10
"""Mutations of an operation: each is a transaction."""

_LABELS: Final = {
    "nesting": "nested selection sets or values",
    "depth": "levels of fields",
    "root_fields": "fields at the root",
    "values": "values in its answer, by its lists and page sizes",
    "introspection_depth": "levels of introspection",
    "introspection_values": "values in its answer that describe the schema",
    "schema_introspections": "introspections of the whole schema",
    "input_values": "values in its variables",
    "sign_ins": "sign-ins",
}
"""What a message calls the things that a limit counts, where its name does not say it."""


def parse_within_limits(text: str) -> DocumentNode:
    """Parse a document.

    Raises:
        GraphQLError: `QUERY_TOO_COMPLEX` if it is too long or too deeply nested,
            `GRAPHQL_PARSE_FAILED` if it is not GraphQL.
    """
    if len(text) > MAX_CHARACTERS:
        raise _excess("characters", allowed=MAX_CHARACTERS, actual=len(text))
    parser = Parser(Source(text), max_tokens=MAX_TOKENS)
    try:
        return parser.parse_document()
    except RecursionError:
        pass  # graphql-core stops at 200 levels; raising here would keep their frames alive
    except GraphQLSyntaxError as error:
        if parser.token_count <= MAX_TOKENS and "Parsing aborted" not in error.message:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            raise
        raise _excess("tokens", allowed=MAX_TOKENS, actual=None) from error
    raise _excess("nesting", allowed=MAX_NESTING, actual=None)


CheckVariables = Callable[[Values], GraphQLError | None]
"""Returns the error if an operation exceeds a limit with the variables of a request."""


@dataclass(frozen=True, slots=True)
class CostReport:
    """The limits that a document exceeds, and those that depend on page sizes in variables."""

    errors: Sequence[GraphQLError]
    variable_checks: Mapping[str | None, CheckVariables]
    """By the name of the operation; only for operations whose cost depends on variables."""


def check_cost(schema: GraphQLSchema, document: DocumentNode) -> CostReport:
    """Compare the cost of each operation of the document with the limits."""
    analysis = CostAnalysis(schema, document)
    errors: list[GraphQLError] = []
    variable_checks: dict[str | None, CheckVariables] = {}
    try:
        for operation in operations_of(document):
            cost = analysis.cost(operation)
            errors += _compare(operation, cost)
            if not isinstance(cost.values, int):
                name = operation.name.value if operation.name else None
                variable_checks[name] = _variable_check(analysis, operation, cost)
    except NestedTooDeeply:
        errors = [_excess("nesting", allowed=MAX_NESTING, actual=None)]
    return CostReport(errors, variable_checks)


def check_input_values(variables: Mapping[str, object]) -> GraphQLError | None:
    """Return the error if a request's variables hold too many values.

    Counts up to the limit and no further, before anything else reads the variables.
    """
    count, pending = 0, list(variables.values())
    while pending:
        count += 1
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        if count + len(pending) > MAX_INPUT_VALUES:
            return _excess("input_values", allowed=MAX_INPUT_VALUES, actual=None)
    return None


def operations_of(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    """The operations of a document, without its fragments."""
    return (
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    )


def _compare(operation: OperationDefinitionNode, cost: Cost) -> Iterator[GraphQLError]:
    for limit in fields(Cost):
        allowed = getattr(LIMITS, limit.name)
        if limit.name == "root_fields" and operation.operation is OperationType.MUTATION:
            allowed = MAX_ROOT_MUTATIONS
        elif limit.name == "values":
            allowed = _most_values(operation)
        actual = getattr(cost, limit.name)
        if isinstance(actual, int) and actual > allowed:
            yield _excess(limit.name, allowed=allowed, actual=actual, operation=operation)


def _most_values(operation: OperationDefinitionNode) -> int:
    is_stream = operation.operation is OperationType.SUBSCRIPTION
    return MAX_STREAMED_VALUES if is_stream else MAX_VALUES


def _variable_check(
    analysis: CostAnalysis, operation: OperationDefinitionNode, cost: Cost
) -> CheckVariables:
    allowed = _most_values(operation)

    def check(values: Values) -> GraphQLError | None:
        count = analysis.evaluate(cost.values, values)
        if count <= allowed:
            return None
        return _excess("values", allowed=allowed, actual=count, operation=operation)

    return check


def _excess(
    limit: str,
    *,
    allowed: int,
    actual: int | None,
    operation: OperationDefinitionNode | None = None,
) -> GraphQLError:
    """The error for an exceeded limit; `actual` is None where counting stopped at the limit."""
    what = _LABELS.get(limit, limit)
    if actual is None:
        excess = f"more than {allowed:,} {what}."
    else:
        excess = f"{actual:,} {what}; {allowed:,} are allowed."
    return GraphQLError(
        f"The query is too complex: {excess}",
        operation,
        extensions={"code": CODE, "limit": limit, "allowed": allowed, "found": actual},
    )
