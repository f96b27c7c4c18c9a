"""The WebSocket of subscriptions takes what the protocol allows, and nothing else."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from websockets.frames import Opcode

from execution.persisted_documents import sha256_of
from tests.serving.process import eventually
from tests.serving.reading import Served, post
from tests.subscriptions.serving import COUNT, FAKE, FRONT_END, state
from tests.subscriptions.wire import INIT, End, frame, handshake, opened, subscribe
from transport.connections import ReadingBounds

pytestmark = pytest.mark.anyio

PING: Final = frame(b"", Opcode.PING)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def served(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(ReadingBounds(connections_per_address=0), FAKE) as served:
        yield served


# The handshake


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (handshake(sec_websocket_version="8"), 426),
        (handshake(sec_websocket_version=None), 426),
        (handshake(sec_websocket_key=None), 400),
        (handshake(sec_websocket_key="c2hvcnQ="), 400),
        (handshake(sec_websocket_key="dGhlIHNhbXBsZSBub25jZ"), 400),
        (handshake(origin="https://elsewhere.example.com"), 403),
        (handshake(origin="null"), 403),
        (handshake(origin="file://"), 403),
        (handshake(origin="http://desk.elsewhere.example.com"), 403),
        (handshake(origin="http://front.example.com"), 403),
        (handshake("GET /graphql HTTP/1.0"), 400),
        (handshake("GET /graphql HTTP/1.1") + PING, 400),
        (handshake(upgrade="h2c"), 400),
        (handshake(connection="keep-alive"), 400),
        (handshake("POST /graphql HTTP/1.1"), 415),
        (handshake("PUT /graphql HTTP/1.1"), 405),
        (post(3, "Connection: upgrade", "Upgrade: websocket") + b"abc", 400),
        (handshake("GET /nowhere HTTP/1.1"), 404),
    ],
    ids=range(18),
)
async def test_a_bad_handshake_is_refused_like_any_request(
    served: Served, request_: bytes, status: int
) -> None:
    async with served.peer() as peer:
        await peer.send(request_)
        answer = await peer.refusal()
        assert answer.status == status
        assert answer.code
        if status == 426:
            assert answer.headers["sec-websocket-version"] == "13"


async def test_another_path_does_not_take_up_web_sockets(served: Served) -> None:
    async with served.peer() as peer:
        await peer.send(handshake("GET /healthz HTTP/1.1"))
        assert (await peer.refusal()).status == 200
        assert await peer.is_closed()


@pytest.mark.parametrize(
    "origin", ["http://desk", "https://DESK", "https://desk.example.com", FRONT_END]
)
async def test_our_own_pages_and_allowed_ones_may_open_a_web_socket(
    served: Served, origin: str
) -> None:
    async with opened(served, origin=origin):
        pass


async def test_a_handshake_may_follow_other_requests_on_a_connection(served: Served) -> None:
    async with served.peer() as peer:
        await peer.send(b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n" + handshake())
        assert (await peer.refusal()).status == 200
        assert (await peer.refusal()).status == 101


@pytest.mark.parametrize("offered", [None, "graphql-ws", "graphql-transport-ws2"])
async def test_only_our_subprotocol_is_spoken(served: Served, offered: str | None) -> None:
    async with opened(served, initialised=False, sec_websocket_protocol=offered) as socket:
        end = await socket.end()
    assert end == End(4406, "The subprotocol must be graphql-transport-ws")


async def test_a_client_may_offer_several_subprotocols(served: Served) -> None:
    offered = "graphql-ws, graphql-transport-ws"
    async with served.peer() as peer:
        await peer.send(handshake(sec_websocket_protocol=offered))
        answer = await peer.refusal()
        assert answer.headers["sec-websocket-protocol"] == "graphql-transport-ws"
        assert answer.headers["x-request-id"]


# Frames


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(INIT, mask=False), 1002),
        (frame(b"x", Opcode.BINARY), 1003),
        (b"\x83\x80\x00\x00\x00\x00", 1002),
        (b"\xc1\x80\x00\x00\x00\x00", 1002),
        (b"\x09\x80\x00\x00\x00\x00", 1002),
        (b"\x89\xfe\x00\x7e\x00\x00\x00\x00" + b"x" * 126, 1002),
        (frame(b"x", Opcode.CONT), 1002),
        (frame(b"x", fin=False) + frame(INIT), 1002),
        (b"\x81\xff" + (2**40).to_bytes(8) + b"\x00" * 4, 1009),
        (b"\x81\xff" + b"\xff" * 12, 1009),
        (frame(b"x" * 65_537), 1009),
        (frame(b"x" * 60_000, fin=False) + frame(b"x" * 60_000, Opcode.CONT), 1009),
        (frame(b"\x00", Opcode.CLOSE), 1002),
        (b"GET / HTTP/1.1\r\n\r\n", 1002),
    ],
    ids=[
        *("unmasked", "binary", "an unknown opcode", "a reserved bit", "a ping in pieces"),
        *("a long ping", "a piece of nothing", "a message in a message", "a huge frame"),
        *("the longest frame", "one too long", "pieces too long", "half a close", "HTTP"),
    ],
)
async def test_frames_against_the_rules_end_the_connection(
    served: Served, data: bytes, code: int
) -> None:
    async with opened(served) as socket:
        await socket.send(data)
        assert (await socket.end()).code == code


async def test_a_message_may_come_in_pieces_with_pings_between_them(served: Served) -> None:
    text = subscribe(COUNT, to=1)
    async with opened(served, initialised=False) as socket:
        for byte in frame(b'{"type":', fin=False):
            await socket.send(bytes([byte]))
        await socket.send(frame(b"now", Opcode.PING))
        assert await socket.frame() == (Opcode.PONG, b"now")
        await socket.send(frame(b'"connection_init"}', Opcode.CONT), text)
        assert await socket.message() == {"type": "connection_ack"}
        assert (await socket.message())["payload"] == {"data": {"count": 1}}


async def test_a_client_that_closes_is_answered_by_the_same_code(served: Served) -> None:
    async with opened(served) as socket:
        await socket.send(frame(b"\x03\xe8bye", Opcode.CLOSE))
        assert await socket.end() == End(1000, "bye")
        assert await socket.peer.is_closed()


async def test_no_compression_is_agreed_on(served: Served) -> None:
    async with served.peer() as peer:
        await peer.send(handshake(sec_websocket_extensions="permessage-deflate"))
        assert "sec-websocket-extensions" not in (await peer.refusal()).headers


# Messages


@pytest.mark.parametrize(
    "message",
    [
        *("", "{", "5", "null", "[]", "{}", '{"type":5}', '{"type":"start"}', "[" * 5000),
        b'{"type":"ping","payload":"\xff"}',
        {"type": "subscribe", "payload": {}},
        {"type": "subscribe", "id": "", "payload": {}},
        {"type": "subscribe", "id": 1, "payload": {}},
        {"type": "subscribe", "id": "x" * 65, "payload": {}},
        {"type": "subscribe", "id": "1", "payload": []},
        {"type": "complete"},
    ],
    ids=range(16),
)
async def test_a_message_that_is_none_of_the_protocol_ends_the_connection(
    served: Served, message: Any
) -> None:
    async with opened(served) as socket:
        await socket.send(frame(message))
        assert (await socket.end()).code == 4400


@pytest.mark.parametrize(
    "payload", [{"authorization": 5}, {"acceptLanguage": ["en"]}, "Bearer x", 5]
)
async def test_an_initialisation_that_is_not_understood_ends_the_connection(
    served: Served, payload: Any
) -> None:
    async with opened(served, initialised=False) as socket:
        await socket.send(frame({**INIT, "payload": payload}))
        assert (await socket.end()).code == 4400


async def test_the_connection_is_initialised_once_and_first(served: Served) -> None:
    async with opened(served) as socket:
        await socket.send(frame(INIT))
        assert await socket.end() == End(4429, "Too many initialisation requests")
    async with opened(served, initialised=False) as socket:
        await socket.send(subscribe())
        assert await socket.end() == End(4401, "Unauthorized")


async def test_an_id_names_one_subscription_until_that_is_complete(served: Served) -> None:
    async with opened(served) as socket:
        await socket.send(subscribe(), frame({"id": "1", "type": "complete"}))
        await socket.send(subscribe(COUNT, to=1))
        next_, complete = [await socket.message() for _ in range(2)]
        assert (next_["type"], complete["type"]) == ("next", "complete")
        await socket.send(subscribe(), subscribe())
        assert await socket.end() == End(4409, "Subscriber for 1 already exists")


async def test_an_id_is_given_back_as_it_was(served: Served) -> None:
    id_ = '订单"\\\n' + "x" * 50
    async with opened(served) as socket:
        await socket.send(subscribe(COUNT, id_, to=1))
        assert [(await socket.message())["id"] for _ in range(2)] == [id_, id_]


async def test_a_ping_of_the_protocol_is_answered_with_its_payload(served: Served) -> None:
    async with opened(served) as socket:
        await socket.send(frame({"type": "ping", "payload": {"at": 5}}), frame({"type": "ping"}))
        await socket.send(frame({"type": "pong"}))
        assert await socket.message() == {"type": "pong", "payload": {"at": 5}}
        assert await socket.message() == {"type": "pong"}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"query": 5},
        {"query": "subscription { idle }", "variables": []},
        {"query": "subscription { idle }", "variables": {"x": [0] * 6000}},
        {"documentId": f"sha256:{'0' * 64}"},
    ],
    ids=range(5),
)
async def test_a_subscription_that_cannot_be_read_fails_alone(
    served: Served, payload: dict[str, Any]
) -> None:
    async with opened(served) as socket:
        await socket.send(frame({"id": "1", "type": "subscribe", "payload": payload}))
        message = await socket.message()
        assert (message["id"], message["type"]) == ("1", "error")
        assert message["payload"][0]["extensions"]["code"]
        await socket.send(subscribe(COUNT, to=1))
        assert (await socket.message())["type"] == "next"


async def test_the_token_may_come_with_the_handshake(served: Served) -> None:
    async with opened(served, authorization="Bearer li", accept_language="en") as socket:
        await socket.send(subscribe("subscription { whoami }"))
        assert (await socket.message())["payload"] == {"data": {"whoami": "li en"}}


async def test_a_document_registered_over_a_web_socket_is_known_by_its_hash(
    served: Served,
) -> None:
    query = "subscription { whoami } # registered"
    persisted = {"version": 1, "sha256Hash": sha256_of(query)}
    extensions = {"extensions": {"persistedQuery": persisted}}
    async with opened(served) as socket:
        for payload in ({"query": query, **extensions}, extensions):
            await socket.send(frame({"id": "1", "type": "subscribe", "payload": payload}))
            assert [(await socket.message())["type"] for _ in range(2)] == ["next", "complete"]


async def test_no_secret_of_a_connection_is_logged(served: Served) -> None:
    async with served.peer() as peer:
        await peer.send(handshake("GET /graphql?token=secret-1 HTTP/1.1"))
        assert (await peer.refusal()).status == 101
        payload = {"authorization": "Bearer secret-2"}
        fails = subscribe("subscription($how: String!) { fails(how: $how) }", how="bug")
        await peer.send(frame({**INIT, "payload": payload}) + fails)
        await eventually(lambda: any("RuntimeError" in line for line in served.said))
    assert not any("secret" in line for line in served.said)


async def test_the_end_of_a_connection_ends_all_of_its_subscriptions(served: Served) -> None:
    async with opened(served) as socket:
        await socket.send(*(subscribe(id_=str(number)) for number in range(5)))
        while (await state(served))["open"] < 5:
            pass
        await socket.send(frame(b"x", Opcode.BINARY))
        assert (await socket.end()).code == 1003
        while (await state(served))["open"]:
            pass
