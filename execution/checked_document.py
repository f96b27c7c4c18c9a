"""A document that was looked at: its operations, what checks their variables, and its plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
)

from execution.limits import Excess, operations_of
from projection.selection import deciding
from projection.sources import Plans
from projection.variables import BadVariables, Variables, variables_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphql import DocumentNode, GraphQLSchema

EXPLORABLE: Final = "explorable"
"""The extension of a schema that says whether clients may ask for it; they may without it."""


def is_explorable(schema: GraphQLSchema) -> bool:
    """Whether clients may ask for the schema, and are told what they may have meant."""
    return bool(schema.extensions.get(EXPLORABLE, True))


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation of a document that passed, and what checks the variables that come with it."""

    definition: OperationDefinitionNode
    _coerce: Callable[[Mapping[str, Any]], Variables]
    _excess: Excess | None

    @property
    def name(self) -> str | None:
        return self.definition.name.value if self.definition.name else None

    @property
    def changes(self) -> bool:
        return self.definition.operation is OperationType.MUTATION

    def variables(self, given: Mapping[str, Any]) -> Variables:
        """Coerce the variables of a request.

        Raises BadVariables where they do not fit, or ask for pages that are too large together.
        """
        variables = self._coerce(given)
        if self._excess is not None:
            excess = self._excess(variables.coerced)
            if excess is not None:
                raise BadVariables([excess])
        return variables


@dataclass(frozen=True, slots=True, eq=False)
class CheckedDocument:
    """A document as it was parsed, what is wrong with it, and the plans that were made for it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    plans: Plans
    _schema: GraphQLSchema
    _by_variables: Mapping[str | None, Excess]
    _prepared: dict[str | None, Prepared] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        errors: Sequence[GraphQLError],
        by_variables: Mapping[str | None, Excess],
    ) -> CheckedDocument:
        fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        plans = Plans() if errors else Plans(deciding(document))
        return cls(document, tuple(errors), fragments, plans, schema, by_variables)

    def prepared(self, name: str | None) -> Prepared | None:
        """The operation of the name, or the only one; None where there is none or several."""
        found = self._prepared.get(name)
        if found is None:
            definition = self._definition(name)
            if definition is None:
                return None
            own = definition.name.value if definition.name else None
            coerce = variables_by(
                self._schema,
                definition.variable_definitions or (),
                suggests=is_explorable(self._schema),
            )
            found = Prepared(definition, coerce, self._by_variables.get(own))
            self._prepared[name] = found
        return found

    def _definition(self, name: str | None) -> OperationDefinitionNode | None:
        found = [
            one
            for one in operations_of(self.document)
            if name is None or (one.name is not None and one.name.value == name)
        ]
        return found[0] if len(found) == 1 else None
