"""A bounded set of names for operations, for those who watch how often each is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graphql import parse

from execution.document_cache import found_document
from execution.limits import operations_of
from watching.counts import OTHER

if TYPE_CHECKING:
    from graphql import OperationDefinitionNode


class OperationLabels:
    """Names an operation by its trusted document, or else by its only root field.

    The names in any other document are its client's, who could make up any number of them.
    """

    def __init__(self, trusted_texts: Iterable[str]) -> None:
        self._trusted: dict[str, Mapping[str | None, str] | None] = dict.fromkeys(trusted_texts)
        """The names in each text; None until one of them is asked for."""

    def label(self, text: str, operation_name: str | None, shared: Mapping[object, Any]) -> str:
        """The name of an executed operation. ``shared`` is that of its context."""
        if text in self._trusted:
            names = self._trusted[text]
            if names is None:
                names = self._trusted[text] = _names(operations_of(parse(text)))
            return names.get(operation_name, OTHER)
        checked = found_document(shared)
        operation = checked.operation(operation_name) if checked else None
        return (operation and operation.root_field) or OTHER


def _names(operations: Iterable[OperationDefinitionNode]) -> dict[str | None, str]:
    names: dict[str | None, str] = {
        definition.name.value: definition.name.value for definition in operations if definition.name
    }
    if len(names) == 1:
        names[None] = next(iter(names.values()))
    return names
