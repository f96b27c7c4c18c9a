"""The sandbox's clock: moved on by hand, for everything but sessions, and off by default."""

from datetime import UTC, datetime, timedelta

import pytest

from app import create_app
from database.database import Database
from jobs.loop import tick
from models.clock import SandboxClock, WallClock
from parts import Parts
from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

ADVANCE = """mutation($seconds: Int!) { advanceClock(input: {seconds: $seconds}) {
  serverTime refusals { code } } }"""


@pytest.fixture
def sandbox(parts: Parts) -> Parts:
    return Parts(parts.database, parts.keys, parts.pictures, SandboxClock())


async def test_on_real_time_nobody_moves_it(client: Client, given: World) -> None:
    shop = await given.merchant()
    platform = await given.platform()
    for person in (shop.owner, platform):
        payload = await client.as_(person.token).ask(ADVANCE, seconds=60)
        assert payload == {"serverTime": None, "refusals": [{"code": "SANDBOX_OFF"}]}
    assert await client.ask("{ serverTime }") == given.now.isoformat()


async def test_the_server_s_own_clock_is_the_real_time(parts: Parts, schema) -> None:
    real = Parts(parts.database, parts.keys, parts.pictures, WallClock())
    async with Client.of(create_app(real, runs_clock=False, schema=schema)) as client:
        said = datetime.fromisoformat(await client.ask("{ serverTime }"))
        assert abs(said - datetime.now(UTC)) < timedelta(minutes=1)


async def test_forty_eight_hours_can_be_watched_passing(sandbox: Parts, schema) -> None:
    given = World(sandbox)
    shop = await given.merchant()
    order = await given.order(shop)
    async with Client.of(create_app(sandbox, runs_clock=False, schema=schema)) as client:
        owner = client.as_(shop.owner.token)
        before = datetime.fromisoformat(await owner.ask("{ serverTime }"))
        payload = await owner.ask(ADVANCE, seconds=48 * 3600)
        assert payload["refusals"] == []
        after = datetime.fromisoformat(payload["serverTime"])
        assert timedelta(hours=48) <= after - before < timedelta(hours=48, minutes=1)
        await tick(sandbox.database, sandbox.clock.now())
        query = "query($id: ID!) { serviceOrder(id: $id) { status } }"
        assert await owner.ask(query, id=order.id) == {"status": "AWAITING_SHIPMENT"}
        # The session, which lives on real time, is as good as before.
        assert await owner.ask("{ viewer { name } }") == {"name": "店主"}


async def test_steps_add_up_and_another_process_follows(
    sandbox: Parts, database: Database, schema
) -> None:
    given = World(sandbox)
    shop = await given.merchant()
    async with Client.of(create_app(sandbox, runs_clock=False, schema=schema)) as client:
        owner = client.as_(shop.owner.token)
        for seconds in (3600, 60, 31 * 86_400):
            assert (await owner.ask(ADVANCE, seconds=seconds))["refusals"] == []
    other = SandboxClock()
    await other.follow(database)
    ahead = timedelta(days=31, hours=1, minutes=1)
    assert other.ahead == ahead
    assert abs(other.now() - datetime.now(UTC) - ahead) < timedelta(minutes=1)


@pytest.mark.parametrize("seconds", [0, -1, 31 * 86_400 + 1, 2**31 - 1, 2**31, 1.5, "60", None])
async def test_time_moves_forward_and_a_month_at_most(
    sandbox: Parts, schema, seconds: object
) -> None:
    shop = await World(sandbox).merchant()
    async with Client.of(create_app(sandbox, runs_clock=False, schema=schema)) as client:
        codes = await client.as_(shop.owner.token).codes("advanceClock", seconds=seconds)
        assert codes == ["BAD_USER_INPUT"]
        said = datetime.fromisoformat(await client.ask("{ serverTime }"))
        assert abs(said - datetime.now(UTC)) < timedelta(minutes=1)
