"""Reading over all merchants while a machine of a distributed database is away: those of others.

A statement over all merchants asks all machines, and fails if one is away. Jobs go on for the
merchants of the others: they ask again with the merchants named, so that Citus leaves the machine
out.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from database.availability import Unreachable
from database.database import Database
from database.outages import Outage

T = TypeVar("T")
Query = TypeVar("Query", bound=sa.Select[*tuple[Any, ...]])
_OPTION: Final = "aftersales_merchants"
_PRESENT: Final = sa.text(
    """
    SELECT result FROM run_command_on_shards(
        'merchant', 'SELECT coalesce(json_agg(id), ''[]'') FROM %s'
    ) WHERE success
    """
)


async def read_present(database: Database, find: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """What ``find`` reads of all merchants; while a machine is away, of those of the others.

    Its statement comes from ``of_present``. Raises Overloaded or Unreachable.
    """
    try:
        async with database.read() as connection:
            return await find(connection)
    except Unreachable as unreachable:
        merchants = await present_merchants(database, unreachable)
    async with database.read() as connection:
        return await find(await among(connection, merchants))


async def present_merchants(database: Database, unreachable: Unreachable) -> Sequence[int]:
    """The merchants whose machines answer. Raises ``unreachable`` if no machine alone is away."""
    if unreachable.outage is not Outage.NODE_AWAY:
        raise unreachable
    async with database.read() as connection:
        rows = await connection.execute(_PRESENT)
        return sorted(id_ for ids in rows.scalars() for id_ in orjson.loads(ids))


async def among(connection: AsyncConnection, merchants: Sequence[int] | None) -> AsyncConnection:
    """The connection, whose statements that ``of_present`` returns name these merchants alone."""
    if merchants is None:
        return connection
    return await connection.execution_options(**{_OPTION: merchants})


def of_present(
    connection: AsyncConnection, statement: Query, *merchant: sa.ColumnElement[int]
) -> Query:
    """A statement about all merchants; about those of the connection if it is ``among`` some.

    ``merchant`` is the column that names them, of each table: Citus asks all machines of a table
    whose column is not compared. An outer join compares that of its own table, by ``is_present``.
    """
    return statement.where(*is_present(connection, *merchant))


def is_present(
    connection: AsyncConnection, *merchant: sa.ColumnElement[int]
) -> Sequence[sa.ColumnElement[bool]]:
    """The conditions that name the merchants of the connection; none if it is of all."""
    checked_out = connection.sync_connection
    options = {} if checked_out is None else checked_out.get_execution_options()
    merchants = options.get(_OPTION)
    if merchants is None:
        return ()
    those = sa.literal(merchants, ARRAY(sa.BigInteger))
    return [column == sa.any_(those) for column in merchant]
