"""Arrays of PostgreSQL's own types: as parameters, and as the driver knows them.

asyncpg asks for the types of each connection's arrays with a recursive query. Planning it takes
longer than most requests, and seconds on a busy coordinator of Citus.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

ARRAYS: Final = {
    "bool": (16, 1000),
    "int2": (21, 1005),
    "int4": (23, 1007),
    "int8": (20, 1016),
    "text": (25, 1009),
    "varchar": (1043, 1015),
    "timestamptz": (1184, 1185),
    "float8": (701, 1022),
    "json": (114, 199),
}
"""The numbers of a type and of its array, which are the same in every PostgreSQL: pg_type.dat."""


def array_parameter(name: str, type_: Any) -> sa.BindParameter[Any]:
    """A parameter that holds a list of values of a type of SQLAlchemy's, which have no base."""
    # One dimension, or a value that is a list would be taken for a further dimension.
    return sa.bindparam(name, type_=ARRAY(type_, dimensions=1))


def register_arrays(connection: Any) -> None:
    """Tell a connection of asyncpg, which has no types, about them.

    After the codec of an element's type is set, because the array takes it over.
    """
    settings = connection._protocol.get_settings()  # noqa: SLF001 - as its own introspection does
    settings.register_data_types(
        [
            {
                "oid": array,
                "ns": "pg_catalog",
                "name": f"_{name}",
                "kind": b"b",
                "elemtype": element,
                "elemdelim": ",",
                "basetype": None,
                "range_subtype": None,
                "attrtypoids": None,
            }
            for name, (element, array) in ARRAYS.items()
        ]
    )
