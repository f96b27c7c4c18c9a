"""The migrations run up and down on every database, and create what the models declare."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from database.database import Database
from domain.actions import Action
from domain.actors import ActorKind
from domain.events import EventKind
from models import alembic_commands, schema_version
from models.application import applications
from models.pause_window import PauseWindow
from models.service_order import ServiceOrderEvent
from models.staff import employees, roles
from models.tables import add
from models.waybill import waybills
from tests.databases import Backend
from tests.given import World

pytestmark = pytest.mark.anyio


def _tables(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


async def tables(database: Database) -> set[str]:
    async with database.read() as connection:
        return await connection.run_sync(_tables)


async def test_they_make_what_the_models_say(database: Database) -> None:
    await schema_version.compare(database)


async def test_a_column_too_many_is_seen(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(sa.text("ALTER TABLE evidence ADD COLUMN surplus INTEGER"))
    with pytest.raises(schema_version.Differs, match="surplus"):
        await schema_version.compare(database)


async def test_they_lead_down_to_nothing_and_up_again(database: Database) -> None:
    full = await tables(database)
    await schema_version.downgrade(database)
    assert await tables(database) == {"alembic_version"}
    assert not await schema_version.is_current(database)
    await schema_version.upgrade(database)
    assert await tables(database) == full
    assert await schema_version.is_current(database)
    await schema_version.compare(database)


async def test_employees_stay_who_they_are_when_their_table_is_made_anew(
    database: Database, given: World
) -> None:
    shop = await given.merchant()
    employee = await given.reviewer(shop)
    await given.order(shop, assignee_id=employee.id)

    # What every revision has: a ceiling came with 0008.
    columns = [column for column in employees.c if column.name != "refund_ceiling"]

    async def everybody() -> list[object]:
        async with database.read() as connection:
            result = await connection.execute(sa.select(*columns).order_by(employees.c.id))
            return list(result.all())

    before = await everybody()
    assert len(before) == 2
    for steps in (
        partial(command.downgrade, revision="0004"),
        partial(command.upgrade, revision="head"),
    ):
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, steps)
        assert await everybody() == before
        if database.is_sqlite:
            async with database.read() as connection:
                assert (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all() == []
    await schema_version.compare(database)
    with pytest.raises(IntegrityError):  # the foreign keys to employees still hold
        async with database.write() as connection:
            await connection.execute(sa.delete(employees).where(employees.c.id == employee.id))


async def test_several_that_start_at_once_migrate_once(backend: Backend, tmp_path: Path) -> None:
    url = await backend.fresh(tmp_path)
    processes = [Database.open(url) for _ in range(4)]
    await schema_version.downgrade(processes[0])
    await asyncio.gather(*(schema_version.upgrade(process) for process in processes))
    await schema_version.compare(processes[0])
    for process in processes:
        await process.close()
    await backend.release(url)


async def test_sessions_and_connectors_from_before_0007_go_on(
    database: Database, given: World
) -> None:
    shop = await given.merchant()
    await given.connector(shop)
    await given.connector()
    of_merchant, of_platform = (
        "SELECT owner, owner_id FROM connector WHERE merchant_id IS NOT NULL",
        "SELECT owner, owner_id FROM connector WHERE merchant_id IS NULL",
    )

    async def rows(sql: str) -> list[tuple[object, ...]]:
        async with database.read() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(sql))]

    for steps in (
        partial(command.downgrade, revision="0005"),
        partial(command.upgrade, revision="head"),
    ):
        async with database.write() as connection:
            if steps.func is command.upgrade:
                await connection.execute(sa.text("UPDATE sign_in SET secret_hash = 'kept'"))
            await connection.run_sync(alembic_commands.with_config, steps)
    assert await rows("SELECT DISTINCT secret_hash, generation FROM sign_in") == [("kept", 0)]
    assert await rows(of_merchant) == [("店主", shop.owner.id)]
    assert await rows(of_platform) == [(None, None)]
    await schema_version.compare(database)


async def test_roles_whose_names_read_the_same_keep_them_and_new_ones_cannot_join_them(
    database: Database, given: World
) -> None:
    shop = await given.merchant()
    names = ["A组", "a组", "Ａ组", "B组"]

    async def migrate(to: Callable[..., None], revision: str) -> None:
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, partial(to, revision=revision))

    await migrate(command.downgrade, "0008")
    async with database.write() as connection:
        for id_, name in enumerate(names, 1):
            await connection.execute(
                sa.insert(roles).values(
                    merchant_id=shop.id,
                    id=id_,
                    name=name,
                    permissions=[],
                    created_at=given.now,
                    updated_at=given.now,
                )
            )
    await migrate(command.upgrade, "head")
    async with database.read() as connection:
        query = sa.select(roles.c.name, roles.c.name_key).where(roles.c.id <= len(names))
        rows = (await connection.execute(query.order_by(roles.c.id))).all()
    assert [tuple(row) for row in rows] == [
        ("A组", "a组"),
        ("a组", "a组\n2"),
        ("Ａ组", "a组\n3"),
        ("B组", "b组"),
    ]
    await schema_version.compare(database)
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(
                sa.update(roles).where(roles.c.name == "B组").values(name_key="a组")
            )


async def test_orders_from_before_0008_keep_the_pauses_of_their_clocks(
    database: Database, given: World
) -> None:
    shop = await given.merchant()
    begin, end = given.now + timedelta(days=1), given.now + timedelta(days=2)
    async with database.write() as connection:
        window = PauseWindow(
            id=1, name="-", start_at=begin, end_at=end, declared_by="-", declared_at=given.now
        )
        await add(connection, window)
    orders = [await given.order(shop) for _ in range(3)]
    await given.take(orders[1], Action.APPROVE)
    await given.take(orders[2], Action.REJECT)
    for steps in (
        partial(command.downgrade, revision="0007"),
        partial(command.upgrade, revision="head"),
    ):
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, steps)
    pauses = [(await given.row(order)).clock_pauses for order in orders]
    # The first was submitted before the window was declared, and has not been moved here.
    assert pauses == [[], [{"from": begin.isoformat(), "to": end.isoformat()}], []]


async def test_orders_from_before_0013_are_found_by_what_was_stored(
    database: Database, given: World
) -> None:
    shop = await given.merchant()
    await given.application(shop, order_number="# 1 2", name="Ａnna", phone="+86 13800005678")
    sent, corrected = await given.application(shop, 2)
    async with database.write() as connection:
        for order, sequence, kind, details in (
            (sent, 2, EventKind.SHIPPED, {"waybill": "sf 1"}),
            (sent, 3, EventKind.EXCHANGED, {"newOrderNumber": "P2"}),
            (sent, 4, EventKind.SENT_BACK, {"shipment": {"goods": None, "waybill": "SF2"}}),
            (corrected, 2, EventKind.SHIPPED, {"waybill": "SF1"}),
            (corrected, 3, EventKind.WAYBILL_CORRECTED, {"waybill": "SF3"}),
            (corrected, 4, EventKind.WAYBILL_CORRECTED, {"waybill": "SF1"}),
            (corrected, 5, EventKind.RESENT, None),
        ):
            event = ServiceOrderEvent(
                merchant_id=shop.id,
                at=given.now,
                actor_kind=ActorKind.CUSTOMER,
                service_order_id=order.key,
                sequence=sequence,
                kind=kind,
                details=details,
                actor_id=1,
                actor_name="-",
            )
            await add(connection, event)

    async def stored() -> list[object]:
        async with database.read() as connection:
            return [
                *await connection.execute(sa.select(applications).order_by(applications.c.id)),
                *await connection.execute(
                    sa.select(waybills.c.service_order_id, waybills.c.waybill).order_by(
                        waybills.c.service_order_id, waybills.c.waybill
                    )
                ),
            ]

    before = await stored()
    for steps in (
        partial(command.downgrade, revision="0008"),
        partial(command.upgrade, revision="head"),
    ):
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, steps)
    assert await stored() == [
        *before,
        (sent.key, "SF1"),
        (sent.key, "SF2"),
        (corrected.key, "SF1"),
        (corrected.key, "SF3"),
    ]
