"""Weighs operations in time linear in the document's size; page sizes may be in variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
)

from execution.amounts import ENDLESS, Amount, Amounts, Given, Size
from execution.guard import root_guards
from execution.list_sizes import PAGE_ARGUMENTS, introspection_lists, page_size
from execution.loads import Load, Parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphql import (
        DocumentNode,
        GraphQLCompositeType,
        GraphQLField,
        GraphQLSchema,
        OperationDefinitionNode,
        SelectionNode,
        SelectionSetNode,
    )

MAX_NESTING: Final = 60
"""Selection sets inside one another, whether by fields, inline fragments or spreads."""

PLAIN_LIST_SIZE: Final = 10
"""What a list that is not paged is taken for."""


class NestedTooDeeply(Exception):
    """Selection sets lie deeper inside one another than the interpreter's stack should."""


class Scales:
    """Weighs operations; each fragment is weighed once, however often it is spread.

    `visited` counts the selections looked at, for the test that holds this to linear time.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.visited = 0
        self._schema = schema
        self._amounts = Amounts()
        self._guards = root_guards(schema)
        self._lists = introspection_lists(schema)
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._weighed: dict[str, Load] = {}
        self._possible_types: dict[str, frozenset[str]] = {}
        self._nesting = 0

    def weigh(self, operation: OperationDefinitionNode) -> Load:
        """Weigh an operation and the directives on it. Raises NestedTooDeeply."""
        root = self._schema.get_root_type(operation.operation)
        load = self._selection_set(operation.selection_set, root)
        return self._together([load, Load(directives=len(operation.directives or ()))])

    def work_out(self, amount: Amount, given: Given) -> int:
        """Fill the variables of a request into what an operation weighs."""
        return self._amounts.work_out(amount, given)

    def _selection_set(
        self, selection_set: SelectionSetNode, parent: GraphQLCompositeType | None
    ) -> Load:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise NestedTooDeeply
        parts = Parts()
        for selection in selection_set.selections:
            self.visited += 1
            self._add(parts, selection, parent)
        self._nesting -= 1
        if not parts.some:
            return self._together(parts.always)
        return self._together(parts.all(), parts.alternatives(self._possible))

    def _add(
        self, parts: Parts, selection: SelectionNode, parent: GraphQLCompositeType | None
    ) -> None:
        if isinstance(selection, FieldNode):
            parts.always.append(self._field(selection, parent))
            return
        if selection.directives:
            parts.always.append(Load(directives=len(selection.directives)))
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            load = self._fragment(name)
            fragment = self._fragments.get(name)
            condition = fragment.type_condition if fragment else None
        else:
            assert isinstance(selection, InlineFragmentNode)  # noqa: S101 -- there is no fourth kind
            condition = selection.type_condition
            narrowed = self._composite(condition.name.value) if condition else parent
            load = self._selection_set(selection.selection_set, narrowed)
        if condition is None:
            parts.always.append(load)
        else:
            parts.some.setdefault(condition.name.value, []).append(load)

    def _together(
        self, loads: Sequence[Load], alternatives: Sequence[Sequence[Load]] | None = None
    ) -> Load:
        """All of them in one selection set: depths do not add up, the rest does."""
        sets = alternatives or [loads]
        return Load(
            depth=max([one.depth for one in loads], default=0),
            root_fields=_sum(one.root_fields for one in loads),
            fields=max(_sum(one.fields for one in some) for some in sets),
            aliases=_sum(one.aliases for one in loads),
            directives=_sum(one.directives for one in loads),
            values=self._amounts.largest(
                [self._amounts.sum(one.values for one in some) for some in sets]
            ),
            introspection_depth=max([one.introspection_depth for one in loads], default=0),
            introspection_values=_sum(one.introspection_values for one in loads),
            sign_ins=_sum(one.sign_ins for one in loads),
        )

    def _field(self, node: FieldNode, parent: GraphQLCompositeType | None) -> Load:
        name = node.name.value
        # A field that does not exist is weighed too: the standard rules report it, afterwards.
        declared = self._schema.get_field(parent, name) if parent else None
        named = get_named_type(declared.type) if declared else None
        target = named if is_composite_type(named) else None
        inside = self._selection_set(node.selection_set, target) if node.selection_set else Load()
        load = Load(
            depth=inside.depth + 1,
            root_fields=1,
            fields=_sum((inside.fields, 1)),
            aliases=_sum((inside.aliases, int(node.alias is not None))),
            directives=_sum((inside.directives, len(node.directives or ()))),
            values=self._amounts.times(self._times(node, declared, parent), inside.values),
            sign_ins=int(self._is_once(name, parent)),
        )
        return load.as_introspection() if name in {"__schema", "__type"} else load

    def _is_once(self, name: str, parent: GraphQLCompositeType | None) -> bool:
        guard = self._guards.get((parent.name, name)) if parent else None
        return guard is not None and guard.once_per_operation

    def _times(
        self, node: FieldNode, declared: GraphQLField | None, parent: GraphQLCompositeType | None
    ) -> Size:
        """How many objects a field may bring."""
        if declared is None:
            return 1
        if parent is not None and is_introspection_type(parent):
            return self._lists.get((parent.name, node.name.value), 1)
        if any(name in declared.args for name in PAGE_ARGUMENTS):
            return page_size(node)
        if "pageInfo" in getattr(parent, "fields", ()):
            return 1  # the lists of a connection (`nodes`, `edges`) are its page, counted above
        return PLAIN_LIST_SIZE if is_list_type(get_nullable_type(declared.type)) else 1

    def _fragment(self, name: str) -> Load:
        if name not in self._weighed:
            # What an unknown or circular spread weighs: the standard rules report it, afterwards.
            self._weighed[name] = Load()
            if fragment := self._fragments.get(name):
                condition = self._composite(fragment.type_condition.name.value)
                self._weighed[name] = self._selection_set(fragment.selection_set, condition)
        return self._weighed[name]

    def _composite(self, name: str) -> GraphQLCompositeType | None:
        named = self._schema.get_type(name)
        return named if is_composite_type(named) else None

    def _possible(self, name: str) -> frozenset[str]:
        """The types that an object can have where a type condition holds."""
        if name not in self._possible_types:
            kind = self._composite(name)
            types: Iterable[GraphQLCompositeType] = ()
            if is_abstract_type(kind):
                types = self._schema.get_possible_types(kind)
            elif kind is not None:
                types = (kind,)
            self._possible_types[name] = frozenset(one.name for one in types)
        return self._possible_types[name]


def _sum(numbers: Iterable[int]) -> int:
    return min(ENDLESS, sum(numbers))
