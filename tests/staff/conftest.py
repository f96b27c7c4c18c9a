"""One world for the whole table of who may use what: those who are refused change nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import obstore.store
import pytest

from app import create_app
from auth.keys import Keys
from database.database import Database
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import Client
from tests.conftest import StoppedClock
from tests.databases import Backend
from tests.given import OrderRef, Person, Shop, World


@dataclass(frozen=True)
class Stage:
    """A world with a merchant that has an order, and a way to ask."""

    world: World
    client: Client
    shop: Shop
    order: OrderRef
    employee: Person


@pytest.fixture(scope="module")
async def stage(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory, schema, anyio_backend: str
) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    url = await backend.fresh(folder)
    keys = Keys(b"k" * 32)
    store = obstore.store.LocalStore(str(folder / "pictures"), mkdir=True)
    database = Database.open(url)
    parts = Parts(database, keys, Pictures(store, keys), StoppedClock())
    world = World(parts)
    shop = await world.merchant()
    order = await world.order(shop)
    employee = await world.reviewer(shop)
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as client:
        yield Stage(world, client, shop, order, employee)
    await parts.pictures.close()
    await database.close()
    await backend.release(url)
