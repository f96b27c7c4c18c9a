"""What is due, and the pages of deliveries, are found by an index, without sorting or scanning."""

import pytest

from tests.house.test_plans import Plans, Sent, watching
from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import Ledger
from tests.webhooks.receiver import answer_of
from tests.webhooks.rows import delivery

pytestmark = pytest.mark.anyio

PAGE = """query($id: ID!, $status: WebhookDeliveryStatus, $after: String, $last: Int,
  $before: String) { webhookDeliveries(endpointId: $id, status: $status, after: $after,
  last: $last, before: $before) { nodes { id } pageInfo { endCursor } } }"""


async def test_what_is_due_is_found_by_an_index(desk: Desk, ledger: Ledger) -> None:
    ledger.answer = lambda _message: answer_of(500)
    await desk.endpoint(ledger.url())
    for order in await desk.given.application(desk.shop, 3):
        await desk.note(order)
    database = desk.parts.database
    with watching(database.reading) as reads, watching(database.writing) as writes:
        await desk.work()
    asked = {sent.text: sent for sent in [*reads, *writes] if is_look(sent)}
    assert len(asked) == 5, list(asked)
    for sent in asked.values():
        assert await Plans(database).steps(sent) == [], sent.text


def is_look(sent: Sent) -> bool:
    """The endpoints that are due, failing or not; their lease; their deliveries; the next time."""
    looks = sent.text.startswith(("SELECT", "UPDATE webhook_endpoint SET leased_until="))
    return looks and ("due_at <=" in sent.text or "earlier" in sent.text)


@pytest.mark.parametrize("status", [None, "DELIVERED"])
async def test_a_page_of_deliveries_comes_from_an_index_in_its_order(
    desk: Desk, ledger: Ledger, status: str | None
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    for _ in range(3):
        await delivery(desk.given, endpoint.id)
    ask = {"id": endpoint.id, "status": status}
    cursor = (await desk.client.ask(PAGE, **ask))["pageInfo"]["endCursor"]
    for window in ({}, {"last": 2}, {"after": cursor}, {"last": 2, "before": cursor}):
        with watching(desk.parts.database.reading) as statements:
            await desk.client.ask(PAGE, **ask, **window)
        pages = [sent for sent in statements if "webhook_delivery" in sent.text]
        assert pages
        for page in pages:
            assert await Plans(desk.parts.database).steps(page) == [], page.text
