"""Good values for the inputs of mutations, found by the type of a field."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLInputObjectType, GraphQLNonNull, GraphQLSchema

from schema import ids
from tests.given import Shop

GOOD: Final[Mapping[str, Any]] = {
    "String": "好",
    "Money": "12.00",
    "Int": 1,
    "Boolean": False,
    "DateTime": "2031-01-01T00:00:00Z",
}
"""A good value of each scalar type. What only some values are good for is named where it is used.
"""
OTHER: Final[Mapping[str, Any]] = {"String": "不好", "Money": "12.01"}
"""Another good value, for the types that have one in every field."""

TYPE_OF_ID: Final[Mapping[str, str]] = {
    "applicationId": "Application",
    "assigneeId": "Employee",
    "evidenceIds": "Evidence",
    "merchantId": "Merchant",
    "returnAddressId": "ReturnAddress",
    "roleId": "Role",
}
"""The type of the object that an id names, by the name of the field."""

SHARED: Final = frozenset({"id", "expectedVersion", "idempotencyKey"})
"""The fields that the input of every step with an order has."""


def fields_of(schema: GraphQLSchema, mutation: str) -> dict[str, str]:
    """The name and the type of each field of a mutation's input, but for lists and `SHARED`."""
    assert schema.mutation_type is not None
    kind = schema.mutation_type.fields[mutation].args["input"].type
    assert isinstance(kind, GraphQLNonNull)
    assert isinstance(kind.of_type, GraphQLInputObjectType)
    types = {name: str(field.type).rstrip("!") for name, field in kind.of_type.fields.items()}
    return {
        name: type_
        for name, type_ in types.items()
        if name not in SHARED and not type_.startswith("[")
    }


def good_input(schema: GraphQLSchema, mutation: str, shop: Shop) -> dict[str, Any]:
    """A good value for every field of `fields_of`."""
    return {
        name: id_in(shop, name) if type_ == "ID" else GOOD[type_]
        for name, type_ in fields_of(schema, mutation).items()
    }


def other_input(schema: GraphQLSchema, mutation: str) -> dict[str, Any]:
    """A field of the input with another value than in `good_input`, which is as good."""
    for name, type_ in fields_of(schema, mutation).items():
        if type_ in OTHER:
            return {name: OTHER[type_]}
    return {"expectedVersion": 1}


def id_in(shop: Shop, name: str) -> str:
    """The id of one of a shop's objects, for a field with this name."""
    objects = {
        "Employee": shop.owner.global_id,
        "Merchant": shop.global_id,
        "ReturnAddress": ids.encode("ReturnAddress", shop.id, shop.address_id),
        "Role": next(iter(shop.roles.values())),
    }
    if TYPE_OF_ID.get(name) not in objects:
        message = f"Say in TYPE_OF_ID in tests/inputs.py which of {[*objects]} {name} names"
        raise LookupError(message)
    return objects[TYPE_OF_ID[name]]
