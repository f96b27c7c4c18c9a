"""The npm clients follow the feed as the page shows, through every loss of their connection."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.engine import make_url

from domain.permissions import Permission
from tests.client import Client
from tests.faults.proxy import Proxy
from tests.given import World
from tests.integrating.conftest import SERVE
from tests.integrating.follower import Follower
from tests.serving.process import Command

pytestmark = pytest.mark.anyio

LIVE: Final = ("live-ws.mjs", "live-sse.mjs")
EVENTS: Final = """query($after: String) { events(after: $after) {
  nodes { cursor event { kind sequence } serviceOrder { id number } } endCursor hasNextPage } }"""


def address_of(server: Command) -> str:
    return f"http://127.0.0.1:{server.port}"


async def feed(client: Client, after: str) -> list[Any]:
    """The events after a cursor, in pages."""
    nodes, has_next = [], True
    while has_next:
        page = await client.ask(EVENTS, after=after)
        nodes += page["nodes"]
        after, has_next = page["endCursor"], page["hasNextPage"]
    return nodes


async def last_place(client: Client, after: str, events: int) -> str:
    """The cursor after so many events, once they have their places."""
    nodes: list[Any] = []
    while len(nodes) < events:
        nodes = await feed(client, after)
    return str(nodes[-1]["cursor"])


async def test_clients_that_lose_their_connection_resume_and_miss_and_double_nothing(
    client: Client, given: World, database_url: str, server: Command, programs: Path
) -> None:
    shop = await given.merchant()
    connector = await given.connector(shop, [Permission.SERVICE_ORDER_READ])
    orders = await given.application(shop, 5)
    owner = client.as_(shop.owner.token)
    start = (await owner.ask("{ snapshot { cursor } }"))["cursor"]
    noted = 0

    async def note() -> None:
        nonlocal noted
        for order in orders:
            assert await owner.codes("addNote", id=order.id, text="备注") == []
        noted += len(orders)

    async def all_have_seen_all() -> None:
        cursor = await last_place(owner, start, noted)
        for follower in followers:
            await follower.has_seen(cursor)

    async with AsyncExitStack() as stack:
        victim = await stack.enter_async_context(Command.start(*SERVE, database_url=database_url))
        await victim.ready()
        proxy, address = await stack.enter_async_context(Proxy.start(address_of(victim)))
        settings = {"url": f"{address}/graphql", "token": connector.token, "after": start}
        followers = [
            await stack.enter_async_context(Follower.start(programs / name, **settings))
            for name in LIVE
        ]
        await note()
        await all_have_seen_all()

        assert proxy.cut() == len(LIVE)
        await note()
        await all_have_seen_all()

        victim.process.kill()  # and everything that it did not send
        await note()
        await victim.end()
        proxy.server = make_url(address_of(server))
        await note()
        await all_have_seen_all()

        events = await feed(owner, start)
        assert len(events) == noted
        for follower in followers:
            assert follower.cursors == [event["cursor"] for event in events]

        [row] = await owner.ask("{ connectors { id } }")
        assert await owner.codes("disableConnector", id=row["id"]) == []
        assert [await follower.end() for follower in followers] == ["UNAUTHENTICATED"] * 2
