"""Which fields an operation asks for, with fragments opened and duplicates merged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
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
    Visitor,
    is_abstract_type,
    visit,
)
from graphql.execution.values import VariableValues, get_directive_values

from projection.coercion import Arguments, arguments_by, variables_in
from projection.variables import Variables


@dataclass(frozen=True, slots=True)
class Operation:
    """What is the same for all selections of one operation."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables
    name: str | None = None

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> "Operation":
        variables: object = info.variable_values
        if isinstance(variables, dict):  # Strawberry's executor shows resolvers the bare values
            variables = VariableValues(sources={}, coerced=variables)
        assert isinstance(variables, VariableValues)  # noqa: S101 - there is no third kind
        name = info.operation.name
        return cls(info.schema, info.fragments, variables, name.value if name else None)


@dataclass(frozen=True, slots=True)
class Selected:
    """One key of the answer and every node that asks for it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    def arguments(self, field: GraphQLField) -> Arguments:
        """What makes the field's arguments."""
        return arguments_by(field, self.nodes[0])


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


def deciding(document: DocumentNode) -> tuple[str, ...]:
    """The variables that say what is included and what is skipped."""
    found: dict[str, None] = {}

    class Look(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            for argument in node.arguments or ():
                found.update(dict.fromkeys(variables_in(argument)))

    visit(document, Look())
    return tuple(found)
