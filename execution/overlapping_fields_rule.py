"""The validation rule that fields with the same key can be merged, in time linear in the fields.

graphql-core's rule compares fields, and fragments, pair by pair: 1,500 tokens took it 60 ms and
more. This rule groups the fields that share a key, fragments expanded, and checks each group once,
as graphql-java does (https://github.com/graphql-java/graphql-java, `OverlappingFieldsCanBeMerged`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    print_ast,
)

MAX_VISITS: Final = 10_000
"""The number of fields that the rule visits; a field in several groups is visited several times.
The limits allow an operation 300 fields. Checking each takes two visits, and two more for each
level of abstract types around it."""

# Any, throughout: graphql-core's types have no common base.


class _Field(NamedTuple):
    """A field, the type that it is selected on, and its own type; None for unknown ones."""

    node: FieldNode
    parent: Any
    type_: Any

    @property
    def key(self) -> str:
        return (self.node.alias or self.node.name).value


_Group = tuple[_Field, ...]
_Path = tuple[str, ...]


class _Conflict(Exception):
    """Fields with the same key cannot be merged."""

    def __init__(self, path: _Path, reason: str, fields: Iterable[_Field]) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.nodes = [field.node for field in fields]


class _TooManyVisits(Exception):
    pass


class LinearOverlappingFieldsRule(ValidationRule):
    """Fields with the same key must be the same field, where one object can have them all.

    See https://spec.graphql.org/draft/#sec-Field-Selection-Merging
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._check = _Check(context)

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: Any) -> None:
        root = self.context.schema.get_root_type(operation.operation)
        try:
            self._check.check([(operation.selection_set, root)])
        except _Conflict as conflict:
            self.report_error(_error(conflict))
        except _TooManyVisits:
            message = "The document asks for too many fields of too many types to compare them all."
            self.report_error(GraphQLError(message, operation))


class _Check:
    """Checks the fields of the operations of one document."""

    def __init__(self, context: ValidationContext) -> None:
        self._schema = context.schema
        self._get_fragment = context.get_fragment
        self._visits = 0
        self._checked_shapes: set[_GroupId] = set()
        self._checked_fields: set[_GroupId] = set()

    def check(self, selection_sets: Sequence[tuple[SelectionSetNode, Any]]) -> None:
        """Raises _Conflict, or _TooManyVisits."""
        groups = self._groups(selection_sets)
        self._require_same_shapes(groups, ())
        self._require_same_fields(groups, ())

    def _groups(self, selection_sets: Iterable[tuple[SelectionSetNode, Any]]) -> list[_Group]:
        """The fields of selection sets, grouped by their keys."""
        groups: dict[str, list[_Field]] = {}
        visited_fragments: set[str] = set()
        pending = list(selection_sets)[::-1]
        while pending:
            selection_set, parent = pending.pop()
            for node in selection_set.selections:
                if isinstance(node, FieldNode):
                    self._visits += 1
                    field = self._field(node, parent)
                    groups.setdefault(field.key, []).append(field)
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition
                    type_ = self._type(condition.name.value) if condition else parent
                    pending.append((node.selection_set, type_))
                elif (
                    isinstance(node, FragmentSpreadNode)
                    and node.name.value not in visited_fragments
                ):
                    visited_fragments.add(node.name.value)
                    fragment = self._get_fragment(node.name.value)
                    if fragment is not None:
                        type_ = self._type(fragment.type_condition.name.value)
                        pending.append((fragment.selection_set, type_))
        if self._visits > MAX_VISITS:
            raise _TooManyVisits
        return [tuple(group) for group in groups.values()]

    def _field(self, node: FieldNode, parent: Any) -> _Field:
        definition = self._schema.get_field(parent, node.name.value) if parent else None
        return _Field(node, parent, definition.type if definition else None)

    def _type(self, name: str) -> GraphQLNamedType | None:
        type_ = self._schema.get_type(name)
        return type_ if is_composite_type(type_) else None

    def _subfields(self, group: _Group) -> list[_Group]:
        return self._groups(
            (field.node.selection_set, get_named_type(field.type_) if field.type_ else None)
            for field in group
            if field.node.selection_set is not None
        )

    def _require_same_shapes(self, groups: Iterable[_Group], path: _Path) -> None:
        """Fields with the same key have values of the same shape, whichever type the object has."""
        for group in groups:
            if len(group) == 1 and group[0].node.selection_set is None:
                continue
            if _is_new(group, self._checked_shapes):
                field_path = (*path, group[0].key)
                fields = [field for field in group if field.type_ is not None]
                for field in fields[1:]:
                    first = fields[0]
                    if not _have_same_shape(first.type_, field.type_):
                        reason = (
                            f"they return conflicting types '{first.type_}' and '{field.type_}'"
                        )
                        raise _Conflict(field_path, reason, (first, field))
                self._require_same_shapes(self._subfields(group), field_path)

    def _require_same_fields(self, groups: Iterable[_Group], path: _Path) -> None:
        """Fields with the same key are the same field, if one object can have them all."""
        for group in groups:
            if len(group) == 1 and group[0].node.selection_set is None:
                continue
            field_path = (*path, group[0].key)
            for subgroup in _by_object_type(group):
                if _is_new(subgroup, self._checked_fields):
                    _require_same_field(subgroup, field_path)
                    self._require_same_fields(self._subfields(subgroup), field_path)


