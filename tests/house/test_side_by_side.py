"""Servers of the release before go on while a migration runs that says so, and after it."""

from functools import partial

import pytest
import sqlalchemy as sa
from alembic import command

from database.database import Database
from models import alembic_commands, schema_version
from models.schema_version import NotCurrent, Standing
from tests.client import Client
from tests.given import World
from tests.house.additive import changes_that_stop_others, tables_of

pytestmark = pytest.mark.anyio

DECLARED = [
    revision
    for revision in schema_version.revisions()
    if schema_version.serves_from(revision) != revision
]
LATER = (
    "ALTER TABLE service_order ADD COLUMN later TEXT",
    "ALTER TABLE merchant ADD COLUMN later INTEGER DEFAULT 7 NOT NULL",
    "CREATE TABLE later (id INTEGER PRIMARY KEY)",
    "UPDATE alembic_version SET version_num = '9999'",
)
"""What a migration of a later release may do beside servers of this one."""

STOPPING = {
    "DROP TABLE write_mark": "write_mark is gone",
    "ALTER TABLE merchant DROP COLUMN name": "merchant.name is gone",
    "ALTER TABLE merchant RENAME COLUMN name TO title": "merchant.name is gone",
    "CREATE UNIQUE INDEX later ON merchant (name)": "merchant refuses more: unique ['name']",
    "ALTER TABLE service_order ADD COLUMN later INTEGER REFERENCES merchant (id)": (
        "service_order refuses more: foreign ['later']"
    ),
}


async def execute(database: Database, *statements: str) -> None:
    async with database.write() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def test_a_server_goes_on_beside_a_later_release_that_says_so_and_not_beside_another(
    client: Client, given: World, database: Database
) -> None:
    shop = await given.merchant()
    [first, second] = await given.application(shop, 2)
    owner = client.as_(shop.owner.token)
    assert (await client.http.get("/readyz")).status_code == 200
    async with database.write() as connection:
        before = await connection.run_sync(tables_of)
    await execute(database, *LATER)
    async with database.write() as connection:
        after = await connection.run_sync(tables_of)
    assert list(changes_that_stop_others(before, after)) == []

    assert (await client.http.get("/readyz")).status_code == 200
    assert await owner.codes("reviewServiceOrder", id=first.id, decision={"approve": {}}) == []
    orders = await owner.ask(
        "{ serviceOrders(filter: {status: [PENDING_REVIEW]}) { nodes { id } } }"
    )
    assert orders["nodes"] == [{"id": second.id}]
    assert (await given.merchant("另一家")).id != shop.id
    with pytest.raises(NotCurrent, match="ahead"):
        await schema_version.upgrade(database)

    await execute(database, "UPDATE schema_floor SET revision = '9999'")
    response = await client.http.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, Standing.NEWER)


@pytest.mark.parametrize("statement", STOPPING)
async def test_a_change_that_stops_others_is_found(database: Database, statement: str) -> None:
    async with database.write() as connection:
        before = await connection.run_sync(tables_of)
        await connection.exec_driver_sql(
            "PRAGMA foreign_keys = OFF" if database.is_sqlite else "SELECT 1"
        )
        await connection.exec_driver_sql(statement)
        after = await connection.run_sync(tables_of)
    assert STOPPING[statement] in list(changes_that_stop_others(before, after))


async def test_each_migration_does_what_it_says_to_the_servers_before_it(
    database: Database,
) -> None:
    """One that serves from an earlier release on takes nothing away and demands nothing new."""
    for revision in reversed(DECLARED):
        async with database.write() as connection:
            to = partial(command.downgrade, revision=revision)
            await connection.run_sync(alembic_commands.with_config, to)
            after = await connection.run_sync(tables_of)
            back = partial(command.downgrade, revision="-1")
            await connection.run_sync(alembic_commands.with_config, back)
            before = await connection.run_sync(tables_of)
        assert list(changes_that_stop_others(before, after)) == [], revision


async def test_the_floor_is_what_the_latest_migrations_say(database: Database) -> None:
    async with database.read() as connection:
        floor = await connection.scalar(sa.text("SELECT revision FROM schema_floor"))
    assert floor == schema_version.oldest_served() <= schema_version.revisions()[-1]
