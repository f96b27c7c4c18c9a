"""Fields that say who did something, each an ``Actor`` made from the columns of a table."""

from typing import Any

import sqlalchemy as sa

from domain.actors import ActorKind
from projection.fields import Column, Computed, Constant
from resolvers.context import Context
from schema.customers import actor_kind, actor_name
from schema.fields import computed, inline
from schema.types.actor import Actor, actor_id, customers_actor, named_actor

# Both return Any: a field stands as the default of an attribute of another type.


def acting(
    kind: sa.ColumnElement[Any],
    name: sa.ColumnElement[Any],
    id_: sa.ColumnElement[Any],
    description: str,
    *merchant_id: sa.ColumnElement[Any],
) -> Any:
    """The actor that a row names by kind, name and id. A merchant's row has ``merchant_id``."""
    return inline(
        "Actor",
        {
            "kind": Column(kind),
            "name": Column(name),
            "id": Computed(actor_id, (kind, id_, *merchant_id)),
        },
        description,
        customers={
            "kind": Computed(actor_kind, (kind,)),
            "name": Computed(actor_name, (kind, name)),
            "id": Constant(None),
        },
    )


def acting_by_name(kind: ActorKind, name: sa.ColumnElement[Any], description: str) -> Any:
    """The actor of whom a row has the name alone. Null where the row has none."""

    def read(_context: Context, value: str | None) -> Actor | None:
        return None if value is None else named_actor(kind, value)

    def read_by_customer(context: Context, value: str | None) -> Actor | None:
        return None if value is None else customers_actor(context, kind, value)

    return computed(read, (name,), description, customers=Computed(read_by_customer, (name,)))
