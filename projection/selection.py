"""Which fields an operation asks for, with fragments opened and duplicates merged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)
from graphql.execution.values import (
    VariableValues,
    get_argument_values,
    get_directive_values,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What is the same for all selections of one operation."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: VariableValues

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> "Operation":
        variables: object = info.variable_values
        if isinstance(variables, dict):  # Strawberry's executor shows resolvers the bare values
            variables = VariableValues(sources={}, coerced=variables)
        assert isinstance(variables, VariableValues)  # noqa: S101 - there is no third kind
        return cls(info.schema, info.fragments, variables)


@dataclass(frozen=True, slots=True)
class Selected:
    """One key of the answer and every node that asks for it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    def arguments(self, operation: Operation, field: GraphQLField) -> dict[str, Any]:
        return get_argument_values(field, self.nodes[0], operation.variables)


def select(
    operation: Operation, of: GraphQLObjectType, nodes: Iterable[FieldNode]
) -> Sequence[Selected]:
    """The fields that ``nodes`` ask of an object of the type, in the order of the answer."""
    found: dict[str, list[FieldNode]] = {}
    seen: set[str] = set()
    for node in nodes:
        if node.selection_set is not None:
            for chosen in _fields(operation, of, node.selection_set, seen):
                found.setdefault((chosen.alias or chosen.name).value, []).append(chosen)
    return [Selected(key, group[0].name.value, tuple(group)) for key, group in found.items()]


def _fields(
    operation: Operation, of: GraphQLObjectType, selections: SelectionSetNode, seen: set[str]
) -> Iterator[FieldNode]:
    for node in selections.selections:
        if not _included(operation, node):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            if _applies(operation, of, node.type_condition):
                yield from _fields(operation, of, node.selection_set, seen)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            fragment = operation.fragments[name]
            if name not in seen and _applies(operation, of, fragment.type_condition):
                seen.add(name)
                yield from _fields(operation, of, fragment.selection_set, seen)


def _included(operation: Operation, node: Any) -> bool:  # Any: three node types, no common base
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, operation.variables)
    if skip is not None and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, operation.variables)
    return include is None or bool(include["if"])


def _applies(operation: Operation, of: GraphQLObjectType, condition: Any) -> bool:  # Any: a node
    if condition is None or condition.name.value == of.name:
        return True
    wanted = operation.schema.get_type(condition.name.value)
    return is_abstract_type(wanted) and operation.schema.is_sub_type(wanted, of)
