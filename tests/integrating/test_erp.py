"""An ERP keeps a copy of the orders as the page shows, in Python and in JavaScript."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from domain.permissions import Permission
from jobs.sequencer import purge, sequence
from models.clock import WallClock
from tests.client import Client
from tests.given import World
from tests.integrating.page import PROGRAMS
from tests.serving.process import Command, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

PAUSES: Final = {"erp.py": ("pause_s=5", "pause_s=0.2"), "erp.mjs": ("5_000", "200")}
SERVE: Final = ("serve", "--host", "127.0.0.1", "--port", "PORT")
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


ERPS: Final[dict[str, tuple[str, Callable[[Path], tuple[Copy, Events]]]]] = {
    "erp.py": (sys.executable, python_copy),
    "erp.mjs": ("node", javascript_copy),
}


@asynccontextmanager
async def erps(folder: Path, url: str, token: str) -> AsyncIterator[None]:
    """Both programs, until they are killed."""
    async with AsyncExitStack() as stack:
        for name, (interpreter, _) in ERPS.items():
            process = await asyncio.create_subprocess_exec(
                *(interpreter, folder / name, url, token, folder / f"{name}.copy"),
                stderr=asyncio.subprocess.DEVNULL,
            )
            stack.push_async_callback(process.wait)
            stack.callback(process.kill)
        yield


async def copied(folder: Path, orders: Copy, events: Events) -> None:
    """Wait until both programs have these orders and events."""
    await eventually(
        lambda: all(copy_of(folder) == (orders, events) for _, copy_of in ERPS.values())
    )


async def test_an_erp_copies_every_order_though_it_is_killed_and_its_cursor_expires(
    client: Client, given: World, database_url: str, programs: Path
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

    async with Command.start(*SERVE, database_url=database_url) as server:
        url = f"http://127.0.0.1:{server.port}/graphql"
        async with erps(programs, url, connector.token):  # before the server accepts requests
            await server.ready()
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
