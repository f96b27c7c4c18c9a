"""Enum values in the database: a missing one is seen, and a draft's migration adds it."""

import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from database.database import Database
from domain.actors import ActorKind
from domain.statuses import Status
from models import alembic_commands, schema_version
from models.migrations.enums import change_enum
from models.service_order import events, service_orders
from tests.given import World

pytestmark = pytest.mark.anyio

STATUSES = [status.value for status in Status]
CHECK = "ck_service_order_status"


async def change(
    database: Database,
    values: Sequence[str] | None,
    table: str = "service_order",
    column: str = "status",
    constraint: str = CHECK,
) -> None:
    def run(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            change_enum(table, column, values, constraint=constraint)

    async with database.write() as connection:
        await connection.run_sync(run)


async def set_status(database: Database, status: str) -> None:
    async with database.write() as connection:
        await connection.execute(
            sa.text("UPDATE service_order SET status = :status"), {"status": status}
        )


async def rows(database: Database) -> list[Any]:
    async with database.read() as connection:
        orders = (await connection.execute(sa.select(service_orders))).all()
        return [*orders, *(await connection.execute(sa.select(events))).all()]


async def indexes(database: Database) -> set[str]:
    def names(connection: Connection) -> set[str]:
        return {str(index["name"]) for index in sa.inspect(connection).get_indexes("service_order")}

    async with database.read() as connection:
        return await connection.run_sync(names)


async def test_a_value_is_added_and_taken_away_with_rows_in_the_table(
    database: Database, given: World
) -> None:
    await given.application(await given.merchant(), 3)
    before, indexed = await rows(database), await indexes(database)
    with pytest.raises(IntegrityError):
        await set_status(database, "ON_HOLD")
    await change(database, [*STATUSES, "ON_HOLD"])
    assert await rows(database) == before
    assert await indexes(database) == indexed
    await set_status(database, "ON_HOLD")
    with pytest.raises(IntegrityError):  # while a row has the value
        await change(database, STATUSES)
    await set_status(database, Status.PENDING_REVIEW)
    await change(database, STATUSES)
    assert await rows(database) == before
    assert await indexes(database) == indexed
    with pytest.raises(IntegrityError):
        await set_status(database, "ON_HOLD")
    if database.is_sqlite:
        async with database.read() as connection:
            assert (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all() == []
    with pytest.raises(IntegrityError):  # events refer to their orders still
        async with database.write() as connection:
            await connection.execute(sa.delete(service_orders))
    await schema_version.compare(database)


async def without_one(database: Database) -> None:
    await change(database, STATUSES[:-1])


async def with_one_too_many(database: Database) -> None:
    await change(database, [*STATUSES, "ON_HOLD"])


async def without_any(database: Database) -> None:
    await change(database, None)


async def of_another_column(database: Database) -> None:
    kinds = [kind.value for kind in ActorKind if kind is not ActorKind.CONNECTOR]
    await change(database, kinds, "service_order_event", "actor_kind", ACTOR_CHECK)


ACTOR_CHECK = "ck_service_order_event_actor_kind"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_one, r"service_order\.status.*'add': \['CANCELLED'\], 'remove': \[\]"),
        (with_one_too_many, r"service_order\.status.*'add': \[\], 'remove': \['ON_HOLD'\]"),
        (without_any, r"service_order\.status.*'add': .*'REJECTED'\], 'remove': \[\]"),
        (of_another_column, r"service_order_event\.actor_kind.*'add': \['CONNECTOR'\]"),
    ],
)
async def test_values_that_differ_are_seen(
    database: Database, spoil: Callable[[Database], Awaitable[None]], words: str
) -> None:
    await spoil(database)
    with pytest.raises(schema_version.Differs, match=words):
        await schema_version.compare(database)


async def test_a_check_of_no_model_is_seen(database: Database) -> None:
    await change(database, ["LIGHT"], "service_order", "sku", "ck_service_order_surplus")
    with pytest.raises(schema_version.Differs, match=r"service_order\.sku.*'remove': \['LIGHT'\]"):
        await schema_version.compare(database)


async def test_the_drafted_migration_leads_up_and_down(
    database: Database, given: World, tmp_path: Path
) -> None:
    await given.order(await given.merchant())
    await change(database, STATUSES[:-1])
    before = await rows(database)

    def with_drafts(run: Callable[[Config], object], config: Config) -> None:
        versions = Path(schema_version.__file__).parent / "migrations" / "versions"
        config.set_main_option("version_locations", os.pathsep.join((str(versions), str(tmp_path))))
        run(config)

    async def run(step: Callable[[Config], object]) -> None:
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, partial(with_drafts, step))

    def draft_migration(config: Config) -> None:
        folder = str(tmp_path)
        command.revision(config, "a status", autogenerate=True, version_path=folder, rev_id="9999")

    await run(draft_migration)
    (draft,) = tmp_path.glob("9999*.py")
    text = draft.read_text("utf-8")
    assert text.count("change_enum('service_order', 'status', (") == 2
    assert text.count("op.") == 0

    await run(partial(command.upgrade, revision="head"))
    await run(command.check)
    assert await rows(database) == before
    await run(partial(command.downgrade, revision="-1"))
    assert await rows(database) == before
    with pytest.raises(IntegrityError):
        await set_status(database, Status.CANCELLED)
    await run(partial(command.upgrade, revision="head"))
    await set_status(database, Status.CANCELLED)
