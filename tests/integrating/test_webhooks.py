"""The receivers of the page verify webhooks, and store each message once."""

import json
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from domain.permissions import Permission
from tests.client import Client
from tests.given import World
from tests.integrating.page import TEXT
from tests.integrating.running import listening, running
from tests.ports import free_port
from tests.serving.process import Command, eventually

pytestmark = pytest.mark.anyio

DELIVERIES: Final = """query($id: ID!) { webhookDeliveries(endpointId: $id, first: 50) {
  nodes { id messageId status } } }"""
MESSAGE: Final = json.loads(re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)[0])
"""The message that the page shows."""

SIGNED: Final = {
    "webhook-id": "msg_1",
    "webhook-timestamp": str(int(time.time())),
    "webhook-signature": f"v1,{'A' * 43}=",
}
FORGERIES: Final[tuple[dict[str, str], ...]] = (
    SIGNED,
    SIGNED | {"webhook-signature": "v1"},
    SIGNED | {"webhook-signature": "v1,A"},
    SIGNED | {"webhook-signature": "v2,A"},
    SIGNED | {"webhook-timestamp": "1"},
    SIGNED | {"webhook-timestamp": "soon"},
    {"webhook-id": "msg_1"},
    {},
)

Messages = list[tuple[str, str]]


def python_inbox(file: Path) -> Messages:
    if not file.exists():
        return []
    inbox = sqlite3.connect(file)
    try:
        return inbox.execute("SELECT id, text FROM message ORDER BY rowid").fetchall()
    except sqlite3.OperationalError:  # there is no table yet
        return []
    finally:
        inbox.close()


def javascript_inbox(file: Path) -> Messages:
    if not file.exists():
        return []
    complete, _, _ = file.read_text("utf-8").rpartition("\n")
    lines = map(json.loads, complete.splitlines())
    return [(line["id"], line["text"]) for line in lines]


RECEIVERS: Final[dict[str, Callable[[Path], Messages]]] = {
    "receiver.py": python_inbox,
    "receiver.mjs": javascript_inbox,
}


async def test_receivers_store_each_signed_message_once_and_nothing_else(
    client: Client, given: World, server: Command, programs: Path
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    connector = await given.connector(shop, [Permission.SERVICE_ORDER_READ])
    orders = await given.application(shop, 3)

    async def endpoint(port: int) -> tuple[str, str]:
        url = f"http://127.0.0.1:{port}/desk"
        return await create_endpoint(server, shop.owner.token, url)

    async with AsyncExitStack() as stack:
        ports = {name: free_port() for name in RECEIVERS}
        endpoints = {}
        for name, port in ports.items():
            endpoints[name], secret = await endpoint(port)
            await stack.enter_async_context(
                running(programs / name, port, secret, programs / f"{name}.inbox")
            )
            await listening(port)
        hinted_port = free_port()
        _, secret = await endpoint(hinted_port)
        copy = programs / "hinted.copy"
        url = f"http://127.0.0.1:{server.port}/graphql"
        await stack.enter_async_context(
            running(programs / "hinted_erp.py", url, connector.token, copy, hinted_port, secret)
        )
        await listening(hinted_port)
        await eventually(lambda: len(versions(copy)) == len(orders))

        for order in orders:
            assert await owner.codes("addNote", id=order.id, text="备注") == []

        def inbox(name: str) -> Messages:
            return RECEIVERS[name](programs / f"{name}.inbox")

        await eventually(lambda: all(len(inbox(name)) == len(orders) for name in RECEIVERS))
        await eventually(lambda: versions(copy) == {order.id: 2 for order in orders})
        for name, port in ports.items():
            stored = inbox(name)
            contents = [json.loads(text) for _, text in stored]
            assert {content["type"] for content in contents} == {"service_order.noted"}
            for content in contents:
                assert content.keys() == MESSAGE.keys()
                assert content["data"].keys() == MESSAGE["data"].keys()
            places = {(one["data"]["serviceOrderId"], one["data"]["sequence"]) for one in contents}
            assert places == {(order.id, 2) for order in orders}
            await send_again(server, owner, endpoints[name])
            for forgery in FORGERIES:
                assert await status_of(port, forgery, stored[0][1].encode()) == 400, (name, forgery)
            assert await status_of(port, FORGERIES[0], b"\xff") == 400
            # The connection may be cut before the answer: the body is not read.
            assert await status_of(port, FORGERIES[0], b"x" * 300_000) in {413, None}
            assert inbox(name) == stored


def versions(copy: Path) -> dict[str, int]:
    """The versions of the orders in an ERP's copy."""
    if not copy.exists():
        return {}
    connection = sqlite3.connect(copy)
    try:
        return dict(connection.execute("SELECT id, version FROM service_order"))
    except sqlite3.OperationalError:  # there is no table yet
        return {}
    finally:
        connection.close()


async def create_endpoint(server: Command, token: str, url: str) -> tuple[str, str]:
    """The id and the secret. Asked of the server, which allows addresses on this machine."""
    async with server.client() as client:
        payload = await client.as_(token).do(
            "createWebhookEndpoint", "webhookEndpoint { id } secret", url=url
        )
    assert payload["refusals"] == []
    return payload["webhookEndpoint"]["id"], payload["secret"]


async def send_again(server: Command, owner: Client, endpoint: str) -> None:
    """Send the latest message once more, and wait until it is delivered again."""
    [latest, *_] = (await owner.ask(DELIVERIES, id=endpoint))["nodes"]
    async with server.client() as client:
        codes = await client.as_(owner.token).codes("resendWebhookDelivery", id=latest["id"])
    assert codes == []
    deliveries: Any = None
    while deliveries is None or {node["status"] for node in deliveries} != {"DELIVERED"}:
        deliveries = (await owner.ask(DELIVERIES, id=endpoint))["nodes"]


async def status_of(port: int, headers: dict[str, str], body: bytes) -> int | None:
    """The status that a receiver answers; None if it cuts the connection."""
    async with httpx2.AsyncClient() as http:
        try:
            url = f"http://127.0.0.1:{port}/desk"
            return (await http.post(url, content=body, headers=headers)).status_code
        except httpx2.TransportError:
            return None
