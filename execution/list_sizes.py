"""How many objects the lists of an answer bring, as far as it is known before it is made."""

from __future__ import annotations

import math
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

from execution.amounts import Given, Size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

MAX_PAGE_SIZE: Final = 100
"""What a longer page counts as: no field answers with more."""

DEFAULT_PAGE_SIZE: Final = 20
"""What a connection answers when it is not told."""

PAGE_ARGUMENTS: Final = ("first", "last", "ids")


def page_size(node: FieldNode) -> Size:
    """The page that a field asks for, or what works it out from the variables."""
    sizes, names = [], []
    for argument in node.arguments or ():
        if argument.name.value in PAGE_ARGUMENTS:
            value = argument.value
            if isinstance(value, IntValueNode):
                short = len(value.value) <= len(str(MAX_PAGE_SIZE))
                sizes.append(max(0, int(value.value)) if short else MAX_PAGE_SIZE)
            elif isinstance(value, ListValueNode):
                sizes.append(len(value.values))
            elif isinstance(value, VariableNode):
                names.append(value.name.value)
    if not names:
        return max(sizes, default=DEFAULT_PAGE_SIZE)

    def size(given: Given) -> int:
        found = [*sizes, *(_size_of(given[name]) for name in names if given.get(name) is not None)]
        return max(found, default=DEFAULT_PAGE_SIZE)

    return size


def _size_of(value: object) -> int:
    """The page that a variable asks for; what is no size, or too large, is refused later on."""
    if isinstance(value, list):
        return min(len(value), MAX_PAGE_SIZE)
    if isinstance(value, int):
        return min(max(0, value), MAX_PAGE_SIZE)
    return MAX_PAGE_SIZE


@lru_cache(maxsize=8)
def introspection_lists(schema: GraphQLSchema) -> Mapping[tuple[str, str], int]:
    """How long the lists of the introspection are: of the schema exactly, of a type on average."""
    types = schema.type_map.values()
    composite = [one for one in types if is_object_type(one) or is_interface_type(one)]
    fields = [one for kind in composite for one in kind.fields.values()]
    lists = {
        "fields": len(fields),
        "interfaces": sum(len(one.interfaces) for one in composite),
        "possibleTypes": sum(
            len(schema.get_possible_types(one)) for one in types if is_abstract_type(one)
        ),
        "enumValues": sum(len(one.values) for one in types if is_enum_type(one)),
        "inputFields": sum(len(one.fields) for one in types if is_input_object_type(one)),
    }
    arguments = [len(one.args) for one in schema.directives]
    locations = [len(one.locations) for one in schema.directives]
    return {
        ("__Schema", "types"): len(types),
        ("__Schema", "directives"): len(schema.directives),
        ("__Field", "args"): math.ceil(sum(len(one.args) for one in fields) / max(1, len(fields))),
        ("__Directive", "args"): max(arguments, default=0),
        ("__Directive", "locations"): max(locations, default=0),
        **{("__Type", name): math.ceil(total / len(types)) for name, total in lists.items()},
    }
