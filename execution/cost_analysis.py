"""Analyses the cost of operations, in time linear in the document's size."""

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

from execution.cost import Cost, SelectionCosts
from execution.formulas import MAX_COUNT, Count, Formulas, Multiplier, Values
from execution.guard import root_guards
from execution.multipliers import LENGTHS, SLICING_ARGUMENTS, introspection_multipliers, page_size

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

ASSUMED_LIST_SIZE: Final = 10
"""The multiplier of a list that has no pages."""


class NestedTooDeeply(Exception):
    """Selection sets are nested more deeply than the interpreter's stack allows for."""


class CostAnalysis:
    """Analyses operations; each fragment is analysed once, however often it is spread.

    `visited` counts the selections visited, for the test that holds this to linear time.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.visited = 0
        self._schema = schema
        self._formulas = Formulas()
        self._guards = root_guards(schema)
        self._introspection_multipliers = introspection_multipliers(schema)
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._fragment_costs: dict[str, Cost] = {}
        self._possible_types: dict[str, frozenset[str]] = {}
        self._nesting = 0

    def cost(self, operation: OperationDefinitionNode) -> Cost:
        """The cost of an operation and the directives on it. Raises NestedTooDeeply."""
        root = self._schema.get_root_type(operation.operation)
        cost = self._selection_set(operation.selection_set, root)
        return self._total([cost, Cost(directives=len(operation.directives or ()))])

    def evaluate(self, count: Count, values: Values) -> int:
        """A count of a cost, for the variables of a request."""
        return self._formulas.evaluate(count, values)

    def _selection_set(
        self, selection_set: SelectionSetNode, parent: GraphQLCompositeType | None
    ) -> Cost:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise NestedTooDeeply
        costs = SelectionCosts()
        for selection in selection_set.selections:
            self.visited += 1
            self._add(costs, selection, parent)
        self._nesting -= 1
        if not costs.by_condition:
            return self._total(costs.unconditional)
        return self._total(costs.all(), costs.alternatives(self._possible))

    def _add(
        self, costs: SelectionCosts, selection: SelectionNode, parent: GraphQLCompositeType | None
    ) -> None:
        if isinstance(selection, FieldNode):
            costs.unconditional.append(self._field(selection, parent))
            return
        if selection.directives:
            costs.unconditional.append(Cost(directives=len(selection.directives)))
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            cost = self._fragment(name)
            fragment = self._fragments.get(name)
            condition = fragment.type_condition if fragment else None
        else:
            assert isinstance(selection, InlineFragmentNode)  # noqa: S101 -- there is no fourth kind
            condition = selection.type_condition
            narrowed = self._composite(condition.name.value) if condition else parent
            cost = self._selection_set(selection.selection_set, narrowed)
        if condition is None:
            costs.unconditional.append(cost)
        else:
            costs.by_condition.setdefault(condition.name.value, []).append(cost)

    def _total(
        self, costs: Sequence[Cost], alternatives: Sequence[Sequence[Cost]] | None = None
    ) -> Cost:
        """The cost of all parts of one selection set: the deepest depth, the sum of the rest."""
        sets = alternatives or [costs]
        return Cost(
            depth=max([cost.depth for cost in costs], default=0),
            root_fields=_sum(cost.root_fields for cost in costs),
            fields=max(_sum(cost.fields for cost in set_) for set_ in sets),
            aliases=_sum(cost.aliases for cost in costs),
            directives=_sum(cost.directives for cost in costs),
            values=self._formulas.maximum(
                [self._formulas.sum(cost.values for cost in set_) for set_ in sets]
            ),
            introspection_depth=max([cost.introspection_depth for cost in costs], default=0),
            introspection_values=_sum(cost.introspection_values for cost in costs),
            schema_introspections=_sum(cost.schema_introspections for cost in costs),
            sign_ins=_sum(cost.sign_ins for cost in costs),
        )

    def _field(self, node: FieldNode, parent: GraphQLCompositeType | None) -> Cost:
        name = node.name.value
        # An unknown field has a cost too: the standard rules report it, afterwards.
        definition = self._schema.get_field(parent, name) if parent else None
        named = get_named_type(definition.type) if definition else None
        type_ = named if is_composite_type(named) else None
        inner = self._selection_set(node.selection_set, type_) if node.selection_set else Cost()
        multiplier = self._multiplier(node, definition, parent)
        cost = Cost(
            depth=inner.depth + 1,
            root_fields=1,
            fields=_sum((inner.fields, 1)),
            aliases=_sum((inner.aliases, int(node.alias is not None))),
            directives=_sum((inner.directives, len(node.directives or ()))),
            values=self._formulas.multiply(multiplier, inner.values),
            sign_ins=int(self._is_once_per_operation(name, parent)),
        )
        if name in {"__schema", "__type"}:
            return cost.as_introspection(of_schema=name == "__schema")
        return cost

    def _is_once_per_operation(self, name: str, parent: GraphQLCompositeType | None) -> bool:
        guard = self._guards.get((parent.name, name)) if parent else None
        return guard is not None and guard.once_per_operation

    def _multiplier(
        self, node: FieldNode, definition: GraphQLField | None, parent: GraphQLCompositeType | None
    ) -> Multiplier:
        """The number of objects that a field may return."""
        if definition is None:
            return 1
        if parent is not None and is_introspection_type(parent):
            return self._introspection_multipliers.get((parent.name, node.name.value), 1)
        if parent is not None and (length := LENGTHS.get((parent.name, node.name.value))):
            return length
        if any(name in definition.args for name in SLICING_ARGUMENTS):
            return page_size(node)
        if "pageInfo" in getattr(parent, "fields", ()):
            return 1  # the lists of a connection (`nodes`, `edges`) are its page, counted above
        return ASSUMED_LIST_SIZE if is_list_type(get_nullable_type(definition.type)) else 1

    def _fragment(self, name: str) -> Cost:
        if name not in self._fragment_costs:
            # The cost of an unknown or circular spread: the standard rules report it, afterwards.
            self._fragment_costs[name] = Cost()
            if fragment := self._fragments.get(name):
                condition = self._composite(fragment.type_condition.name.value)
                self._fragment_costs[name] = self._selection_set(fragment.selection_set, condition)
        return self._fragment_costs[name]

    def _composite(self, name: str) -> GraphQLCompositeType | None:
        named = self._schema.get_type(name)
        return named if is_composite_type(named) else None

    def _possible(self, condition: str) -> frozenset[str]:
        """The types of the objects to which a type condition applies."""
        if condition not in self._possible_types:
            type_ = self._composite(condition)
            types: Iterable[GraphQLCompositeType] = ()
            if is_abstract_type(type_):
                types = self._schema.get_possible_types(type_)
            elif type_ is not None:
                types = (type_,)
            self._possible_types[condition] = frozenset(possible.name for possible in types)
        return self._possible_types[condition]


def _sum(numbers: Iterable[int]) -> int:
    return min(MAX_COUNT, sum(numbers))
