"""Sends each query to a planned and to an ordinary server, which must answer the same bytes.

The planned server keeps plans and sends rows to the wire without resolving each field. The ordinary
server resolves every field. A mutation runs once, and both servers answer its outcome.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from unittest.mock import patch

import httpx2
import orjson
import strawberry

from app import create_app
from execution.planned_execution import PlannedExecution
from parts import Parts
from resolvers.context import Context
from tests.client import Client

COMPARED: Final = ("content-type", "cache-control", "vary", "retry-after", "allow")
ATTEMPTS: Final = 3
REQUEST_ID: Final = "x-request-id"

_SIGNED = re.compile(rb"expires=\d+&signature=[\w-]+")  # follows the real clock
_CHANGES = re.compile(r"(?:\b|\\n)(mutation|subscription)\b")  # in JSON a line ends in \n


class Differ(AssertionError):
    """The two servers answered differently."""


class Reworded(PlannedExecution):
    """Compares each answer to a mutation with that of the ordinary execution."""

    walks: strawberry.Schema

    async def answer(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, Any] | None,
        context: Context,
        *,
        may_change: bool,
    ) -> dict[str, Any] | None:
        asked: Any = (text, operation_name, raw_variables, context)
        differing = []
        for _ in range(ATTEMPTS):
            data = await super().answer(*asked, may_change=may_change)
            if data is None or context.mutation is None or context.mutation.outcome is None:
                return data
            other = await self.walks.execute(
                text,
                variable_values=dict(raw_variables or {}),
                context_value=context,
                operation_name=operation_name,
            )
            if not other.errors and orjson.dumps(data) == orjson.dumps(other.data):
                return data
            differing.append(f"planned: {data}\n\nordinary: {other}")
        raise Differ("\n\n".join([text, *differing]))


class Both(httpx2.AsyncBaseTransport):
    """A transport that answers as the first server, once the second one has answered the same.

    With ``still``, nothing else changes the database, and the first answer is the one that is
    compared: an answer that is wrong until something is cached is wrong.
    """

    def __init__(
        self, one: httpx2.ASGITransport, other: httpx2.ASGITransport, *, still: bool
    ) -> None:
        self._one = one
        self._other = other
        self._still = still

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        content = await request.aread()
        answer = await _answer(self._one, request, content)
        if request.url.path == "/graphql" and _is_read(request, content):
            await self._compare(answer, request, content)
        return answer

    async def _compare(
        self, answer: httpx2.Response, request: httpx2.Request, content: bytes
    ) -> None:
        """Raises Differ. Tries again if data changed meanwhile or the machine was too busy."""
        request.headers[REQUEST_ID] = answer.headers[REQUEST_ID]
        other = await _answer(self._other, request, content)
        for _ in range(ATTEMPTS):
            if _comparable(other) == _comparable(answer):
                return
            if not self._still:
                answer = await _answer(self._one, request, content)
            other = await _answer(self._other, request, content)
        if _comparable(other) != _comparable(answer):
            raise Differ(_difference(request, content, answer, other))


@asynccontextmanager
async def both(
    parts: Parts, runs: strawberry.Schema, walks: strawberry.Schema, *, still: bool = False
) -> AsyncIterator[Client]:
    """A client of two servers over the same parts."""
    own = type("Reworded", (Reworded,), {"walks": walks})
    with patch("app.PlannedExecution", own):
        runner = create_app(parts, runs_clock=False, schema=runs)
    walker = create_app(parts, runs_clock=False, schema=walks, plans=False)
    one, other = httpx2.ASGITransport(runner), httpx2.ASGITransport(walker)
    async with Client.over(Both(one, other, still=still)) as client:
        yield client


async def _answer(
    server: httpx2.ASGITransport, request: httpx2.Request, content: bytes
) -> httpx2.Response:
    copy = httpx2.Request(request.method, request.url, headers=request.headers, content=content)
    response = await server.handle_async_request(copy)
    await response.aread()
    return response


def _is_read(request: httpx2.Request, content: bytes) -> bool:
    """Whether the request can be sent twice. The word "mutation" anywhere makes it a mutation.

    A document that is named by its hash is not sent twice: it may be a mutation, and the second
    server may not know it.
    """
    if request.method == "GET":
        return "query" in request.url.params
    kind = request.headers.get("content-type", "")
    text = content.decode("latin-1")
    return kind.startswith("application/json") and '"query"' in text and not _CHANGES.search(text)


def _comparable(response: httpx2.Response) -> tuple[Any, ...]:
    headers = tuple(response.headers.get(name) for name in COMPARED)
    return response.status_code, headers, _SIGNED.sub(b"", response.content)


def _difference(
    request: httpx2.Request, content: bytes, one: httpx2.Response, other: httpx2.Response
) -> str:
    try:
        body = json.loads(content)
        sent = "\n".join(f"{name}: {value}" for name, value in body.items())
    except (ValueError, AttributeError):
        sent = f"{request.method} {request.url} {content!r}"
    answers = [
        f"{answer.status_code} {dict(answer.headers)}\n{answer.content.decode(errors='replace')}"
        for answer in (one, other)
    ]
    return f"{sent}\n\nplanned: {answers[0]}\n\nordinary: {answers[1]}"
