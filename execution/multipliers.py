"""Multipliers: how many objects the lists of an answer return, as far as is known in advance."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphql import (
    FieldNode,
    IntValueNode,
    ListValueNode,
    VariableNode,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)

from domain.quality.metrics import Metric
from domain.quality.series import MAX_POINTS
from execution.formulas import Multiplier, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

MAX_PAGE_SIZE: Final = 100
"""A larger page size counts as this: no field returns more."""

DEFAULT_PAGE_SIZE: Final = 20
"""The page size of a connection that is given none."""

LENGTHS: Final[Mapping[tuple[str, str], int]] = {
    # The page size of a report is that of the orders of each figure.
    ("Query", "qualityReport"): 1,
    ("QualityReport", "figures"): len(Metric),
    ("QualityFigure", "orders"): MAX_PAGE_SIZE,
    ("QualityReport", "series"): MAX_POINTS,
    ("QualityPoint", "figures"): len(Metric),
}
"""What fields return at most, where neither a page size nor the assumed length says it."""

SLICING_ARGUMENTS: Final = ("first", "last", "ids")
"""The arguments that set the number of objects a field returns."""


def page_size(node: FieldNode) -> Multiplier:
    """The page size of a field, or a function that computes it from the variables."""
    sizes, variables = [], []
    for argument in node.arguments or ():
        if argument.name.value in SLICING_ARGUMENTS:
            value = argument.value
            if isinstance(value, IntValueNode):
                is_short = len(value.value) <= len(str(MAX_PAGE_SIZE))
                sizes.append(max(0, int(value.value)) if is_short else MAX_PAGE_SIZE)
            elif isinstance(value, ListValueNode):
                sizes.append(len(value.values))
            elif isinstance(value, VariableNode):
                variables.append(value.name.value)
    if not variables:
        return max(sizes, default=DEFAULT_PAGE_SIZE)

    def size_with(values: Values) -> int:
        all_sizes = [
            *sizes,
            *(_size_of(values[name]) for name in variables if values.get(name) is not None),
        ]
        return max(all_sizes, default=DEFAULT_PAGE_SIZE)

    return size_with


def _size_of(value: object) -> int:
    """The page size in a variable; a value that is not a valid size is refused later."""
    if isinstance(value, list):
        return min(len(value), MAX_PAGE_SIZE)
    if isinstance(value, int):
        return min(max(0, value), MAX_PAGE_SIZE)
    return MAX_PAGE_SIZE


@lru_cache(maxsize=8)
def introspection_multipliers(schema: GraphQLSchema) -> Mapping[tuple[str, str], int | Fraction]:
    """The lengths of the introspection's lists: exact for the schema, an average for a type.

    Averages are not rounded: rounded up at each level, they would count twice what there is.
    """
    types = schema.type_map.values()
    composites = [type_ for type_ in types if is_object_type(type_) or is_interface_type(type_)]
    fields = [field for type_ in composites for field in type_.fields.values()]
    totals = {
        "fields": len(fields),
        "interfaces": sum(len(type_.interfaces) for type_ in composites),
        "possibleTypes": sum(
            len(schema.get_possible_types(type_)) for type_ in types if is_abstract_type(type_)
        ),
        "enumValues": sum(len(type_.values) for type_ in types if is_enum_type(type_)),
        "inputFields": sum(len(type_.fields) for type_ in types if is_input_object_type(type_)),
    }
    arguments = [len(directive.args) for directive in schema.directives]
    locations = [len(directive.locations) for directive in schema.directives]
    return {
        ("__Schema", "types"): len(types),
        ("__Schema", "directives"): len(schema.directives),
        ("__Field", "args"): Fraction(
            sum(len(field.args) for field in fields), max(1, len(fields))
        ),
        ("__Directive", "args"): max(arguments, default=0),
        ("__Directive", "locations"): max(locations, default=0),
        **{("__Type", name): Fraction(total, len(types)) for name, total in totals.items()},
    }
