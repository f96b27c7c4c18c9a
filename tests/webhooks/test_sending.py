"""Messages arrive: signed, in order, again after a failure, and never forgotten."""

import pytest
from standardwebhooks import Webhook

from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import Ledger

pytestmark = pytest.mark.anyio


async def test_an_event_arrives_signed_and_thin(desk: Desk, ledger: Ledger) -> None:
    endpoint = await desk.endpoint(ledger.url("/hook"))
    order = await desk.order()
    await desk.note(order)
    await desk.work()
    [message] = ledger.messages
    assert Webhook(endpoint.secret).verify(message.body, message.headers) == message.content
    assert message.content["type"] == "service_order.noted"
    assert message.content["timestamp"] == "2026-11-22T12:00:00.000Z"
    assert message.data.keys() == {"merchantId", "serviceOrderId", "sequence", "cursor"}
    assert message.place == (order.id, 2)
    assert await desk.statuses(endpoint) == ["DELIVERED"]
