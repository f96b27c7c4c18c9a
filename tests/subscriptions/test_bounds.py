"""Subscriptions are bounded: in number, bytes, frames, and the time that a client takes."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from typing import Any, Final

import pytest
from websockets.frames import Opcode

from tests.serving.process import PATIENCE_S
from tests.serving.reading import GET, Served
from tests.subscriptions.serving import COUNT, FAKE, state, until_open
from tests.subscriptions.wire import End, RawSocket, frame, opened, subscribe
from transport.connections import ReadingBounds
from transport.stream_limits import MAX_STREAMS, SocketBounds

pytestmark = pytest.mark.anyio

MIB: Final = 1024 * 1024
PATIENT: Final = ReadingBounds(connections_per_address=0)
HASTY: Final = replace(PATIENT, head_s=1, idle_s=1, sweep_s=0.1, unread_stream_s=1)
HASTY_SOCKET: Final = SocketBounds(init_s=1, ping_s=1, unread_s=1, closing_s=1)
MANY: Final = {"most_per_viewer": 1000}
PINGS: Final = frame(b"x" * 100, Opcode.PING) * 1000
FLOOD: Final = "subscription { flood }"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def patient(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(PATIENT, FAKE, socket={}, limits=MANY) as served:
        yield served


@pytest.fixture(scope="module")
async def hasty(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(HASTY, FAKE, socket=asdict(HASTY_SOCKET)) as served:
        yield served


def code_of(message: dict[str, Any]) -> str:
    assert message["type"] == "error"
    return message["payload"][0]["extensions"]["code"]


# Number


async def test_a_connection_has_16_subscriptions_and_the_next_one_fails_alone(
    patient: Served,
) -> None:
    async with opened(patient) as socket:
        await socket.send(*(subscribe(id_=str(number)) for number in range(17)))
        refusal = await socket.message()
        assert (refusal["id"], code_of(refusal)) == ("16", "TOO_MANY_SUBSCRIPTIONS")
        await socket.send(frame({"id": "0", "type": "complete"}), subscribe(COUNT, "17", to=1))
        assert [(await socket.message())["type"] for _ in range(2)] == ["next", "complete"]


@pytest.mark.parametrize(
    ("limits", "others"),
    [({"most_per_viewer": 3}, "none but the viewer's"), ({"most": 3}, "everybody's")],
    ids=["of a viewer", "of a process"],
)
async def test_subscriptions_are_counted_over_all_connections_of_both_kinds(
    limits: dict[str, int], others: str
) -> None:
    stream = (
        b"GET /graphql?query=subscription%7Bidle%7D HTTP/1.1\r\nHost: desk\r\n"
        b"Authorization: Bearer li\r\nAccept: text/event-stream\r\n\r\n"
    )
    async with (
        Served.start(PATIENT, FAKE, socket={}, limits=limits) as served,
        opened(served, authorization="Bearer li") as first,
        opened(served, authorization="Bearer li") as second,
        opened(served, authorization="Bearer wang") as another,
        served.peer() as peer,
    ):
        await first.send(subscribe(id_="1"), subscribe(id_="2"))
        await peer.send(stream)
        await until_open(served, 3)
        await second.send(subscribe())
        assert code_of(await second.message()) == "TOO_MANY_SUBSCRIPTIONS"
        await another.send(subscribe(COUNT, to=1))
        is_refused = (await another.message())["type"] == "error"
        assert is_refused == (others == "everybody's")
        peer.writer.transport.abort()
        await until_open(served, 2)
        await second.send(subscribe(COUNT, to=1))
        assert (await second.message())["type"] == "next"


async def test_a_web_socket_counts_as_a_connection_of_its_address() -> None:
    bounds = ReadingBounds(connections=20, connections_per_address=2)
    async with Served.start(bounds, FAKE) as served, AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(served)) for _ in range(2)]
        for socket in sockets:
            await socket.send(subscribe())
        await until_open(served, 2)
        answer = await served.ask(GET)
        assert answer is not None
        assert answer.code == "OVERLOADED"
        # What carries no subscription gives way, like a connection between two requests.
        await sockets[0].send(frame({"id": "1", "type": "complete"}))
        await until_open(served, 1)
        answer = await served.ask(GET)
        assert answer is not None
        assert answer.status == 200
        assert await sockets[0].end() == End(1013, "OVERLOADED")
        await sockets[1].send(frame({"type": "ping"}))
        assert await sockets[1].message() == {"type": "pong"}


async def test_a_connection_that_ends_leaves_its_place() -> None:
    bounds = ReadingBounds(connections=20, connections_per_address=2)
    async with Served.start(bounds, FAKE) as served:
        for _ in range(5):
            async with opened(served) as first, opened(served) as second:
                await first.send(subscribe())
                await second.send(frame(b"\x03\xe8", Opcode.CLOSE))
                assert (await second.end()).code == 1000
            await until_open(served, 0)


# Frames


@pytest.mark.parametrize(
    "piece",
    [
        b"".join(subscribe("{", str(number)) for number in range(1000)),
        b"".join(subscribe(id_=str(number)) for number in range(1000)),
        *(1000 * frame({"type": "ping"}), PINGS),
        *(1000 * frame(b"", Opcode.PONG), 1000 * frame({"id": "9", "type": "complete"})),
    ],
    ids=[
        "bad documents",
        "subscriptions",
        "pings of the protocol",
        "pings",
        "pongs",
        "completions",
    ],
)
async def test_a_flood_of_frames_ends_the_connection(patient: Served, piece: bytes) -> None:
    before = patient.processor_s
    async with opened(patient) as socket:
        await socket.send(piece * 20)
        assert await socket.end() == End(4429, "TOO_MANY_MESSAGES")
    assert patient.processor_s - before < 1


async def test_empty_pieces_of_a_message_are_frames_too(patient: Served) -> None:
    async with opened(patient) as socket:
        await socket.send(frame(b"", fin=False), frame(b"", Opcode.CONT, fin=False) * 1000)
        assert await socket.end() == End(4429, "TOO_MANY_MESSAGES")


async def test_a_client_within_the_rate_is_served_for_as_long_as_it_likes() -> None:
    bounds = {"burst": 20, "frames_per_s": 100_000}
    async with Served.start(PATIENT, FAKE, socket=bounds) as served, opened(served) as socket:
        for _ in range(100):
            await socket.send(frame({"type": "ping"}))
            assert await socket.message() == {"type": "pong"}


async def test_floods_that_are_not_read_take_no_memory_and_no_time_of_others(
    patient: Served,
) -> None:
    before, idle = patient.memory, await patient.latency(5)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(patient)) for _ in range(20)]
        floods = [asyncio.create_task(_flood(socket)) for socket in sockets]
        assert await patient.latency() < max(0.5, 5 * idle)
        assert patient.memory - before < 32 * MIB
        for flood in floods:
            flood.cancel()
        await asyncio.wait(floods)


async def _keep_sending(socket: RawSocket) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await socket.send(frame({"type": "ping"}))
            await asyncio.sleep(0.05)


async def _flood(socket: RawSocket) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            await socket.send(PINGS)
            await asyncio.sleep(0.01)  # this process has other work too


async def test_half_frames_take_no_memory(patient: Served) -> None:
    before = patient.memory
    async with AsyncExitStack() as stack:
        for _ in range(200):
            socket = await stack.enter_async_context(opened(patient))
            await socket.send(frame(b"x" * 65_000)[:-1])
        assert await patient.latency(5) < 1
        assert patient.memory - before < 32 * MIB


# Time


async def test_a_client_that_never_initialises_is_told_to_close(hasty: Served) -> None:
    async with opened(hasty, initialised=False) as socket:
        assert await socket.end() == End(4408, "Connection initialisation timeout")
    async with opened(hasty, initialised=False) as socket:
        await socket.send(frame({"type": "ping"}))
        assert await socket.message() == {"type": "pong"}
        assert (await socket.end()).code == 4408


async def test_a_silent_client_is_pinged_and_given_up_if_it_does_not_answer(
    hasty: Served,
) -> None:
    async with opened(hasty) as silent, opened(hasty) as lively:
        await silent.send(subscribe())
        opcode = None
        for _ in range(3):
            received = await lively.frame()
            assert received is not None
            opcode, data = received
            assert opcode is Opcode.PING
            await lively.send(frame(data, Opcode.PONG))
        assert await silent.end() == End(1006)
        await until_open(hasty, 0)


async def test_a_client_that_does_not_read_is_dropped_and_may_resume(hasty: Served) -> None:
    async with opened(hasty) as slow, opened(hasty) as stuck:
        await slow.send(subscribe(FLOOD))
        await stuck.send(subscribe(FLOOD))
        await until_open(hasty, 2)
        await until_open(hasty, 0)
        # The one that reads again in time learns why. graphql-ws connects again after this code.
        assert await slow.end() == End(4420, "SLOW_READER")
        with pytest.raises(ConnectionError):
            await _keep_sending(stuck)


async def test_subscribers_that_do_not_read_take_bounded_memory(patient: Served) -> None:
    """The patient server keeps them for longer than the test takes."""
    before = patient.memory
    async with AsyncExitStack() as stack:
        for _ in range(50):
            socket = await stack.enter_async_context(opened(patient))
            await socket.send(subscribe(FLOOD))
        await until_open(patient, 50)
        for _ in range(10):
            assert (await state(patient))["open"] == 50
        assert patient.memory - before < 32 * MIB
        assert await patient.latency(5) < 1
    await until_open(patient, 0)


async def test_a_server_that_stops_waits_for_nobody() -> None:
    async with (
        Served.start(PATIENT, FAKE, socket={"closing_s": 1}) as served,
        opened(served) as stuck,
        opened(served, initialised=False) as silent,
        opened(served) as lively,
    ):
        await stuck.send(subscribe(FLOOD))
        await lively.send(subscribe())
        await until_open(served, 2)
        os.kill(served.process.pid, signal.SIGTERM)
        assert await lively.end() == await silent.end() == End(1012, "GOING_AWAY")
        await silent.send(frame(b"\x03\xf4", Opcode.CLOSE))
        async with asyncio.timeout(12):
            await served.process.wait()


async def test_a_client_that_does_not_close_is_cut_off(hasty: Served) -> None:
    async with opened(hasty) as socket:
        await socket.send(frame(b"x", Opcode.BINARY))
        assert (await socket.end()).code == 1003
        assert await socket.peer.is_closed()


# Many


async def test_an_event_reaches_500_subscribers_within_a_second(patient: Served) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(patient)) for _ in range(500)]
        for number, socket in enumerate(sockets):
            token = {"type": "subscribe", "payload": {"query": "subscription { told }"}}
            await socket.send(frame({"id": str(number), **token}))
        await until_open(patient, 500)
        reading = [asyncio.create_task(socket.message()) for socket in sockets]
        before = time.monotonic()
        assert await patient.ask(b"GET /tell HTTP/1.1\r\nHost: desk\r\n\r\n", "127.0.0.9")
        messages = await asyncio.gather(*reading)
        assert time.monotonic() - before < 1
        assert {message["payload"]["data"]["told"] for message in messages} == {1}


async def test_an_idle_subscriber_takes_less_than_50_kilobytes(patient: Served) -> None:
    assert MAX_STREAMS >= 2000
    before, number = patient.memory, 400
    async with AsyncExitStack() as stack:
        for _ in range(number):
            socket = await stack.enter_async_context(opened(patient))
            await socket.send(subscribe())
        await until_open(patient, number)
        assert (patient.memory - before) / number < 50_000
