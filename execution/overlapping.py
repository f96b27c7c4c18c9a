"""The validation rule that fields of one key can be merged, in time linear in the fields.

graphql-core's rule compares fields, and fragments, pair by pair: 1,500 tokens took it 60 ms and
more. This one groups the fields that share a key, fragments expanded, and looks at each group once,
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

MAX_LOOKS: Final = 10_000
"""How many fields of a document the rule looks at, those in several groups each time. The limits
allow an operation 300 fields; a look at each takes two, and two more for each type inside types."""

# Any, throughout: graphql-core's types have no common base.


class _Field(NamedTuple):
    """A field, the type that it is asked of, and its own type; None for what does not exist."""

    node: FieldNode
    parent: Any
    kind: Any

    @property
    def key(self) -> str:
        return (self.node.alias or self.node.name).value


_Group = tuple[_Field, ...]
_Path = tuple[str, ...]


class _Conflict(Exception):
    """Fields of one key that cannot be merged."""

    def __init__(self, path: _Path, reason: str, group: Iterable[_Field]) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.nodes = [one.node for one in group]


class _TooManyLooks(Exception):
    pass


class LinearOverlappingFieldsRule(ValidationRule):
    """Fields of one key ask for the same, where one object can have them all.

    See https://spec.graphql.org/draft/#sec-Field-Selection-Merging
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._check = _Check(context)

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: Any) -> None:
        root = self.context.schema.get_root_type(operation.operation)
        try:
            self._check.whole([(operation.selection_set, root)])
        except _Conflict as conflict:
            self.report_error(_worded(conflict))
        except _TooManyLooks:
            message = "The document asks for too many fields of too many types to compare them all."
            self.report_error(GraphQLError(message, operation))


class _Check:
    """Looks at the fields of the operations of one document."""

    def __init__(self, context: ValidationContext) -> None:
        self._schema = context.schema
        self._fragment = context.get_fragment
        self._looks = 0
        self._shaped: set[_Ids] = set()
        self._same: set[_Ids] = set()

    def whole(self, sets: Sequence[tuple[SelectionSetNode, Any]]) -> None:
        """Raises _Conflict, or _TooManyLooks."""
        groups = self._groups(sets)
        self._demand_shapes(groups, ())
        self._demand_sameness(groups, ())

    def _groups(self, sets: Iterable[tuple[SelectionSetNode, Any]]) -> list[_Group]:
        """The fields of selection sets, by their keys."""
        found: dict[str, list[_Field]] = {}
        seen: set[str] = set()
        waiting = list(sets)[::-1]
        while waiting:
            selections, parent = waiting.pop()
            for node in selections.selections:
                if isinstance(node, FieldNode):
                    self._looks += 1
                    one = self._field(node, parent)
                    found.setdefault(one.key, []).append(one)
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition
                    kind = self._type(condition.name.value) if condition else parent
                    waiting.append((node.selection_set, kind))
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = self._fragment(node.name.value)
                    if fragment is not None:
                        kind = self._type(fragment.type_condition.name.value)
                        waiting.append((fragment.selection_set, kind))
        if self._looks > MAX_LOOKS:
            raise _TooManyLooks
        return [tuple(group) for group in found.values()]

    def _field(self, node: FieldNode, parent: Any) -> _Field:
        declared = self._schema.get_field(parent, node.name.value) if parent else None
        return _Field(node, parent, declared.type if declared else None)

    def _type(self, name: str) -> GraphQLNamedType | None:
        kind = self._schema.get_type(name)
        return kind if is_composite_type(kind) else None

    def _inside(self, group: _Group) -> list[_Group]:
        return self._groups(
            (one.node.selection_set, get_named_type(one.kind) if one.kind else None)
            for one in group
            if one.node.selection_set is not None
        )

    def _demand_shapes(self, groups: Iterable[_Group], path: _Path) -> None:
        """Whichever fields of a key an object has: the value has the same shape."""
        for group in groups:
            if len(group) == 1 and group[0].node.selection_set is None:
                continue
            if _is_new(group, self._shaped):
                here = (*path, group[0].key)
                known = [one for one in group if one.kind is not None]
                for one in known[1:]:
                    if not _are_alike(known[0].kind, one.kind):
                        reason = f"they return conflicting types '{known[0].kind}' and '{one.kind}'"
                        raise _Conflict(here, reason, (known[0], one))
                self._demand_shapes(self._inside(group), here)

    def _demand_sameness(self, groups: Iterable[_Group], path: _Path) -> None:
        """The fields of a key that one object can have are the same field."""
        for group in groups:
            if len(group) == 1 and group[0].node.selection_set is None:
                continue
            here = (*path, group[0].key)
            for together in _by_parent(group):
                if _is_new(together, self._same):
                    _demand_same(together, here)
                    self._demand_sameness(self._inside(together), here)


_Ids = frozenset[tuple[int, int]]


def _is_new(group: _Group, seen: set[_Ids]) -> bool:
    ids = frozenset([(id(one.node), id(one.parent)) for one in group])
    if ids in seen:
        return False
    seen.add(ids)
    return True


def _by_parent(group: _Group) -> list[_Group]:
    """Those that one object can have: of each object type, with those of all interfaces."""
    objects: dict[str, list[_Field]] = {}
    for one in group:
        if isinstance(one.parent, GraphQLObjectType):
            objects.setdefault(one.parent.name, [])
    if len(objects) < 2:  # noqa: PLR2004 - nothing excludes anything
        return [group]
    for one in group:
        own = isinstance(one.parent, GraphQLObjectType)
        for found in (objects[one.parent.name],) if own else objects.values():
            found.append(one)
    return [tuple(found) for found in objects.values()]


def _demand_same(group: _Group, path: _Path) -> None:
    first = group[0]
    said = _arguments(first.node)
    for one in group[1:]:
        if one.node.name.value != first.node.name.value:
            names = f"'{first.node.name.value}' and '{one.node.name.value}'"
            raise _Conflict(path, f"{names} are different fields", (first, one))
        if _arguments(one.node) != said:
            raise _Conflict(path, "they have differing arguments", (first, one))


def _arguments(node: FieldNode) -> dict[str, str]:
    return {one.name.value: print_ast(one.value) for one in node.arguments or ()}


def _are_alike(one: Any, other: Any) -> bool:
    """Whether values of both types have the same shape, as far as lists, nulls and leaves go."""
    while is_non_null_type(one) or is_list_type(one):
        if is_non_null_type(one) != is_non_null_type(other):
            return False
        if is_list_type(one) != is_list_type(other):
            return False
        one, other = one.of_type, other.of_type
    if is_non_null_type(other) or is_list_type(other):
        return False
    return one is other or not (is_leaf_type(one) or is_leaf_type(other))


def _worded(conflict: _Conflict) -> GraphQLError:
    reason = conflict.reason
    for key in conflict.path[:0:-1]:
        reason = f"subfields '{key}' conflict because {reason}"
    message = f"Fields '{conflict.path[0]}' conflict because {reason}."
    return GraphQLError(
        f"{message} Use different aliases on the fields to fetch both if this was intentional.",
        conflict.nodes,
    )
