"""A receiver that is slow or endless is cut: within the time, and within the bytes."""

import asyncio

import pytest

from domain.outgoing import DeliveryFailure
from outgoing.address_guard import AddressGuard
from outgoing.answer import KEPT_BODY, Answer
from outgoing.bounded_stream import PIECE
from outgoing.http_client import MAX_BODY, MAX_HEADERS, HttpClient, TimeLimits
from outgoing.policy import Policy
from tests.webhooks.internet import PUBLIC, Names, Silence, Wires
from tests.webhooks.receiver import Answering, Receiver, Writer, answer_of

pytestmark = pytest.mark.anyio

SHORT = TimeLimits(resolve=0.1, connect=0.1, total=0.5)
HEAD = b"HTTP/1.1 200 OK\r\n"


async def answered(
    answer: bytes | Answering, limits: TimeLimits | None = None
) -> tuple[Answer, int]:
    """The result, and the bytes that were read."""
    names = Names({"receiver.test": [[PUBLIC]]})
    async with Receiver.answering(answer) as receiver:
        wires = Wires(receiver.port)
        guard = AddressGuard(Policy(inside=True), names)
        client = HttpClient(guard, limits=limits, network=wires)
        result = await client.post(guard.read("http://receiver.test/"), {}, b"{}")
    return result, wires.bytes_read


def dripping(start: bytes, drop: bytes) -> Answering:
    async def drip(writer: Writer) -> None:
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.01)

    return drip


def endless(start: bytes, piece: bytes) -> Answering:
    async def flow(writer: Writer) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()

    return flow


async def test_a_receiver_that_drips_is_cut() -> None:
    drips = [
        (b"", b"", None),
        (b"HTTP/1.1 200 ", b"O", None),
        (HEAD, b"x: y\r\n", None),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", None),
        (HEAD + b"content-length: 1000\r\n\r\n", b"x", 200),
        (HEAD + b"\r\n", b"x", 200),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 200),
    ]
    results = await asyncio.gather(
        *(answered(dripping(start, drop), TimeLimits(total=0.5)) for start, drop, _ in drips)
    )
    for (answer, _), (*_, status) in zip(results, drips, strict=True):
        assert (answer.failure, answer.status) == (DeliveryFailure.TIMEOUT, status)
        assert 0.5 <= answer.duration.total_seconds() < 10


async def test_a_receiver_that_does_not_read_the_message_is_cut() -> None:
    async def never(writer: Writer) -> None:
        await asyncio.Event().wait()

    guard = AddressGuard(Policy(inside=True))
    client = HttpClient(guard, limits=SHORT)
    async with Receiver.answering(never, reads=False) as receiver:
        answer = await client.post(guard.read(receiver.url()), {}, bytes(20_000_000))
    assert answer.failure is DeliveryFailure.TIMEOUT


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (HEAD + b"\r\n", b"x" * 4_096),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4_096 + b"\r\n"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1_000),
        (HEAD + b"content-length: 10000000000\r\n\r\n", b"x" * 4_096),
    ],
)
async def test_of_an_endless_body_the_beginning_is_read(start: bytes, piece: bytes) -> None:
    answer, bytes_read = await answered(endless(start, piece))
    assert (answer.status, answer.failure, answer.text) == (200, None, "x" * KEPT_BODY)
    assert bytes_read <= PIECE + MAX_BODY


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"x" * 4_096),
        (HEAD + b"x: ", b"y" * 4_096),
        (HEAD, b"x: y\r\n" * 100),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10),
        (b"", b"HTTP/1.1 103 Early Hints\r\nlink: " + b"x" * 1_000 + b"\r\n\r\n"),
    ],
)
async def test_of_endless_headers_64_kilobytes_are_read(start: bytes, piece: bytes) -> None:
    answer, bytes_read = await answered(endless(start, piece))
    assert answer.failure in (DeliveryFailure.TOO_LARGE, DeliveryFailure.PROTOCOL)
    assert answer.status is None
    assert bytes_read <= MAX_HEADERS


async def test_headers_below_the_limit_are_read() -> None:
    answer, _ = await answered(answer_of(200, b"body", x_long="y" * 60_000))
    assert (answer.status, answer.failure, answer.text) == (200, None, "body")
    answer, _ = await answered(answer_of(200, b"body", x_long="y" * MAX_HEADERS))
    assert answer.failure is DeliveryFailure.TOO_LARGE


async def test_a_name_without_an_answer_is_given_up() -> None:
    guard = AddressGuard(Policy(), Silence())
    client = HttpClient(guard, limits=SHORT)
    target = guard.read("https://receiver.example/")
    answer = await client.post(target, {}, b"{}")
    assert answer.failure is DeliveryFailure.DNS
    assert await client.check(target) is DeliveryFailure.DNS


async def test_an_address_without_an_answer_leaves_time_for_the_next_one() -> None:
    names = Names({"receiver.test": [["2606:4700::1", PUBLIC]]})
    guard = AddressGuard(Policy(inside=True), names)
    async with Receiver.answering(answer_of(200)) as receiver:
        wires = Wires(receiver.port, dead=["2606:4700::1"])
        limits = TimeLimits(connect=1)
        client = HttpClient(guard, limits=limits, network=wires)
        answer = await client.post(guard.read("http://receiver.test/"), {}, b"{}")
    assert answer.delivered
    assert wires.called == ["2606:4700::1", PUBLIC]


async def test_addresses_without_an_answer_are_given_up() -> None:
    names = Names({"receiver.test": [[f"93.184.216.{number}" for number in range(100)]]})
    guard = AddressGuard(Policy(inside=True), names)
    wires = Wires(1, dead=[f"93.184.216.{number}" for number in range(100)])
    client = HttpClient(guard, limits=SHORT, network=wires)
    answer = await client.post(guard.read("http://receiver.test/"), {}, b"{}")
    assert answer.failure is DeliveryFailure.CONNECT
    assert len(wires.called) == 4
