"""Reads go to a replica, but nobody misses there what they have written themselves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import obstore.store
import pytest
import sqlalchemy as sa

from app import create_app
from auth.keys import Keys
from database.availability import Unreachable
from database.database import Database
from database.replica import CausalityToken, ReplicaAddress
from models import schema_version
from models.write_mark import WriteMarkTable, delete_expired, write_marks
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, World
from tests.house.test_statements import counting
from tests.replica.streaming import Pair, ask, streaming

pytestmark = pytest.mark.anyio

STATUS = "query($id: ID!) { serviceOrder(id: $id) { status } }"


@pytest.fixture(scope="module")
async def servers_pair(anyio_backend: str) -> AsyncIterator[Pair]:
    with streaming() as pair:
        await ask(pair.primary, "CREATE DATABASE empty")
        database = Database.open(pair.of("empty").primary)
        await schema_version.upgrade(database)
        await database.close()
        yield pair


@pytest.fixture
async def pair(servers_pair: Pair, request: pytest.FixtureRequest) -> Pair:
    """A database of its own for each test, on both sides."""
    name = f"desk_{abs(hash(request.node.name))}"
    await ask(servers_pair.primary, f"CREATE DATABASE {name} TEMPLATE empty")
    await servers_pair.until_replayed()
    return servers_pair.of(name)


@pytest.fixture
async def databases(pair: Pair) -> AsyncIterator[list[Database]]:
    """Those of two processes."""
    opened = [
        Database.open(pair.primary, replica=ReplicaAddress(pair.replica, WriteMarkTable()))
        for _ in range(2)
    ]
    yield opened
    for one in opened:
        await one.close()


@pytest.fixture
async def servers(
    databases: list[Database], clock: StoppedClock, tmp_path: Path
) -> AsyncIterator[list[Parts]]:
    keys = Keys(b"k" * 32)
    pictures = Pictures(obstore.store.LocalStore(str(tmp_path), mkdir=True), keys)
    yield [Parts(one, keys, pictures, clock) for one in databases]
    await pictures.close()


@pytest.fixture
def given(servers: list[Parts]) -> World:
    return World(servers[0])


@pytest.fixture
async def clients(servers: list[Parts], schema) -> AsyncIterator[list[Client]]:
    apps = [create_app(one, runs_clock=False, schema=schema) for one in servers]
    async with Client.of(apps[0]) as one, Client.of(apps[1]) as two:
        yield [one, two]


async def status(client: Client, token: str, order: OrderRef) -> str:
    return str((await client.as_(token).ask(STATUS, id=order.id))["status"])


async def test_the_writer_sees_their_decision_in_every_process_and_others_once_it_is_replayed(
    pair: Pair, clients: list[Client], given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    one, two = [(await given.reviewer(shop, name)).token for name in ("小A", "小B")]
    await pair.until_replayed()
    await pair.pause()
    try:
        decided = (
            await clients[0]
            .as_(one)
            .do(
                "reviewServiceOrder",
                "serviceOrder { status }",
                id=order.id,
                decision={"approve": {}},
            )
        )
        assert decided["serviceOrder"] == {"status": "AWAITING_SHIPMENT"}
        for client in clients:
            assert await status(client, one, order) == "AWAITING_SHIPMENT"
            assert await status(client, two, order) == "PENDING_REVIEW"
        # Whoever writes next decides on what is so, not on what a replica shows.
        refused = (
            await clients[1]
            .as_(two)
            .refused("reviewServiceOrder", id=order.id, decision={"approve": {}})
        )
        assert (refused["code"], refused["by"]["name"]) == ("ALREADY_DECIDED", "小A")
    finally:
        await pair.resume()
    await pair.until_replayed()
    for client in clients:
        for token in (one, two):
            assert await status(client, token, order) == "AWAITING_SHIPMENT"


async def test_a_customer_and_a_storefront_see_what_they_wrote(
    pair: Pair, clients: list[Client], given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    customer = await given.customer(shop)
    other = await given.customer(shop, "customer-2")
    await pair.until_replayed()
    await pair.pause()
    try:
        assert await clients[0].as_(customer.token).codes("cancelServiceOrder", id=order.id) == []
        assert await status(clients[1], customer.token, order) == "CANCELLED"
        assert await clients[1].as_(other.token).ask(STATUS, id=order.id) is None
        assert await status(clients[1], shop.owner.token, order) == "PENDING_REVIEW"
    finally:
        await pair.resume()


async def test_the_replica_does_the_reading_again_once_it_shows_what_was_written(
    pair: Pair, databases: list[Database], clients: list[Client], given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    token = shop.owner.token
    await pair.until_replayed()
    assert await clients[0].as_(token).codes("addNote", id=order.id, text="催促") == []
    await pair.until_replayed()
    replica = databases[1].replica
    assert replica is not None
    with counting(replica.engine) as there, counting(databases[1].reading) as here:
        assert await status(clients[1], token, order) == "PENDING_REVIEW"
    assert len(there) >= 2  # whether it shows the note, and the order
    assert here == []


async def test_a_mutation_answers_from_where_it_wrote(
    pair: Pair, databases: list[Database], clients: list[Client], given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    replica = databases[0].replica
    assert replica is not None
    owner = clients[0].as_(shop.owner.token)
    with counting(replica.engine) as there:
        await owner.do("addNote", "serviceOrder { id }", id=order.id, text="催促")
    assert there == []


async def test_many_at_once_of_one_viewer_are_all_seen(
    pair: Pair, clients: list[Client], given: World
) -> None:
    shop = await given.merchant()
    orders = [await given.order(shop) for _ in range(20)]
    owner = shop.owner.token
    await pair.until_replayed()
    await pair.pause()
    try:
        await asyncio.gather(
            *(
                clients[at % 2]
                .as_(owner)
                .do("reviewServiceOrder", id=order.id, decision={"approve": {}})
                for at, order in enumerate(orders)
            )
        )
        for order in orders:
            assert await status(clients[0], owner, order) == "AWAITING_SHIPMENT"
    finally:
        await pair.resume()


async def test_without_the_replica_the_primary_does_its_work(
    pair: Pair, clients: list[Client], given: World, caplog: pytest.LogCaptureFixture
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    await pair.until_replayed()
    assert await status(clients[0], shop.owner.token, order) == "PENDING_REVIEW"
    pair.stop()
    try:
        for _ in range(3):
            assert await status(clients[0], shop.owner.token, order) == "PENDING_REVIEW"
        assert "the replica does not answer" in caplog.text
    finally:
        pair.start()
    await pair.until_replayed()


async def test_a_read_that_the_replica_gives_up_to_go_on_replaying_is_worth_trying_again(
    pair: Pair, databases: list[Database], given: World
) -> None:
    await given.merchant()
    await pair.until_replayed()
    await ask(pair.replica, "ALTER SYSTEM SET max_standby_streaming_delay = 0")
    await ask(pair.replica, "SELECT pg_reload_conf()")
    reading = asyncio.Event()

    async def read_on() -> None:
        async with databases[0].read(token=CausalityToken(0, {})) as connection:
            await connection.execute(sa.text("SELECT count(*) FROM account"))
            reading.set()
            await connection.execute(sa.text("SELECT pg_sleep(60)"))

    try:
        task = asyncio.create_task(read_on())
        await reading.wait()
        await ask(pair.primary, "UPDATE account SET name = name || '.'")
        await ask(pair.primary, "VACUUM account")
        with pytest.raises(Unreachable):
            await task
    finally:
        await ask(pair.replica, "ALTER SYSTEM RESET max_standby_streaming_delay")
        await ask(pair.replica, "SELECT pg_reload_conf()")


async def test_marks_that_no_replica_needs_any_more_are_dropped(
    pair: Pair, databases: list[Database], clients: list[Client], given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    assert await clients[0].as_(shop.owner.token).codes("addNote", id=order.id, text="催促") == []
    async with databases[0].write() as connection:
        count = sa.select(sa.func.count()).select_from(write_marks)
        await delete_expired(connection)
        kept = (await connection.execute(count)).scalar_one()
        assert kept >= 1
        aged = sa.func.now() - timedelta(days=1, seconds=1)
        await connection.execute(sa.update(write_marks).values(written_at=aged))
        await delete_expired(connection)
        assert (await connection.execute(count)).scalar_one() == 0
