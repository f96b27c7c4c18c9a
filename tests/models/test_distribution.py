"""Distributing the tables: what the command does and checks, and how a process finds out."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from database.database import Database
from models import distribution, schema_version
from models.alembic_commands import with_config
from models.distribution import PLACEMENTS, CannotDistribute, Difference, Kind
from models.pause_window import PauseWindow, pause_windows
from models.tables import add
from settings import BadSettings, load
from tests.conftest import NOON

pytestmark = pytest.mark.anyio


def only_on_citus(runs_on: str) -> None:
    if runs_on != "citus":
        pytest.skip("the database has no Citus")


async def test_a_database_without_citus_cannot_be_distributed(
    database: Database, runs_on: str
) -> None:
    if runs_on == "citus":
        pytest.skip("the database has Citus")
    with pytest.raises(CannotDistribute, match="CREATE EXTENSION citus"):
        await distribution.distribute(database)
    with pytest.raises(CannotDistribute, match="CREATE EXTENSION citus"):
        await distribution.find_differences(database)


async def test_the_first_connection_finds_out_whether_it_is_distributed(
    database: Database, runs_on: str
) -> None:
    assert not database.is_distributed
    await database.find_distribution()
    assert database.is_distributed is (runs_on == "citus")


async def test_a_process_can_be_told(database_url: str) -> None:
    database = Database.open(database_url, distributed=True)
    assert database.is_distributed
    await database.close()


def test_only_postgresql_without_a_replica_can_be_distributed() -> None:
    with pytest.raises(BadSettings, match="AFTERSALES_DATABASE_DISTRIBUTED"):
        load(database_distributed=True)
    url = "postgresql://desk@db/aftersales"
    with pytest.raises(BadSettings, match="AFTERSALES_DATABASE_DISTRIBUTED"):
        load(database_distributed=True, database_url=url, database_read_url=url)
    assert load(database_distributed=True, database_url=url).database_distributed


async def test_distributing_again_changes_nothing(database: Database, runs_on: str) -> None:
    only_on_citus(runs_on)
    assert await distribution.find_differences(database) == []
    assert await distribution.distribute(database) == []


async def test_a_table_with_rows_that_is_elsewhere_is_named_and_distributed(
    database: Database, runs_on: str
) -> None:
    only_on_citus(runs_on)
    window = PauseWindow(
        id=1,
        name="春节",
        start_at=NOON,
        end_at=NOON + timedelta(days=7),
        declared_by="平台",
        declared_at=NOON,
    )
    async with database.write() as connection:
        await add(connection, window)
        await connection.execute(sa.text("SELECT undistribute_table('pause_window')"))
    [difference] = await distribution.find_differences(database)
    assert difference.line() == (
        "pause_window should be copied to every machine, and is on the coordinator alone"
    )
    assert await distribution.distribute(database) == ["pause_window"]
    assert await distribution.find_differences(database) == []
    async with database.read() as connection:
        assert (await connection.execute(sa.select(pause_windows.c.id))).scalars().all() == [1]


async def test_a_migration_distributes_the_tables_that_it_creates(
    database: Database, runs_on: str
) -> None:
    only_on_citus(runs_on)
    async with database.write_unlimited() as connection:
        await connection.run_sync(down_to, "0017")
    missing = await differences(database)
    assert {difference.placement.table for difference in missing} >= SINCE_0017
    assert all(difference.found is None for difference in missing)
    await schema_version.upgrade(database)
    assert await differences(database) == []


SINCE_0017 = {"export", "webhook_endpoint", "webhook_delivery", "quality_case", "quality_head"}


async def differences(database: Database) -> Sequence[Difference]:
    return await distribution.find_differences(database)


def down_to(connection: sa.Connection, revision: str) -> None:
    with_config(connection, lambda config: command.downgrade(config, revision))


def test_what_is_written_at_each_sign_in_needs_no_other_machine() -> None:
    kinds = {placement.table: placement.kind for placement in PLACEMENTS}
    assert {kinds[name] for name in ("sign_in", "sign_in_throttle", "platform_feed_head")} == {
        Kind.COORDINATOR
    }
