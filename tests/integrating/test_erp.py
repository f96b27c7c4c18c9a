"""An ERP keeps a copy of the orders as the page shows, in Python and in JavaScript."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.engine import make_url

from domain.permissions import Permission
from jobs.sequencer import purge, sequence
from models.clock import WallClock
from tests.client import Client
from tests.faults.proxy import Proxy
from tests.given import World
from tests.integrating.page import PROGRAMS
from tests.integrating.running import running
from tests.ports import free_port
from tests.serving.process import Command, eventually

pytestmark = pytest.mark.anyio

PAUSES: Final = {"erp.py": ("pause_s=5", "pause_s=0.2"), "erp.mjs": ("5_000", "200")}
ORDERS: Final = """query($after: String) { serviceOrders(first: 100, after: $after) {
  nodes { id number status version } pageInfo { hasNextPage endCursor } } }"""

Copy = dict[str, dict[str, Any]]
Events = dict[tuple[str, int], str]


async def everything(client: Client) -> Copy:
    """The orders as they are."""
    orders, after = {}, None
    while True:
        page = await client.ask(ORDERS, after=after)
        orders.update({node["id"]: node for node in page["nodes"]})
        if not page["pageInfo"]["hasNextPage"]:
            return orders
        after = page["pageInfo"]["endCursor"]


def python_copy(folder: Path) -> tuple[Copy, Events]:
    copy = sqlite3.connect(folder / "erp.py.copy")
    copy.row_factory = sqlite3.Row
    try:
        orders = {row["id"]: dict(row) for row in copy.execute("SELECT * FROM service_order")}
        events = {(row[0], row[1]): row[2] for row in copy.execute("SELECT * FROM event")}
    except sqlite3.OperationalError:  # there are no tables yet
        return {}, {}
    finally:
        copy.close()
    return orders, events


def javascript_copy(folder: Path) -> tuple[Copy, Events]:
    file = folder / "erp.mjs.copy"
    if not file.exists():
        return {}, {}
    copy = json.loads(file.read_text("utf-8"))
    keys = {tuple(key.split(" ")): kind for key, kind in copy["events"].items()}
    return copy["orders"], {(id_, int(sequence)): kind for (id_, sequence), kind in keys.items()}


ERPS: Final[dict[str, Callable[[Path], tuple[Copy, Events]]]] = {
    "erp.py": python_copy,
    "erp.mjs": javascript_copy,
}


@asynccontextmanager
async def erps(folder: Path, url: str, token: str) -> AsyncIterator[None]:
    """Both programs, until they are killed."""
    async with AsyncExitStack() as stack:
        for name in ERPS:
            arguments = (url, token, folder / f"{name}.copy")
            await stack.enter_async_context(running(folder / name, *arguments))
        yield


async def copied(folder: Path, orders: Copy, events: Events) -> None:
    """Wait until both programs have these orders and events."""
    await eventually(lambda: all(copy_of(folder) == (orders, events) for copy_of in ERPS.values()))


async def test_an_erp_copies_every_order_though_it_is_killed_and_its_cursor_expires(
    client: Client, given: World, server: Command, programs: Path
) -> None:
    for name, (pause, shorter) in PAUSES.items():
        assert pause in PROGRAMS[name]
        (programs / name).write_text(PROGRAMS[name].replace(pause, shorter), "utf-8")
    shop = await given.merchant()
    connector = await given.connector(shop, [Permission.SERVICE_ORDER_READ])
    orders = await given.application(shop, 101)  # more than a page
    owner = client.as_(shop.owner.token)
    events: Events = {}

    async def note(number: int) -> None:
        for order in orders[:number]:
            payload = await owner.do(
                "addNote", "serviceOrder { version }", id=order.id, text="备注"
            )
            events[order.id, payload["serviceOrder"]["version"]] = "NOTED"

    async with Proxy.start(f"http://127.0.0.1:{free_port()}") as (proxy, address):
        url = f"{address}/graphql"
        async with erps(programs, url, connector.token):  # before they reach the server
            proxy.server = make_url(f"http://127.0.0.1:{server.port}")
            await copied(programs, await everything(owner), {})
            await note(3)
            await copied(programs, await everything(owner), events)
            await note(2)  # and kill the programs, whether or not they have read this
        await note(4)
        async with erps(programs, url, connector.token):
            await copied(programs, await everything(owner), events)
        known = dict(events)
        await note(2)
        await sequence(given.parts.database, WallClock().now())
        assert await purge(given.parts.database, WallClock().now() + timedelta(days=1)) > 0
        async with erps(programs, url, connector.token):
            await copied(programs, await everything(owner), known)
            events = known
            await note(1)
            await copied(programs, await everything(owner), events)
