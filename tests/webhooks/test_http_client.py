"""The client that sends webhooks: what it sends, and what it makes of answers."""

import asyncio
import gzip
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvloop

from domain.outgoing import DeliveryFailure
from outgoing.address_guard import AddressGuard
from outgoing.answer import Answer
from outgoing.http_client import MAX_PER_HOST, HostBusy, HttpClient, TimeLimits
from outgoing.policy import Policy
from tests.webhooks.internet import Names
from tests.webhooks.receiver import Answering, Receiver, Writer, answer_of

pytestmark = pytest.mark.anyio

BODY = b'{"type":"ping"}'
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def client_of(**limits: float) -> HttpClient:
    names = Names({"receiver.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})
    guard = AddressGuard(Policy(inside=True), names)
    return HttpClient(guard, limits=TimeLimits(**limits))


async def answered(answer: bytes | Answering, **limits: float) -> Answer:
    client = client_of(**limits)
    async with Receiver.answering(answer) as receiver:
        return await client.post(client.guard.read(receiver.url()), {}, BODY)


async def test_a_request_arrives_with_its_headers_and_its_body() -> None:
    client = client_of()
    async with Receiver.answering(answer_of(200, b"thank you")) as receiver:
        target = client.guard.read(receiver.url("/hooks?a=b", host="receiver.test"))
        answer = await client.post(target, {"webhook-id": "msg_1"}, BODY)
    assert (answer.status, answer.failure, answer.text) == (200, None, "thank you")
    assert answer.duration > timedelta()
    [request] = receiver.requests
    assert request.line == "POST /hooks?a=b HTTP/1.1"
    assert request.body == BODY
    assert request.headers == {
        "host": f"receiver.test:{receiver.port}",
        "user-agent": "aftersales",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept-encoding": "identity",
        "connection": "close",
        "webhook-id": "msg_1",
    }


def test_it_runs_on_the_event_loop_of_the_server_too() -> None:
    assert uvloop.run(answered(answer_of(204))).status == 204


@pytest.mark.parametrize(
    "status", [200, 201, 202, 204, 299, 400, 401, 404, 410, 429, 500, 503, 599]
)
async def test_only_a_status_of_the_two_hundreds_is_a_delivery(status: int) -> None:
    answer = await answered(answer_of(status))
    assert (answer.status, answer.failure) == (status, None)
    assert answer.delivered is (status < 300)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with Receiver.answering(answer_of(200)) as inside:
        answer = await answered(answer_of(status, location=inside.url()))
    assert (answer.status, answer.failure) == (status, DeliveryFailure.REDIRECT)
    assert not answer.delivered
    assert inside.connections == 0


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Receiver.answering(answer_of(200, b"proxy")) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
            monkeypatch.setenv(name.upper(), proxy.url())
        answer = await answered(answer_of(200, b"receiver"))
    assert answer.text == "receiver"
    assert proxy.connections == 0


async def test_no_cookie_is_kept() -> None:
    client = client_of()
    async with Receiver.answering(answer_of(200, set_cookie="a=b; Path=/")) as receiver:
        target = client.guard.read(receiver.url())
        for _ in range(2):
            await client.post(target, {}, BODY)
    assert [request.headers.get("cookie") for request in receiver.requests] == [None, None]
    assert receiver.connections == 2


async def test_a_compressed_body_is_not_decoded() -> None:
    bomb = gzip.compress(bytes(10_000_000))[:900]
    answer = await answered(answer_of(200, bomb, content_encoding="gzip"))
    assert answer.delivered
    assert len(answer.text) <= 900


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        ("谢谢 🙂\n".encode(), "谢谢 🙂"),
        (b"a\x00b\x1b[31mc\x7fd\r\ne\tf", "ab[31mcd\ne\tf"),
        ("a\u202eb\u2066c\x85d".encode(), "abc\nd"),
        (b"\xff\xfe broken \xc3", "\ufffd\ufffd broken \ufffd"),
        (b"x" * 5_000, "x" * 1_024),
        ("谢".encode() * 400, "谢" * 341 + "\ufffd"),
    ],
)
async def test_the_first_kilobyte_is_kept_as_text_that_can_be_stored(
    body: bytes, text: str
) -> None:
    assert (await answered(answer_of(500, body))).text == text


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ({}, None),
        ({"retry_after": "120"}, timedelta(minutes=2)),
        ({"Retry_After": "0"}, timedelta()),
        ({"retry_after": "Sun, 22 Nov 2026 12:01:00 GMT"}, timedelta(minutes=1)),
        ({"retry_after": "Sun, 22 Nov 2026 11:01:00 GMT"}, timedelta()),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "9" * 30}, None),
        ({"retry_after": "1" * 100}, None),
    ],
)
async def test_the_receiver_may_say_how_long_to_wait(
    header: dict[str, str], wait: timedelta | None
) -> None:
    answer = await answered(answer_of(503, b"", **header))
    assert answer.wait_asked(NOON) == wait


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x0a",
    ],
)
async def test_an_answer_that_is_not_whole_http_is_a_failure(answer: bytes) -> None:
    result = await answered(answer)
    assert result.failure is DeliveryFailure.PROTOCOL
    assert not result.delivered


async def test_nobody_at_the_port_is_a_failure() -> None:
    client = client_of()
    async with Receiver.answering(b"") as receiver:
        target = client.guard.read(receiver.url())
    assert (await client.post(target, {}, BODY)).failure is DeliveryFailure.CONNECT


async def test_one_host_has_a_limited_number_of_connections_and_others_go_on() -> None:
    client, go_on = client_of(), asyncio.Event()

    async def wait(writer: Writer) -> None:
        await go_on.wait()
        writer.write(answer_of(200))

    async with (
        Receiver.answering(wait) as slow,
        Receiver.answering(answer_of(200)) as quick,
        asyncio.TaskGroup() as tasks,
    ):
        target = client.guard.read(slow.url(host="receiver.test"))
        posts = [tasks.create_task(client.post(target, {}, BODY)) for _ in range(MAX_PER_HOST)]
        await slow.wait_for_requests(MAX_PER_HOST)
        assert not client.has_room(target)
        with pytest.raises(HostBusy):
            await client.post(target, {}, BODY)
        other = client.guard.read(quick.url(host="other.test"))
        assert (await client.post(other, {}, BODY)).delivered
        go_on.set()
        answers = await asyncio.gather(*posts)
    assert all(answer.delivered for answer in answers)
    assert client.has_room(target)


async def test_a_request_that_is_cancelled_leaves_its_place() -> None:
    client = client_of()

    async def never(writer: Writer) -> None:
        await asyncio.Event().wait()

    async with Receiver.answering(never) as receiver:
        target = client.guard.read(receiver.url())
        posts = [asyncio.create_task(client.post(target, {}, BODY)) for _ in range(MAX_PER_HOST)]
        await receiver.wait_for_requests(MAX_PER_HOST)
        for post in posts:
            post.cancel()
        results: list[Any] = await asyncio.gather(*posts, return_exceptions=True)
    assert {type(result) for result in results} == {asyncio.CancelledError}
    assert client.has_room(target)


async def test_no_log_holds_the_address_the_message_or_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of()
    async with Receiver.answering(answer_of(200, b"secret-a", x_token="secret-b")) as receiver:
        target = client.guard.read(receiver.url("/secret-c?token=secret-d"))
        answer = await client.post(target, {"webhook-signature": "secret-e"}, b"secret-f")
    assert answer.text == "secret-a"
    assert "secret" not in f"{caplog.text} {answer!r} {target!r}"
