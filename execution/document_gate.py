"""Parses, limits and validates each document once, and remembers those that pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphql import (
    ExecutionResult,
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from database.bounded_cache import BoundedCache
from execution.answers import PLANS
from execution.checked_document import CheckedDocument, is_explorable
from execution.introspection import NoIntrospectionRule
from execution.limits import operations_of, parse_within_limits, weigh
from execution.one_of import OneOfVariablesRule
from execution.overlapping import LinearOverlappingFieldsRule
from projection.variables import BadVariables
from resolvers.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import ASTValidationRule, DocumentNode, GraphQLSchema

REMEMBERED_DOCUMENTS: Final = 256
MAX_ERRORS: Final = 5
"""Of a document, before validation stops: each may quote, and compare names with, much of it."""

_STANDARD_RULES: Final = tuple(specified_rules)
_STANDARD: Final = "standard"
"""What stands for them where a document is looked up: thirty rules are not compared each time."""

_VERDICT: Final = "verdict"
"""Where a request keeps what came of its document."""


class DocumentGate(SchemaExtension):
    """Parses and validates each document within the limits, and remembers those that pass.

    It takes the place of Strawberry's `MaxTokensLimiter`, `QueryDepthLimiter`, `MaxAliasesLimiter`
    (the last two take exponential time), `ParserCache` and `ValidationCache`. It is not an
    `AddValidationRules` because those run beside the standard rules, some of which take quadratic
    time: here the standard rules only see what is small enough.
    """

    def on_parse(self) -> Iterator[None]:
        """Parse, count and validate at once; what is wrong is raised here or in `on_validate`."""
        context = self.execution_context
        schema, text = context.schema._schema, context.query or ""  # noqa: SLF001
        given = context.context
        shared = given.shared if isinstance(given, Context) else {}
        verdict = shared.get(_VERDICT) or _passages.get(schema, text, context.validation_rules)
        if isinstance(verdict, GraphQLError):
            raise verdict
        self._passage = verdict
        context.graphql_document = verdict.document
        shared[PLANS] = verdict.plans
        self._require_operation_name()
        yield

    def on_validate(self) -> Iterator[None]:
        """Hand over the verdict; an empty list says that the rules have already run."""
        self.execution_context.pre_execution_errors = list(self._passage.errors)
        yield

    def on_execute(self) -> Iterator[None]:
        """Refuse variables that do not fit, by the same functions as planned execution.

        What fits is coerced by graphql-core once more, which takes a bounded time:
        `MAX_INPUT_VALUES` limits how much of it there is.
        """
        context = self.execution_context
        prepared = self._passage.prepared(context._provided_operation_name)  # noqa: SLF001
        try:
            if prepared is not None:
                prepared.variables(context.variables or {})
        except BadVariables as bad:
            context.result = ExecutionResult(None, bad.errors)
        yield

    def _require_operation_name(self) -> None:
        # Strawberry would run the first operation. It keeps the client's own name only here:
        # its public `operation_name` already answers with the first operation's.
        if self.execution_context._provided_operation_name is None:  # noqa: SLF001
            operations = list(operations_of(self._passage.document))
            if len(operations) > 1:
                message = "The document has several operations: `operationName` must name one"
                raise GraphQLError(message, operations, extensions={"code": "BAD_REQUEST"})


def passage_of(
    schema: GraphQLSchema, text: str, shared: dict[object, Any]
) -> CheckedDocument | None:
    """The passage of a document that passes.

    What came of it is left in ``shared`` for the gate, which need not look at it again.
    """
    try:
        shared[_VERDICT] = passage = _passages.get(schema, text, _STANDARD_RULES)
    except GraphQLError as error:
        shared[_VERDICT] = error
        return None
    return None if passage.errors else passage


class BadDocuments(Exception):
    """Documents cannot be trusted as they are; the message says which and why."""


def admit(schema: GraphQLSchema, text: str) -> DocumentNode:
    """Let a document pass that is known beforehand, so that it is never parsed again.

    Raises:
        BadDocuments: it would not pass; with the reasons.
    """
    try:
        passage = _passages.get(schema, text, _STANDARD_RULES, forever=True)
    except GraphQLError as error:
        raise BadDocuments(error.message) from error
    if passage.errors:
        raise BadDocuments("; ".join(error.message for error in passage.errors))
    return passage.document


class _Passages:
    """Remembers the documents that passed, the least recently used forgotten first.

    A document is only kept when it comes for the second time, so that clients that send each
    document once (values written into the text, or an attack) do not displace the others.
    """

    def __init__(self, size: int) -> None:
        self._kept: BoundedCache[object, CheckedDocument] = BoundedCache(size)
        self._seen_once: BoundedCache[int, int] = BoundedCache(8 * size)
        self._forever: dict[object, CheckedDocument] = {}

    def get(
        self,
        schema: GraphQLSchema,
        text: str,
        rules: tuple[type[ASTValidationRule], ...],
        *,
        forever: bool = False,
    ) -> CheckedDocument:
        key = (schema, text, _STANDARD if rules == _STANDARD_RULES else rules)
        if passage := self._forever.get(key):
            return passage
        if not forever and (passage := self._kept.get(key)):
            return passage
        document = parse_within_limits(text)
        verdict = weigh(schema, document)
        errors = verdict.errors or _validate(schema, document, rules)
        passage = CheckedDocument.of(schema, document, errors, verdict.by_variables)
        if not errors and forever:
            self._forever[key] = passage
        elif not errors:
            self._remember(key, passage)
        return passage

    def _remember(self, key: object, passage: CheckedDocument) -> None:
        hashed = hash(key)
        if hashed in self._seen_once:
            self._seen_once.remove(hashed)
            self._kept.put(key, passage)
        else:
            self._seen_once.put(hashed, hashed)


_passages = _Passages(REMEMBERED_DOCUMENTS)


def _validate(
    schema: GraphQLSchema, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
) -> list[GraphQLError]:
    # As Strawberry does it, but not up to 100 errors, and with rules of our own for @oneOf and for
    # fields that overlap.
    rules = (
        *(one for one in rules if one is not OverlappingFieldsCanBeMergedRule),
        LinearOverlappingFieldsRule,
        MaybeNullValidationRule,
        OneOfVariablesRule,
    )
    explorable = is_explorable(schema)
    if not explorable:
        rules = (*rules, NoIntrospectionRule)
    errors = validate(
        schema, document, rules, max_errors=MAX_ERRORS, hide_suggestions=not explorable
    )
    for error in errors:
        error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED", **(error.extensions or {})}
    return errors
