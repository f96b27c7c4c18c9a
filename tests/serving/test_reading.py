"""Reading a request is bounded: in bytes, in time, and in connections."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import pytest

from auth.networks import network_of
from tests.serving.process import eventually
from tests.serving.reading import GET, Answer, Peer, Served, post
from transport.connections import ReadingBounds
from transport.request_limits import (
    MAX_BODY_BYTES,
    MAX_CONCURRENT_REQUESTS,
    MAX_JSON_BYTES,
)

pytestmark = pytest.mark.anyio

MIB: Final = 1024 * 1024
PATIENT: Final = ReadingBounds(connections_per_address=0)
HASTY: Final = replace(
    PATIENT, head_s=1, body_s=2, body_grace_s=0.5, idle_s=1, unread_s=1, sweep_s=0.1
)
SMALL: Final = replace(PATIENT, connections=20, connections_per_address=8)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def patient(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(PATIENT) as served:
        yield served


@pytest.fixture(scope="module")
async def hasty(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(HASTY) as served:
        yield served


@pytest.fixture
async def small() -> AsyncIterator[Served]:
    async with Served.start(SMALL) as served:
        yield served


async def pour(peer: Peer, piece: bytes, times: int) -> int:
    """Write until the server closes; say how many pieces went out."""
    for sent in range(times):
        try:
            await peer.send(piece)
        except ConnectionError:
            return sent
        if peer.reader.at_eof():
            return sent
    return times


# Bytes


@pytest.mark.parametrize(
    ("begins", "piece"),
    [
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 10_000),
        (b"GET / HTTP/1.1\r\na: ", b"x" * 65_536),
        (b"GET / HTTP/1.1\r\n", b"x" * 65_536),
        (b"GET /", b"x" * 65_536),
        (
            post(4, "Transfer-Encoding: chunked").replace(b"Content-Length: 4\r\n", b""),
            b";x" * 32_768,
        ),
    ],
    ids=["headers", "a value", "a name", "a path", "no size of a chunk"],
)
async def test_a_request_without_an_end_is_cut_and_takes_no_memory(
    patient: Served, begins: bytes, piece: bytes
) -> None:
    before = patient.memory
    async with patient.peer() as peer:
        await peer.send(begins)
        assert await pour(peer, piece, 1000) < 200
        assert await peer.is_closed()
    assert patient.memory - before < 32 * MIB
    assert await patient.latency(5) < 1


CHUNKED: Final = post(0, "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")


@pytest.mark.parametrize(
    "piece",
    [b"1;" + b"x" * 60_000 + b"\r\ny\r\n", b"0\r\n" + b"a: b\r\n" * 10_000, b"1\r\nx\r\n" * 10_000],
    ids=["extensions", "trailers", "chunks of a byte"],
)
async def test_chunks_that_are_mostly_overhead_are_cut(patient: Served, piece: bytes) -> None:
    before = patient.memory
    async with patient.peer() as peer:
        await peer.send(CHUNKED)
        assert await pour(peer, piece, 1000) < 200
        assert await peer.is_closed()
    assert patient.memory - before < 32 * MIB


async def test_trailers_do_not_become_headers(patient: Served) -> None:
    answer = await patient.ask(CHUNKED + b"3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
    assert answer is not None
    assert answer.json["length"] == 3
    assert "authorization" not in answer.json["headers"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\n" + b"a: b\r\n" * 100 + b"\r\n", 200),
        (b"GET /healthz HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\na: " + b"x" * 65_000 + b"\r\n\r\n", 200),
        (b"GET /healthz HTTP/1.1\r\na: " + b"x" * 66_000 + b"\r\n\r\n", 431),
        (b"GET /healthz?" + b"x" * 66_000 + b" HTTP/1.1\r\n\r\n", 431),
        (post(MAX_JSON_BYTES) + b" " * MAX_JSON_BYTES, 200),
        (post(MAX_JSON_BYTES + 1) + b" " * (MAX_JSON_BYTES + 1), 413),
        (post(MAX_BODY_BYTES).replace(b"application/json", b"multipart/form-data"), 200),
        (post(MAX_BODY_BYTES + 1).replace(b"application/json", b"multipart/form-data"), 413),
    ],
)
async def test_the_bounds_of_a_request_are_exact(patient: Served, data: bytes, status: int) -> None:
    if b"multipart" in data:
        data += b"x" * (MAX_BODY_BYTES + (status == 413))
    answer = await patient.ask(data)
    assert answer is not None
    assert answer.status == status
    if status != 200:
        assert answer.code in {"PAYLOAD_TOO_LARGE", "REQUEST_HEADER_FIELDS_TOO_LARGE"}


async def test_a_body_that_is_announced_as_too_long_is_refused_before_it_is_asked_for(
    patient: Served,
) -> None:
    async with patient.peer() as peer:
        await peer.send(post(MAX_BODY_BYTES + 1, "Expect: 100-continue"))
        assert (await peer.refusal()).code == "PAYLOAD_TOO_LARGE"


async def test_a_client_that_sends_all_of_a_photo_first_sees_the_refusal(patient: Served) -> None:
    """As browsers do. The connection goes on with the next request."""
    photo = b"x" * 6 * MIB
    async with patient.peer() as peer:
        await peer.send(post(len(photo)).replace(b"application/json", b"multipart/form-data"))
        await peer.send(photo)
        answer = await peer.refusal()
        assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")
        assert answer.json["errors"][0]["extensions"]["evidenceRules"]["maxBytes"] == 819_199
        await peer.send(GET)
        assert (await peer.refusal()).status == 200


async def test_a_body_that_waits_to_be_asked_for_is_asked_for(patient: Served) -> None:
    async with patient.peer() as peer:
        await peer.send(post(3, "Expect: 100-continue"))
        assert (await peer.refusal()).status == 100
        await peer.send(b"abc")
        assert (await peer.refusal()).json["length"] == 3


async def test_others_are_answered_while_headers_pour_in(patient: Served) -> None:
    async def attack() -> None:
        while True:
            async with patient.peer("127.0.0.8") as peer:
                await peer.send(b"GET / HTTP/1.1\r\n")
                await pour(peer, b"a: b\r\n" * 1000, 100)

    idle, before = await patient.latency(), patient.memory
    attackers = [asyncio.create_task(attack()) for _ in range(4)]
    try:
        assert await patient.latency() < max(0.1, 5 * idle)
    finally:
        for one in attackers:
            one.cancel()
        await asyncio.wait(attackers)
    assert patient.memory - before < 32 * MIB


# Malformed


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
        b"GET / HTTP/1.1\r\na b: c\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT desk:80 HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        post(3, "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n",
        post(3, "Content-Length: 4") + b"abcd",
        post(3, "Connection: upgrade", "Upgrade: h2c") + b"abc",
        CHUNKED + b"nonsense\r\n",
        CHUNKED + b"-1\r\n",
    ],
    ids=repr,
)
async def test_malformed_http_is_answered_in_json_and_closed(patient: Served, data: bytes) -> None:
    async with patient.peer() as peer:
        await peer.send(data)
        answer = await peer.refusal()
        assert answer.status == 400
        assert answer.code == "BAD_REQUEST"
        assert answer.headers["connection"] == "close"
        assert await peer.is_closed()


async def test_another_protocol_is_not_taken_up(patient: Served) -> None:
    async with patient.peer() as peer:
        offer = b"\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2c\r\n\r\n"
        await peer.send(GET.replace(b"\r\n\r\n", offer) + GET)
        assert (await peer.refusal()).json == {"status": "ok"}
        assert await peer.is_closed()


async def test_many_bad_requests_do_not_fill_the_log() -> None:
    async with Served.start(HASTY) as served:
        for _ in range(200):
            assert (answer := await served.ask(b"NONSENSE\r\n\r\n"))
            assert answer.code == "BAD_REQUEST"
        await eventually(lambda: any("requests refused" in line for line in served.said))
        assert sum("refused" in line or "Invalid" in line for line in served.said) == 1
        assert len(served.said) < 20


# Time


async def test_headers_that_drip_are_cut(hasty: Served) -> None:
    async with hasty.peer() as peer:
        await peer.send(b"GET /healthz HTTP/1.1\r\n")
        dripping = asyncio.create_task(drip(peer, b"a: b\r\n"))
        answer = await peer.refusal()
        assert (answer.status, answer.code) == (408, "REQUEST_TIMEOUT")
        await dripping


async def drip(peer: Peer, piece: bytes) -> None:
    """Write a little now and then, for as long as the server takes it."""
    while not peer.reader.at_eof() and not peer.writer.is_closing():
        try:
            await peer.send(piece)
        except ConnectionError:
            return
        await asyncio.sleep(0.3)


@pytest.mark.parametrize("piece", [b"x", b"x" * 1024], ids=["below the rate", "above it"])
async def test_a_body_that_drips_is_cut(hasty: Served, piece: bytes) -> None:
    async with hasty.peer() as peer:
        await peer.send(post(100_000))
        dripping = asyncio.create_task(drip(peer, piece))
        answer = await peer.refusal()
        assert (answer.status, answer.code) == (408, "REQUEST_TIMEOUT")
        await dripping


@pytest.mark.parametrize("data", [b"", b"\r\n", GET], ids=["new", "of empty lines", "asked once"])
async def test_a_connection_that_asks_nothing_is_closed(hasty: Served, data: bytes) -> None:
    async with hasty.peer() as peer:
        await peer.send(data)
        assert (await peer.answer() is not None) == (data == GET)
        assert await peer.is_closed()


async def test_an_answer_that_nobody_reads_is_given_up(hasty: Served) -> None:
    before = hasty.memory
    async with hasty.peers(20) as peers:
        for peer in peers:
            await peer.send(b"GET /long HTTP/1.1\r\n\r\n")
        await eventually(lambda: hasty.memory - before > 80 * MIB)
        await eventually(lambda: hasty.memory - before < 40 * MIB)


async def test_a_request_that_is_worked_on_is_not_cut_however_long_it_takes(
    hasty: Served,
) -> None:
    answer = await hasty.ask(post(3, "X-Takes: 4") + b"abc")
    assert answer is not None
    assert answer.json["length"] == 3


# Connections


async def test_unfinished_bodies_keep_nobody_waiting(patient: Served) -> None:
    """More than are answered at once: what reads does not count as what works."""
    idle = await patient.latency()
    async with patient.peers(MAX_CONCURRENT_REQUESTS + 8) as peers:
        for peer in peers:
            await peer.send(post(1000) + b"{")
        for _ in range(10):
            answer = await patient.ask(post(3) + b"abc")
            assert answer is not None
            assert answer.status == 200
        assert await patient.latency() < max(0.1, 3 * idle)
        await peers[0].send(b"x" * 999)
        assert (await peers[0].refusal()).json["length"] == 1000


@pytest.mark.parametrize(
    "says",
    [b"", b"GET / HTTP/1.1\r\n", post(1000) + b"{", GET],
    ids=["nothing", "half", "body", "idle"],
)
async def test_a_full_server_closes_who_has_waited_longest_and_takes_the_new_one(
    small: Served, says: bytes
) -> None:
    addresses = [f"127.0.0.{at % 5 + 1}" for at in range(60)]
    async with small.peers(0):
        peers = []
        opened = [small.peer(address) for address in addresses]
        for one in opened:
            peer = await one.__aenter__()
            peers.append(peer)
            await peer.send(says)
            if says == GET:
                assert (await peer.refusal()).status == 200
        assert await small.latency(5) < 1
        assert await peers[0].is_closed()
        await peers[-1].send(GET if says in {b"", GET} else b"\r\n\r\n" + b"x" * 995)
        assert await peers[-1].answer() is not None
        for one in opened:
            await one.__aexit__(None, None, None)


async def test_one_address_takes_its_own_places_alone(small: Served) -> None:
    async with small.peers(3, "127.0.0.2") as others, small.peers(30, "127.0.0.3") as greedy:
        assert await greedy[0].is_closed()
        for peer in (*others, *greedy[-SMALL.connections_per_address :]):
            await peer.send(GET)
            assert (await peer.refusal()).status == 200


async def test_with_all_places_at_work_a_new_connection_is_refused(small: Served) -> None:
    async with small.peers(SMALL.connections_per_address, "127.0.0.4") as working:
        for peer in working:
            await peer.send(post(3, "X-Takes: 3") + b"abc")
        assert await small.ask(address="127.0.0.5") is not None  # so those before were heard
        async with small.peer("127.0.0.4") as late:
            answer = await late.refusal()
            assert (answer.status, answer.code) == (503, "OVERLOADED")
            assert answer.headers["retry-after"]
        assert await small.ask(address="127.0.0.5") is not None
        answers = [await peer.refusal() for peer in working]
        assert {answer.status for answer in answers} == {200}


async def test_bodies_that_are_too_many_together_are_refused_and_small_ones_are_not() -> None:
    bounds = replace(PATIENT, body_bytes_in_all=4 * MIB)
    async with Served.start(bounds) as served, served.peers(6) as peers:
        before = served.memory
        for peer in peers:
            await peer.send(post(MAX_BODY_BYTES) + b"x" * MIB)
        refusals = [asyncio.create_task(peer.refusal()) for peer in peers]
        done, _ = await asyncio.wait(refusals, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result().code for task in done} == {"OVERLOADED"}
        answer = await served.ask(post(60_000) + b"x" * 60_000)
        assert answer is not None
        assert answer.json["length"] == 60_000
        assert served.memory - before < 32 * MIB
        for task in refusals:
            task.cancel()


async def test_a_body_is_freed_with_its_connection(patient: Served) -> None:
    before = patient.memory
    for _ in range(10):
        async with patient.peers(16) as peers:
            for peer in peers:
                await peer.send(post(MAX_BODY_BYTES) + b"x" * MIB)
            await patient.ask(GET)  # what was sent before has been read
    assert patient.memory - before < 64 * MIB


async def test_a_body_counts_on_when_the_request_before_it_is_answered() -> None:
    bounds = replace(PATIENT, body_bytes_in_all=4 * MIB)
    async with Served.start(bounds) as served, served.peers(4) as peers:
        for peer in peers[:3]:
            ahead = post(1, "X-Takes: 1") + b"x"
            await peer.send(ahead + post(MAX_BODY_BYTES) + b"x" * MIB)
        for peer in peers[:3]:
            assert (await peer.refusal()).status == 200
        await peers[3].send(post(MAX_BODY_BYTES) + b"x" * (MAX_BODY_BYTES - 1))
        assert (await peers[3].refusal()).code == "OVERLOADED"


async def test_pipelined_requests_are_answered_in_order_and_are_bounded(patient: Served) -> None:
    async with patient.peer() as peer:
        ahead = 10
        await peer.send(b"".join(post(at) + b"x" * at for at in range(ahead)))
        answers = [await peer.refusal() for _ in range(ahead)]
        assert [answer.json["length"] for answer in answers] == list(range(ahead))
    async with patient.peer() as peer:
        await peer.send(post(1, "X-Takes: 0.5") + b"x" + GET * 10_000)
        answered: list[Answer] = []
        while (answer := await peer.answer()) is not None:
            answered.append(answer)
        assert len(answered) == PATIENT.pipelined + 1
        assert answered[-1].headers["connection"] == "close"


async def test_a_malformed_request_does_not_overtake_the_answer_before_it(patient: Served) -> None:
    async with patient.peer() as peer:
        await peer.send(post(1, "X-Takes: 0.3") + b"x" + b"NONSENSE\r\n\r\n")
        answer = await peer.refusal()
        assert answer.json["length"] == 1
        assert await peer.answer() is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
async def test_addresses_of_one_customer_count_together(address: str, network: str) -> None:
    assert network_of(address) == network
