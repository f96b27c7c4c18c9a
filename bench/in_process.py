"""Runs the real application in this process, on the demo's data in SQLite, without a socket."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.types import ASGIApp

from app import create_app
from demo.create import create
from demo.people import PASSWORD
from models import schema_version
from parts import Parts
from serve import prepare
from settings import load

PAGES: Final = {
    "queue": """{ serviceOrders(first: 50) { nodes {
      id number status expectation description appliedAt updatedAt
      item { sku name quantity paidAmount } clock { dueAt } merchant { name } assignee { name }
    } } }""",
    "nested": """{ serviceOrders(first: 50) { nodes {
      id number status pictures { url } timeline { sequence kind at actor { kind name } }
    } } }""",
}
"""A queue page, and a page with lists in each order."""

Ask = Callable[[str], Any]  # Any: a coroutine function's answer


@asynccontextmanager
async def asking(folder: str) -> AsyncIterator[Ask]:
    """A function that sends queries to the application as a signed-in reviewer."""
    async with asking_parts(folder) as (_, ask):
        yield ask


@asynccontextmanager
async def asking_parts(folder: str) -> AsyncIterator[tuple[Parts, Ask]]:
    """The same with the parts of the application."""
    parts = prepare(load(data_dir=folder, log_level="error", sandbox=True))
    await schema_version.upgrade(parts.database)
    await create(parts.database, parts.pictures, parts.clock.now(), lambda _count: None)
    app = create_app(parts, runs_clock=False)
    query = f"""mutation {{ signIn(input: {{login: "digital-reviewer", password: "{PASSWORD}"}})
      {{ accessToken }} }}"""
    token = json.loads(await post(app, query, None))["data"]["signIn"]["accessToken"]

    async def ask(text: str) -> bytes:
        return await post(app, text, token)

    yield parts, ask
    await parts.database.close()


async def post(app: ASGIApp, query: str, token: str | None) -> bytes:
    """Call the application as uvicorn would, without a socket."""
    body = json.dumps({"query": query}).encode()
    headers = [(b"content-type", b"application/json"), (b"accept", b"*/*")]
    if token:
        headers.append((b"authorization", b"Bearer " + token.encode()))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": headers,
    }
    answer = bytearray()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 - as ASGI wants it
        answer.extend(message.get("body", b""))

    await app(scope, receive, send)
    return bytes(answer)
