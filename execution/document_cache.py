"""Parses, limits and validates each document once, and caches those that are valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphql import (
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from database.bounded_cache import BoundedCache
from execution.checked_document import CheckedDocument, is_explorable
from execution.limits import check_cost, parse_within_limits
from execution.no_introspection_rule import NoIntrospectionRule
from execution.one_of_rule import OneOfVariablesRule
from execution.overlapping_fields_rule import LinearOverlappingFieldsRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import ASTValidationRule, DocumentNode, GraphQLSchema

MAX_DOCUMENTS: Final = 256
"""The number of documents that the cache keeps, besides the pinned ones."""

MAX_ERRORS: Final = 5
"""The number of errors at which validation stops: each may quote, and compare names with, much of
the document."""

STANDARD_RULES: Final = tuple(specified_rules)
_STANDARD: Final = "standard"
"""Stands for the standard rules in cache keys, so that no lookup compares thirty rules."""

_CHECKED_DOCUMENT: Final = "checked document"
"""The key of a request's checked document, or the error instead of it, in ``shared``."""


class BadDocuments(Exception):
    """Documents cannot be trusted as they are; the message says which and why."""


def check_document(
    schema: GraphQLSchema, text: str, shared: dict[object, Any]
) -> CheckedDocument | None:
    """Return the checked document, or None if it has errors.

    The outcome stays in ``shared``, where ``shared_document`` finds it.
    """
    try:
        checked = _cache.get(schema, text, STANDARD_RULES)
    except GraphQLError as error:
        shared[_CHECKED_DOCUMENT] = error
        return None
    shared[_CHECKED_DOCUMENT] = checked
    return None if checked.errors else checked


def shared_document(
    schema: GraphQLSchema,
    text: str,
    rules: tuple[type[ASTValidationRule], ...],
    shared: dict[object, Any],
) -> CheckedDocument:
    """Return what `check_document` left in ``shared``; check the document if it left nothing.

    Raises:
        GraphQLError: the document cannot be parsed within the limits.
    """
    outcome = shared.get(_CHECKED_DOCUMENT) or _cache.get(schema, text, rules)
    if isinstance(outcome, GraphQLError):
        raise outcome
    checked: CheckedDocument = outcome
    return checked


def found_document(shared: Mapping[object, Any]) -> CheckedDocument | None:
    """What `check_document` left in ``shared``; None for a document that has errors."""
    checked: CheckedDocument | GraphQLError | None = shared.get(_CHECKED_DOCUMENT)
    if not isinstance(checked, CheckedDocument) or checked.errors:
        return None
    return checked


def pin_document(schema: GraphQLSchema, text: str) -> DocumentNode:
    """Check a document that is known in advance, and keep it for as long as the process runs.

    Raises:
        BadDocuments: the document has errors; with all of them.
    """
    try:
        checked = _cache.get(schema, text, STANDARD_RULES, pin=True)
    except GraphQLError as error:
        raise BadDocuments(error.message) from error
    if checked.errors:
        raise BadDocuments("; ".join(error.message for error in checked.errors))
    return checked.document


class DocumentCache:
    """Caches valid documents; the least recently used is evicted first.

    A document is cached when it comes for the second time. Documents that are sent only once
    (with values written into the text, or by an attacker) therefore do not evict the others.
    """

    def __init__(self, size: int) -> None:
        self._cached: BoundedCache[object, CheckedDocument] = BoundedCache(size)
        self._seen_once: BoundedCache[int, int] = BoundedCache(8 * size)
        self._pinned: dict[object, CheckedDocument] = {}

    def get(
        self,
        schema: GraphQLSchema,
        text: str,
        rules: tuple[type[ASTValidationRule], ...],
        *,
        pin: bool = False,
    ) -> CheckedDocument:
        """Return the document from the cache, or parse and check it.

        Raises:
            GraphQLError: it cannot be parsed within the limits.
        """
        key = (schema, text, _STANDARD if rules == STANDARD_RULES else rules)
        if checked := self._pinned.get(key):
            return checked
        if not pin and (checked := self._cached.get(key)):
            return checked
        document = parse_within_limits(text)
        report = check_cost(schema, document)
        errors = report.errors or _validate(schema, document, rules)
        checked = CheckedDocument.of(schema, document, errors, report.variable_checks)
        if not errors and pin:
            self._pinned[key] = checked
        elif not errors:
            self._add(key, checked)
        return checked

    def _add(self, key: object, checked: CheckedDocument) -> None:
        hashed = hash(key)
        if hashed in self._seen_once:
            self._seen_once.remove(hashed)
            self._cached.put(key, checked)
        else:
            self._seen_once.put(hashed, hashed)


_cache = DocumentCache(MAX_DOCUMENTS)


def _validate(
    schema: GraphQLSchema, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
) -> list[GraphQLError]:
    # As Strawberry validates, but not up to 100 errors, and with our own rules for @oneOf and for
    # overlapping fields.
    rules = (
        *(rule for rule in rules if rule is not OverlappingFieldsCanBeMergedRule),
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
