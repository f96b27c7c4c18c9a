"""Event streams are answers like others until they begin, and bounded from then on."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final
from urllib.parse import quote

import pytest

from tests.serving.process import PATIENCE_S
from tests.serving.reading import GET, Peer, Served, post
from tests.subscriptions.serving import COUNT, FAKE, FRONT_END, state, until_open
from transport.connections import ReadingBounds
from transport.request_limits import MAX_BODY_BYTES, MAX_JSON_BYTES

pytestmark = pytest.mark.anyio

MIB: Final = 1024 * 1024
PATIENT: Final = ReadingBounds(connections_per_address=0)
HASTY: Final = replace(PATIENT, idle_s=1, head_s=1, unread_s=60, unread_stream_s=1, sweep_s=0.1)
STREAM: Final = "text/event-stream"
LIMITS: Final = {"most_per_viewer": 1000}
COMPLETE: Final = "event: complete\ndata: "


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def served(anyio_backend: str) -> AsyncIterator[Served]:
    """Its keep-alive is short."""
    async with Served.start(PATIENT, FAKE, socket={}, limits=LIMITS, keep=0.2) as served:
        yield served


@pytest.fixture(scope="module")
async def hasty(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(HASTY, FAKE, socket={}, limits=LIMITS, keep=0.2) as served:
        yield served


def asked(query: str, accept: str = STREAM, **variables: object) -> bytes:
    body = json.dumps({"query": query, "variables": variables}).encode()
    return post(len(body), f"Accept: {accept}") + body


def got(query: str, **variables: object) -> bytes:
    query = f"query={quote(query)}&variables={quote(json.dumps(variables))}"
    return f"GET /graphql?{query} HTTP/1.1\r\nHost: desk\r\nAccept: {STREAM}\r\n\r\n".encode()


async def head(peer: Peer) -> tuple[int, dict[str, str]]:
    async with asyncio.timeout(PATIENCE_S):
        first, *lines = (await peer.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
    pairs = (line.lower().partition(": ") for line in lines)
    return int(first.split()[1]), {name: value for name, _, value in pairs}


async def chunk(peer: Peer) -> str:
    """The next piece of the body, which is an event or a comment."""
    async with asyncio.timeout(PATIENCE_S):
        length = int(await peer.reader.readuntil(b"\r\n"), 16)
        data = (await peer.reader.readexactly(length + 2)).decode()
    return data.removesuffix("\r\n").removesuffix("\n\n")


async def events(peer: Peer) -> list[str]:
    """All pieces but comments, until the answer is complete."""
    pieces = []
    while piece := await chunk(peer):
        if piece != ":":
            pieces.append(piece)
    return pieces


def event(data: object) -> str:
    return f"event: next\ndata: {json.dumps(data, separators=(',', ':'))}"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_subscription_is_answered_by_events(served: Served, method: str) -> None:
    request = (got if method == "GET" else asked)(COUNT, to=2)
    async with served.peer() as peer:
        await peer.send(request + GET)
        status, headers = await head(peer)
        assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]
        data = [event({"data": {"count": number}}) for number in (1, 2)]
        assert await events(peer) == [*data, COMPLETE]
        # The connection goes on with the next request.
        assert (await peer.refusal()).json["open"] == 0


async def test_a_stream_over_http_1_0_has_no_chunks_and_ends_with_its_connection(
    served: Served,
) -> None:
    """Older proxies ask by HTTP/1.0, and know no chunks."""
    async with served.peer() as peer:
        await peer.send(asked(COUNT, to=2).replace(b"HTTP/1.1", b"HTTP/1.0"))
        status, headers = await head(peer)
        assert (status, headers["connection"]) == (200, "close")
        assert "transfer-encoding" not in headers
        async with asyncio.timeout(PATIENCE_S):
            body = (await peer.reader.read()).decode()
        data = [event({"data": {"count": number}}) for number in (1, 2)]
        assert body == "".join(f"{piece}\n\n" for piece in [*data, COMPLETE])


async def test_a_stream_outlives_the_time_of_a_request_and_of_an_idle_connection(
    hasty: Served,
) -> None:
    async with hasty.peer() as peer:
        await peer.send(asked(COUNT, to=3, pause=0.7))
        await head(peer)
        assert len(await events(peer)) == 4


async def test_a_silent_stream_carries_comments(served: Served) -> None:
    async with served.peer() as peer:
        await peer.send(asked("subscription { idle }"))
        await head(peer)
        assert [await chunk(peer) for _ in range(2)] == [":", ":"]


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (post(1, f"Accept: {STREAM}") + b"{", 400, "BAD_REQUEST"),
        (post(2, f"Accept: {STREAM}") + b"{}", 400, "BAD_REQUEST"),
        (post(MAX_JSON_BYTES + 1, f"Accept: {STREAM}"), 413, "PAYLOAD_TOO_LARGE"),
        (asked("subscription { idle }", "text/html"), 406, "NOT_ACCEPTABLE"),
        (asked("subscription { idle }", "application/json, text/event-stream"), 400, "BAD_REQUEST"),
        (asked("subscription { idle }", "*/*"), 400, "BAD_REQUEST"),
        (asked("{ hello }").replace(b"POST", b"PUT"), 405, "METHOD_NOT_ALLOWED"),
        (got("mutation { touch }"), 405, "METHOD_NOT_ALLOWED"),
    ],
    ids=range(8),
)
async def test_a_request_that_is_no_stream_is_refused_like_any_other(
    served: Served, request_: bytes, status: int, code: str
) -> None:
    answer = await served.ask(request_ + b" " * (MAX_JSON_BYTES + 1 if status == 413 else 0))
    assert answer is not None
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize(
    ("accept", "is_stream"),
    [
        ("application/json, text/event-stream", False),
        ("application/json;q=0.5, text/event-stream", True),
        ("text/event-stream, */*", True),
        ("*/*", False),
    ],
)
async def test_a_query_is_answered_in_the_preferred_way(
    served: Served, accept: str, is_stream: bool
) -> None:
    answer = await served.ask(asked("{ hello }", accept))
    assert answer is not None
    body = '{"data":{"hello":"world"}}'
    assert answer.body.decode() == (
        f"event: next\ndata: {body}\n\n{COMPLETE}\n\n" if is_stream else body
    )


async def test_an_upload_cannot_be_answered_by_events(served: Served) -> None:
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--x'
    form = "--x\r\n" + part.format("operations", '{"query":"{ hello }"}')
    form += "\r\n" + part.format("map", "{}") + "--\r\n"
    lines = (f"Accept: {STREAM}", "Content-Type: multipart/form-data; boundary=x")
    request = post(len(form), *lines).replace(b"Content-Type: application/json\r\n", b"")
    answer = await served.ask(request + form.encode())
    assert answer is not None
    assert (answer.status, answer.code) == (406, "NOT_ACCEPTABLE")


async def test_streams_are_not_among_the_requests_that_are_answered_at_once(
    served: Served,
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(520):
            peer = await stack.enter_async_context(served.peer())
            await peer.send(asked("subscription { idle }"))
        await until_open(served, 520)
        assert (await served.ask(asked("{ hello }"))) is not None
        assert await served.latency(5) < 1
    await until_open(served, 0)


async def test_a_client_that_does_not_read_its_stream_is_cut_off(hasty: Served) -> None:
    before = hasty.memory
    async with AsyncExitStack() as stack:
        for _ in range(20):
            peer = await stack.enter_async_context(hasty.peer())
            await peer.send(asked("subscription { flood }"))
        await until_open(hasty, 20)
        assert hasty.memory - before < 32 * MIB
        await until_open(hasty, 0)
    assert (await state(hasty))["seats"] == 0
    assert not any("Traceback" in line or "ASGI" in line for line in hasty.said)


async def test_a_server_that_stops_cuts_its_streams_at_once() -> None:
    async with (
        Served.start(PATIENT, FAKE) as served,
        served.peer() as stream,
        served.peer() as stuck,
    ):
        await stream.send(asked("subscription { idle }"))
        await stuck.send(asked("subscription { flood }"))
        await until_open(served, 2)
        os.kill(served.process.pid, signal.SIGTERM)
        assert await stream.is_closed()
        async with asyncio.timeout(10):
            assert await served.process.wait() in {0, -signal.SIGTERM}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (got(COUNT, to=1), 200),
        (post(MAX_BODY_BYTES + 1, "Expect: 100-continue"), 413),
        (b"GET /graphql HTTP/1.1\r\nHost: desk\r\n\r\n", 400),
        (b"GET /graphql HTTP/1.1\r\nHost: desk\r\nA: b\r\n: no name\r\n\r\n", 400),
        (b"GET /graphql HTTP/1.1\r\nHost: desk\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
    ],
    ids=["a stream", "too long", "no operation", "malformed", "too many headers"],
)
async def test_a_page_of_an_allowed_origin_can_read_streams_and_early_refusals(
    served: Served, data: bytes, status: int
) -> None:
    for origin in (FRONT_END, "https://elsewhere.example.com"):
        host = b"Host: desk\r\n"
        async with served.peer() as peer:
            await peer.send(data.replace(host, host + f"Origin: {origin}\r\n".encode()))
            answered, headers = await head(peer)
        assert answered == status
        allowed = headers.get("access-control-allow-origin")
        assert allowed == (origin if origin == FRONT_END else None)
        assert headers["vary"].endswith("origin")  # the names are read in lower case
