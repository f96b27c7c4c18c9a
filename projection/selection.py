"""Collects the fields that an operation selects: fragments expanded, equal keys merged."""

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

from projection.arguments import CoerceArguments, argument_coercer, variables_in
from projection.variables import Variables


@dataclass(frozen=True, slots=True)
class Operation:
    """What all selections of one operation share."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables
    name: str | None = None

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> "Operation":
        variables: object = info.variable_values
        if isinstance(variables, dict):  # Strawberry's executor passes resolvers the bare values
            variables = VariableValues(sources={}, coerced=variables)
        assert isinstance(variables, VariableValues)  # noqa: S101 - there is no third kind
        name = info.operation.name
        return cls(info.schema, info.fragments, variables, name.value if name else None)


@dataclass(frozen=True, slots=True)
class SelectedField:
    """One key of the answer and every node that selects it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    @property
    def variables_in_arguments(self) -> bool:
        """Whether the field's arguments depend on the request."""
        return any(variables_in(argument) for argument in self.nodes[0].arguments or ())

    def argument_coercer(self, field: GraphQLField) -> CoerceArguments:
        """Return what coerces the field's arguments."""
        return argument_coercer(field, self.nodes[0])


def select(
    operation: Operation, type_: GraphQLObjectType, nodes: Iterable[FieldNode]
) -> Sequence[SelectedField]:
    """The fields that ``nodes`` select on an object of the type, in the order of the answer."""
    groups: dict[str, list[FieldNode]] = {}
    visited_fragments: set[str] = set()
    for parent in nodes:
        if parent.selection_set is not None:
            for node in _fields(operation, type_, parent.selection_set, visited_fragments):
                groups.setdefault((node.alias or node.name).value, []).append(node)
    return [SelectedField(key, group[0].name.value, tuple(group)) for key, group in groups.items()]


def _fields(
    operation: Operation,
    type_: GraphQLObjectType,
    selection_set: SelectionSetNode,
    visited_fragments: set[str],
) -> Iterator[FieldNode]:
    for node in selection_set.selections:
        if not _is_included(operation, node):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            if _applies(operation, type_, node.type_condition):
                yield from _fields(operation, type_, node.selection_set, visited_fragments)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            fragment = operation.fragments[name]
            if name not in visited_fragments and _applies(
                operation, type_, fragment.type_condition
            ):
                visited_fragments.add(name)
                yield from _fields(operation, type_, fragment.selection_set, visited_fragments)


def _is_included(operation: Operation, node: Any) -> bool:  # Any: three node types, no common base
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, operation.variables)
    if skip is not None and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, operation.variables)
    return include is None or bool(include["if"])


def _applies(operation: Operation, type_: GraphQLObjectType, condition: Any) -> bool:  # Any: a node
    if condition is None or condition.name.value == type_.name:
        return True
    condition_type = operation.schema.get_type(condition.name.value)
    return is_abstract_type(condition_type) and operation.schema.is_sub_type(condition_type, type_)


def directive_variables(document: DocumentNode) -> tuple[str, ...]:
    """The variables that decide what ``@include`` and ``@skip`` leave in the document."""
    names: dict[str, None] = {}

    class DirectiveVisitor(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            for argument in node.arguments or ():
                names.update(dict.fromkeys(variables_in(argument)))

    visit(document, DirectiveVisitor())
    return tuple(names)
