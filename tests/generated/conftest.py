"""One stage for all generated operations: they change nothing on it."""

from collections.abc import AsyncIterator

import obstore.store
import pytest

from auth.keys import Keys
from database.database import Database
from parts import Parts
from resolvers.pictures import Pictures
from tests.both import both
from tests.conftest import StoppedClock
from tests.databases import Backend
from tests.generated.stage import Stage
from tests.given import World


@pytest.fixture(scope="module")
async def stage(
    backend: Backend,
    tmp_path_factory: pytest.TempPathFactory,
    schema,
    walking_schema,
    anyio_backend: str,
) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    url = await backend.fresh(folder)
    keys, clock, database = Keys(b"k" * 32), StoppedClock(), Database.open(url)
    store = obstore.store.LocalStore(str(folder / "pictures"), mkdir=True)
    parts = Parts(database, keys, Pictures(store, keys), clock)
    async with both(parts, schema, walking_schema, still=True) as client:
        yield await Stage.set(World(parts), clock, client, schema._schema)
    await parts.pictures.close()
    await database.close()
    await backend.release(url)
