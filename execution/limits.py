"""Refuses documents and variables that would cost too much, in time linear in their size."""

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

from execution.amounts import Given
from execution.loads import Load
from execution.scales import MAX_NESTING, NestedTooDeeply, Scales

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphql import DocumentNode, GraphQLSchema

CODE: Final = "QUERY_TOO_COMPLEX"

MAX_CHARACTERS: Final = 64_000
"""Of the document's text. Long values belong into variables, which the body limit bounds."""

MAX_TOKENS: Final = 1_500
"""Of the document, comments included; GraphiQL's introspection has about 250."""

MAX_INPUT_VALUES: Final = 5_000
"""Values in the variables of a request, each object and list counted too. The largest application
has about a thousand."""

LIMIT_OF_VALUES: Final = 200_000
"""Of an answer, as page sizes and lists tell beforehand."""

LIMITS: Final = Load(
    depth=15,
    root_fields=20,
    fields=300,
    aliases=50,
    directives=50,
    values=LIMIT_OF_VALUES,
    introspection_depth=20,
    introspection_values=80_000,
    sign_ins=1,
)

MAX_ROOT_MUTATIONS: Final = 10
"""Each is a transaction."""

_COUNTED: Final = {
    "nesting": "selection sets or values inside one another",
    "depth": "fields inside one another",
    "root_fields": "fields at the root",
    "values": "values in its answer, by its lists and page sizes",
    "introspection_depth": "fields of the introspection inside one another",
    "introspection_values": "values in its answer that describe the schema",
    "input_values": "values in its variables",
}
"""How a message calls what a limit counts, where its name does not say it."""


def parse_within_limits(text: str) -> DocumentNode:
    """Parse a document.

    Raises:
        GraphQLError: `QUERY_TOO_COMPLEX` where it is too long or too deep,
            `GRAPHQL_PARSE_FAILED` where it is not GraphQL.
    """
    if len(text) > MAX_CHARACTERS:
        raise _excess("characters", allowed=MAX_CHARACTERS, found=len(text))
    parser = Parser(Source(text), max_tokens=MAX_TOKENS)
    try:
        return parser.parse_document()
    except RecursionError:
        pass  # graphql-core stops at 200 levels; raising here would keep their frames alive
    except GraphQLSyntaxError as error:
        if parser.token_count <= MAX_TOKENS and "Parsing aborted" not in error.message:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            raise
        raise _excess("tokens", allowed=MAX_TOKENS, found=None) from error
    raise _excess("nesting", allowed=MAX_NESTING, found=None)


Excess = Callable[[Given], GraphQLError | None]
"""What an operation exceeds with the variables of a request."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a document exceeds, and what its operations may exceed depending on page sizes."""

    errors: Sequence[GraphQLError]
    by_variables: Mapping[str | None, Excess]
    """By the name of the operation; only those whose weight depends on variables."""


def weigh(schema: GraphQLSchema, document: DocumentNode) -> Verdict:
    """Compare each operation of the document with the limits."""
    scales = Scales(schema, document)
    errors: list[GraphQLError] = []
    by_variables: dict[str | None, Excess] = {}
    try:
        for operation in operations_of(document):
            load = scales.weigh(operation)
            errors += _compare(operation, load)
            if not isinstance(load.values, int):
                name = operation.name.value if operation.name else None
                by_variables[name] = _excess_of_values(scales, operation, load)
    except NestedTooDeeply:
        errors = [_excess("nesting", allowed=MAX_NESTING, found=None)]
    return Verdict(errors, by_variables)


def excess_of_variables(variables: Mapping[str, object]) -> GraphQLError | None:
    """Whether there are more values in the variables than are worth looking at.

    It counts to the limit and no further, before anything is done with them.
    """
    count, waiting = 0, list(variables.values())
    while waiting:
        count += 1
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        if count + len(waiting) > MAX_INPUT_VALUES:
            return _excess("input_values", allowed=MAX_INPUT_VALUES, found=None)
    return None


def operations_of(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    """Skip the fragments."""
    return (d for d in document.definitions if isinstance(d, OperationDefinitionNode))


def _compare(operation: OperationDefinitionNode, load: Load) -> Iterator[GraphQLError]:
    for limit in fields(Load):
        allowed = getattr(LIMITS, limit.name)
        if limit.name == "root_fields" and operation.operation is OperationType.MUTATION:
            allowed = MAX_ROOT_MUTATIONS
        found = getattr(load, limit.name)
        if isinstance(found, int) and found > allowed:
            yield _excess(limit.name, allowed=allowed, found=found, operation=operation)


def _excess_of_values(scales: Scales, operation: OperationDefinitionNode, load: Load) -> Excess:
    def excess(given: Given) -> GraphQLError | None:
        found = scales.work_out(load.values, given)
        if found <= LIMIT_OF_VALUES:
            return None
        return _excess("values", allowed=LIMIT_OF_VALUES, found=found, operation=operation)

    return excess


def _excess(
    limit: str,
    *,
    allowed: int,
    found: int | None,
    operation: OperationDefinitionNode | None = None,
) -> GraphQLError:
    """Word an excess; `found` is null where counting stopped at the limit."""
    what = _COUNTED.get(limit, limit)
    if found is None:
        excess = f"it has more than {allowed:,} {what}"
    else:
        excess = f"it has {found:,} {what}, and {allowed:,} are allowed"
    return GraphQLError(
        f"The query is too complex: {excess}",
        operation,
        extensions={"code": CODE, "limit": limit, "allowed": allowed, "found": found},
    )