_GroupId = frozenset[tuple[int, int]]


def _is_new(group: _Group, checked: set[_GroupId]) -> bool:
    group_id = frozenset([(id(field.node), id(field.parent)) for field in group])
    if group_id in checked:
        return False
    checked.add(group_id)
    return True


def _by_object_type(group: _Group) -> list[_Group]:
    """The fields that one object can have: those of each object type, and of all interfaces."""
    by_type: dict[str, list[_Field]] = {}
    for field in group:
        if isinstance(field.parent, GraphQLObjectType):
            by_type.setdefault(field.parent.name, [])
    if len(by_type) < 2:  # noqa: PLR2004 - nothing excludes anything
        return [group]
    for field in group:
        is_object = isinstance(field.parent, GraphQLObjectType)
        for fields in (by_type[field.parent.name],) if is_object else by_type.values():
            fields.append(field)
    return [tuple(fields) for fields in by_type.values()]


def _require_same_field(group: _Group, path: _Path) -> None:
    first = group[0]
    arguments = _arguments(first.node)
    for field in group[1:]:
        if field.node.name.value != first.node.name.value:
            names = f"'{first.node.name.value}' and '{field.node.name.value}'"
            raise _Conflict(path, f"{names} are different fields", (first, field))
        if _arguments(field.node) != arguments:
            raise _Conflict(path, "they have differing arguments", (first, field))


def _arguments(node: FieldNode) -> dict[str, str]:
    return {argument.name.value: print_ast(argument.value) for argument in node.arguments or ()}


def _have_same_shape(left: Any, right: Any) -> bool:
    """Whether values of both types have the same shape: the same lists, nulls and leaf types."""
    while is_non_null_type(left) or is_list_type(left):
        if is_non_null_type(left) != is_non_null_type(right):
            return False
        if is_list_type(left) != is_list_type(right):
            return False
        left, right = left.of_type, right.of_type
    if is_non_null_type(right) or is_list_type(right):
        return False
    return left is right or not (is_leaf_type(left) or is_leaf_type(right))


def _error(conflict: _Conflict) -> GraphQLError:
    reason = conflict.reason
    for key in conflict.path[:0:-1]:
        reason = f"subfields '{key}' conflict because {reason}"
    message = f"Fields '{conflict.path[0]}' conflict because {reason}."
    return GraphQLError(
        f"{message} Use different aliases on the fields to fetch both if this was intentional.",
        conflict.nodes,
    )
