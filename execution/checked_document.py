"""A checked document: parsed, with its errors or its operations, their variables and its plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
)

from execution.limits import CheckVariables, operations_of
from projection.plan_cache import PlanCache
from projection.selection import directive_variables
from projection.variables import BadVariables, Variables, variable_coercer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphql import DocumentNode, GraphQLSchema

EXPLORABLE: Final = "explorable"
"""The schema extension that says whether clients may introspect it; without it they may."""


def is_explorable(schema: GraphQLSchema) -> bool:
    """Whether clients may introspect the schema, and messages may suggest its names."""
    return bool(schema.extensions.get(EXPLORABLE, True))


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """An operation of a valid document, and what coerces and checks its variables."""

    definition: OperationDefinitionNode
    _coerce: Callable[[Mapping[str, Any]], Variables]
    _check: CheckVariables | None
    root_field: str | None
    """The field that it asks for, if it is only one, and none of the introspection."""

    @property
    def name(self) -> str | None:
        return self.definition.name.value if self.definition.name else None

    @property
    def is_mutation(self) -> bool:
        return self.definition.operation is OperationType.MUTATION

    @property
    def is_subscription(self) -> bool:
        return self.definition.operation is OperationType.SUBSCRIPTION

    def coerce_variables(self, raw_values: Mapping[str, Any]) -> Variables:
        """Coerce the variables of a request.

        Raises BadVariables if they do not fit, or if their page sizes exceed the cost limit.
        """
        variables = self._coerce(raw_values)
        if self._check is not None:
            error = self._check(variables.coerced)
            if error is not None:
                raise BadVariables([error])
        return variables


@dataclass(frozen=True, slots=True, eq=False)
class CheckedDocument:
    """A parsed document, its errors, and the plans made for it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    plans: PlanCache
    _schema: GraphQLSchema
    _variable_checks: Mapping[str | None, CheckVariables]
    _operations: dict[str | None, PreparedOperation] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        errors: Sequence[GraphQLError],
        variable_checks: Mapping[str | None, CheckVariables],
    ) -> CheckedDocument:
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        plans = PlanCache() if errors else PlanCache(directive_variables(document))
        return cls(document, tuple(errors), fragments, plans, schema, variable_checks)

    def operation(self, name: str | None) -> PreparedOperation | None:
        """The operation of that name, or the only one; None if there is none or several."""
        operation = self._operations.get(name)
        if operation is None:
            definition = self._definition(name)
            if definition is None:
                return None
            own_name = definition.name.value if definition.name else None
            coerce = variable_coercer(
                self._schema,
                definition.variable_definitions or (),
                suggests=is_explorable(self._schema),
            )
            check = self._variable_checks.get(own_name)
            operation = PreparedOperation(definition, coerce, check, _root_field(definition))
            self._operations[name] = operation
        return operation

    def _definition(self, name: str | None) -> OperationDefinitionNode | None:
        definitions = [
            definition
            for definition in operations_of(self.document)
            if name is None or (definition.name is not None and definition.name.value == name)
        ]
        return definitions[0] if len(definitions) == 1 else None


def _root_field(definition: OperationDefinitionNode) -> str | None:
    selections = definition.selection_set.selections
    if len(selections) != 1 or not isinstance(selections[0], FieldNode):
        return None
    name = selections[0].name.value
    return None if name.startswith("__") else name
