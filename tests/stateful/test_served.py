"""Random histories on both databases, through the API."""

from collections.abc import AsyncIterator
from typing import Any, Final
from zoneinfo import ZoneInfo

import obstore.store
import pytest
from hypothesis import given

from app import create_app
from auth.keys import Keys
from database.database import Database
from doctor.examine import examine
from doctor.finding import Finding
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import Client
from tests.conftest import StoppedClock
from tests.databases import Backend
from tests.given import World
from tests.stateful.histories import TAPES, histories, run
from tests.stateful.served import Ground, Served
from tests.steps import missing

pytestmark = pytest.mark.anyio

ZONES: Final = ("Asia/Shanghai", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe")


@pytest.fixture(scope="module")
async def ground(
    backend: Backend,
    tmp_path_factory: pytest.TempPathFactory,
    schema: Any,
    anyio_backend: str,
) -> AsyncIterator[Ground]:
    folder = tmp_path_factory.mktemp("histories")
    url = await backend.fresh(folder)
    keys, clock, database = Keys(b"k" * 32), StoppedClock(), Database.open(url)
    store = obstore.store.LocalStore(str(folder / "pictures"), mkdir=True)
    pictures = Pictures(store, keys)
    parts = Parts(database, keys, pictures, clock)
    core = schema._schema
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as client:
        mutations = frozenset(core.mutation_type.fields)
        yield Ground(World(parts), client, clock, missing(core), mutations)
    await pictures.close()
    await database.close()
    await backend.release(url)


@histories(in_memory=False)
@given(tape=TAPES)
async def test_a_history_on_a_database_holds_the_invariants(ground: Ground, tape: bytes) -> None:
    zone = ZONES[tape[-1] % len(ZONES)]
    await run(await Served.open(ground, zone), tape, ZoneInfo(zone))


async def test_the_doctor_finds_nothing_in_all_these_histories(ground: Ground) -> None:
    findings = list[Finding]()
    parts = ground.world.parts
    async with parts.database.read() as connection:
        await examine(connection, parts.pictures, ground.clock.now(), findings.append)
    assert [finding.line() for finding in findings if not finding.is_note] == []
