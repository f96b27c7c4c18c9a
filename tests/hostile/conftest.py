"""A desk under attack, and a way to see whether anything in it was changed."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any

import obstore.store
import pytest
import sqlalchemy as sa

from app import create_app
from auth.keys import Keys
from database.database import Database
from domain.permissions import Permission
from models.tables import METADATA
from parts import Parts
from resolvers.pictures import Pictures
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.databases import Backend
from tests.given import OrderRef, Person, Shop, World, jpeg
from tests.webhooks.rows import Hook, webhook


@dataclass(frozen=True)
class Ground:
    """A merchant with one of each of its objects, and people who may do everything there is."""

    world: World
    client: Client
    shop: Shop
    order: OrderRef
    photo: str
    employee: Person
    connector: Person
    spare: Person
    """A connector that nobody uses, to be disabled."""
    customer: Person
    platform: Person
    address: str
    reason: str
    retired_reason: str
    template: str
    webhook: Hook
    export: str

    def objects(self) -> dict[str, str]:
        """An id of each type."""
        return {
            "ServiceOrder": self.order.id,
            "Application": self.order.application_id,
            "Merchant": self.shop.global_id,
            "ReturnAddress": self.address,
            "Evidence": self.photo,
            "Role": self.shop.roles["审核组"],
            "Employee": self.employee.global_id,
            "Connector": ids.encode("Connector", self.spare.id),
            "Export": self.export,
        }


class Changes:
    """Tells whether anybody wrote into the database.

    Looks at every row there is, but only after somebody wrote: reading all tables takes longer than
    many requests.
    """

    def __init__(self, database: Database, file: sqlite3.Connection | None) -> None:
        self._database = database
        self._file = file
        self._position: Any = None
        self._seen: list[Any] = []

    async def any(self) -> bool:
        """Whether there was a change since this was last asked."""
        position = await self._written_until()
        if position == self._position:
            return False
        before, self._seen = self._seen, await self._rows()
        self._position = position
        return self._seen != before

    async def _written_until(self) -> Any:
        """Something that every write changes."""
        if self._file:
            return self._file.execute("PRAGMA data_version").fetchone()
        async with self._database.read() as connection:
            return await connection.scalar(sa.select(sa.func.pg_current_wal_insert_lsn()))

    async def _rows(self) -> list[Any]:
        async with self._database.read() as connection:
            return [
                sorted(map(repr, await connection.execute(sa.select(table))))
                for table in METADATA.sorted_tables
            ]


async def settle(world: World, client: Client, name: str) -> Ground:
    shop = await world.merchant(name)
    order = await world.order(shop, customer_ref="c-1")
    address = await world.return_address(shop.id, is_default=False)
    photo = await client.as_(shop.owner.token).upload(jpeg(len(name) + 10))
    return Ground(
        world,
        client,
        shop,
        order,
        photo["evidence"]["id"],
        await world.employee(shop, Permission.NOTE),
        await world.connector(shop),
        await world.connector(shop),
        await world.customer(shop, "c-1"),
        await world.platform(),
        ids.encode("ReturnAddress", shop.id, address),
        *await world.own_reasons(shop),
        await world.note_template(shop),
        await webhook(world, shop, order),
        await world.export(shop),
    )


@pytest.fixture(scope="module")
async def grounds(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory, schema, anyio_backend: str
) -> AsyncIterator[tuple[Ground, Ground]]:
    """Two merchants on one server."""
    folder = tmp_path_factory.mktemp("ground")
    url = await backend.fresh(folder)
    keys = Keys(b"k" * 32)
    store = obstore.store.LocalStore(str(folder / "pictures"), mkdir=True)
    database = Database.open(url)
    parts = Parts(database, keys, Pictures(store, keys), StoppedClock())
    world = World(parts)
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as client:
        yield (
            await settle(world, client, "京北数码"),
            await settle(world, client, "另一家店铺"),
        )
    await parts.pictures.close()
    await database.close()
    await backend.release(url)


@pytest.fixture(scope="module")
def ground(grounds: tuple[Ground, Ground]) -> Ground:
    return grounds[0]


@pytest.fixture(scope="module")
def stranger(grounds: tuple[Ground, Ground]) -> Ground:
    return grounds[1]


@pytest.fixture
async def changes(ground: Ground) -> AsyncIterator[Changes]:
    database = ground.world.parts.database
    path = database.reading.url.database if database.is_sqlite else None
    with closing(sqlite3.connect(path)) if path else nullcontext() as file:
        watch = Changes(database, file)
        await watch.any()
        yield watch
