"""The client that sends webhooks: what it sends, what it reads, and where it stops."""

import pytest

from outgoing.address_guard import AddressGuard
from outgoing.http_client import HttpClient
from outgoing.policy import Policy
from tests.webhooks.receiver import Receiver, answer_of

pytestmark = pytest.mark.anyio

BODY = b'{"type":"ping"}'


def client_of() -> HttpClient:
    return HttpClient(AddressGuard(Policy(inside=True)))


async def test_a_request_arrives_with_its_headers_and_its_body() -> None:
    client = client_of()
    async with Receiver.answering(answer_of(200, b"thank you")) as receiver:
        target = client.guard.read(receiver.url("/hooks?a=b"))
        answer = await client.post(target, {"webhook-id": "msg_1"}, BODY)
    assert (answer.status, answer.failure, answer.text) == (200, None, "thank you")
    assert answer.delivered
    [request] = receiver.requests
    assert request.line == "POST /hooks?a=b HTTP/1.1"
    assert request.body == BODY
    assert request.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "user-agent": "aftersales",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept-encoding": "identity",
        "connection": "close",
        "webhook-id": "msg_1",
    }
