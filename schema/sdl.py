"""The order in which the API's types are listed: the roots and the main types come first."""

from collections.abc import Iterable
from typing import Final

from graphql import GraphQLSchema, TypeDefinitionNode, parse

DESCRIPTION: Final = (
    "商家自主售后. The after-sales desk of a marketplace's merchants: customers apply to return, "
    "exchange or repair what they bought, and each item becomes a service order (服务单), which "
    "the merchant's staff review, receive and process. Start with `viewer`, `serviceOrders` and "
    "`lifecycle`. Mutations answer with a payload: what they changed, or `refusals` that say why "
    "nothing was changed. Each field says which permission it requires."
)
"""The description of the whole schema."""

_FIRST: Final = (
    "Query",
    "Mutation",
    "Subscription",
    "ServiceOrder",
    "ServiceOrderEvent",
    "Application",
    "Merchant",
    "Enrolment",
    "Viewer",
    "Employee",
    "Role",
    "Actor",
    "Node",
    "Refusal",
)
_RANKS: Final = {name: rank for rank, name in enumerate(_FIRST)}


def in_order(names: Iterable[str]) -> list[str]:
    """The main types, then all others by name; those of introspection last."""
    return sorted(names, key=lambda name: (_RANKS.get(name, len(_FIRST)), name[:2] == "__", name))


def order_types(schema: GraphQLSchema) -> None:
    """List the types of introspection in order: GraphiQL shows them as they come."""
    types = dict(schema.type_map)
    schema.type_map.clear()
    schema.type_map.update({name: types[name] for name in in_order(types)})
    schema.description = DESCRIPTION


def ordered_sdl(printed: str, description: str) -> str:
    """The SDL with its types in order and the schema's description.

    Strawberry sorts the types by name, and prints no description of the schema.
    """
    types, others = dict[str, str](), list[str]()
    for definition in parse(printed).definitions:
        assert definition.loc is not None  # noqa: S101 - it was parsed with locations
        text = printed[definition.loc.start : definition.loc.end]
        if isinstance(definition, TypeDefinitionNode):
            types[definition.name.value] = text
        else:
            others.append(text)
    root = f'"""\n{description}\n"""\nschema {{\n  query: Query\n  mutation: Mutation\n'
    root += "  subscription: Subscription\n}"
    return "\n\n".join([root, *others, *(types[name] for name in in_order(types))])
