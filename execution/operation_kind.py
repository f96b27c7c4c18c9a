"""Tells which kind of operation a request asks for, before anything is executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from execution.document_cache import check_document

if TYPE_CHECKING:
    from graphql import GraphQLSchema, OperationType


def operation_kind(
    schema: GraphQLSchema, text: str, operation_name: str | None
) -> OperationType | None:
    """None if the document has errors, or no operation of that name."""
    checked = check_document(schema, text, {})
    operation = checked.operation(operation_name) if checked else None
    return operation.definition.operation if operation else None
