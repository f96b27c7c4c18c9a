"""Messages arrive: signed, those that were chosen, in order for each order, several at a time."""

import asyncio

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from jobs.webhooks.turn import LANES
from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import OK, Ledger, Message
from tests.webhooks.receiver import answer_of

pytestmark = pytest.mark.anyio

EVENTS = "query($after: String) { events(after: $after) { nodes { event { sequence } } } }"
DELIVERIES = """query($id: ID!, $status: WebhookDeliveryStatus) {
  webhookDeliveries(endpointId: $id, status: $status, first: 50) { nodes { id messageId type
    serviceOrderId sequence status attempts answerStatus failure answer durationMs
    nextAttemptAt firstAttemptAt finishedAt } } }"""


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
    assert message.data["merchantId"] == desk.shop.global_id
    assert message.place == (order.id, 2)
    [delivery] = (await desk.client.ask(DELIVERIES, id=endpoint.id))["nodes"]
    assert delivery["messageId"] == message.id
    assert delivery["status"] == "DELIVERED"
    assert (delivery["answerStatus"], delivery["answer"]) == (200, "ok")


async def test_the_cursor_of_a_message_reads_on_in_the_feed(desk: Desk, ledger: Ledger) -> None:
    await desk.endpoint(ledger.url())
    order = await desk.order()
    for _ in range(3):
        await desk.note(order)
    await desk.work()
    rest = await desk.client.ask(EVENTS, after=ledger.messages[0].data["cursor"])
    assert [node["event"]["sequence"] for node in rest["nodes"]] == [3, 4]


async def test_only_chosen_kinds_of_later_events_are_sent(desk: Desk, ledger: Ledger) -> None:
    order = await desk.order()
    await desk.note(order)
    await desk.work()
    await desk.endpoint(ledger.url("/all"))
    await desk.endpoint(ledger.url("/approved"), kinds=["APPROVED"])
    await desk.note(order)
    approved = await desk.client.codes("reviewServiceOrder", id=order.id, decision={"approve": {}})
    assert approved == []
    await desk.work()
    assert [message.content["type"] for message in ledger.to("/all")] == [
        "service_order.noted",
        "service_order.approved",
    ]
    assert [message.data["sequence"] for message in ledger.to("/approved")] == [4]


async def test_the_events_of_an_order_go_in_order_and_wait_for_one_that_fails(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    stubborn, easy = await desk.order(), await desk.order()
    refused = {(stubborn.id, 3)}
    ledger.answer = lambda message: answer_of(500) if message.place in refused else OK
    for _ in range(3):
        await desk.note(stubborn)
        await desk.note(easy)
    await desk.work()
    for _ in range(3):
        await desk.later_probe(endpoint)
    accepted = [message.place for message in ledger.messages if message.place not in refused]
    assert sorted(accepted) == sorted([(stubborn.id, 2), *[(easy.id, n) for n in (2, 3, 4)]])
    refused.clear()
    await desk.later_days(1)
    of_stubborn = [sequence for id_, sequence in ledger.places if id_ == stubborn.id]
    assert of_stubborn == sorted(of_stubborn)
    assert of_stubborn[-2:] == [3, 4]
    assert await desk.statuses(endpoint) == ["DELIVERED"] * 6
    ids = {message.place: set[str]() for message in ledger.messages}
    for message in ledger.messages:
        ids[message.place].add(message.id)
    assert all(len(same) == 1 for same in ids.values()), "each repetition has the same id"


async def test_different_orders_go_at_the_same_time_and_not_too_many(
    desk: Desk, ledger: Ledger
) -> None:
    await desk.endpoint(ledger.url())
    for order in await desk.given.application(desk.shop, 2 * LANES):
        await desk.note(order)
    full = asyncio.Event()

    async def answer(_message: Message) -> bytes:
        if len(ledger.messages) >= LANES:
            full.set()
        await full.wait()
        return OK

    ledger.answer = answer
    await desk.work()
    assert ledger.most_at_once == LANES
    assert len(ledger.messages) == 2 * LANES


async def test_an_endpoint_that_hangs_slows_no_other(desk: Desk, ledger: Ledger) -> None:
    end = asyncio.Event()

    async def hang(_message: Message) -> bytes:
        await end.wait()
        return OK

    async with Ledger.open(hang) as dead:
        await desk.endpoint(dead.url())
        await desk.endpoint(ledger.url())
        orders = await desk.given.application(desk.shop, 20)
        for order in orders:
            await desk.note(order)
        await desk.look()
        while len(ledger.messages) < len(orders):
            await desk.look()
            await asyncio.sleep(0.01)
        assert len(dead.messages) <= LANES
        end.set()
        await desk.worker.idle()


async def test_the_former_secret_signs_too_until_its_time_is_over(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    order = await desk.order()
    rotated = await desk.client.do(
        "rotateWebhookSecret", "secret webhookEndpoint { formerSecretUntil }", id=endpoint.id
    )
    assert rotated["secret"] != endpoint.secret
    assert rotated["webhookEndpoint"]["formerSecretUntil"] is not None
    await desk.note(order)
    await desk.work()
    await desk.set(endpoint, overlap_until=desk.parts.wall.now())
    await desk.note(order)
    await desk.work()
    during, after = ledger.messages
    for secret in (endpoint.secret, rotated["secret"]):
        Webhook(secret).verify(during.body, during.headers)
    Webhook(rotated["secret"]).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(after.body, after.headers)


async def test_nothing_goes_out_while_the_merchant_is_suspended_and_nothing_is_lost(
    desk: Desk, ledger: Ledger
) -> None:
    platform = desk.client.as_((await desk.given.platform()).token)
    await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    suspended = {"merchantId": desk.shop.global_id, "reason": "核查"}
    assert await platform.codes("suspendMerchant", **suspended) == []
    await desk.work()
    assert ledger.messages == []
    assert await platform.codes("resumeMerchant", **suspended) == []
    await desk.later_days(1)
    assert len(ledger.messages) == 1


async def test_two_workers_send_each_message_once_and_in_order(desk: Desk, ledger: Ledger) -> None:
    await desk.endpoint(ledger.url("/a"))
    await desk.endpoint(ledger.url("/b"))
    orders = await desk.given.application(desk.shop, 10)
    workers = [desk.worker, desk.other_worker(), desk.other_worker()]
    for _ in range(3):
        for order in orders:
            await desk.note(order)
        await asyncio.gather(*(desk.work(worker) for worker in workers))
    await desk.work()
    expected = [(order.id, sequence) for order in orders for sequence in (2, 3, 4)]
    for path in ("/a", "/b"):
        places = [message.place for message in ledger.to(path)]
        assert sorted(places) == sorted(expected)
        for order in orders:
            assert [sequence for id_, sequence in places if id_ == order.id] == [2, 3, 4]


async def test_a_log_says_neither_address_nor_secret_nor_body(
    desk: Desk, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ledger.answer = lambda _message: answer_of(410, b"telltale-answer")
    endpoint = await desk.endpoint(ledger.url("/telltale-path"))
    await desk.note(await desk.order(), "telltale-note")
    await desk.work()
    said = [
        record.getMessage() for record in caplog.records if record.name.startswith("aftersales")
    ]
    assert any("was disabled" in line for line in said)
    [message] = ledger.messages
    for secret in ("telltale", endpoint.secret, message.headers["webhook-signature"]):
        assert not [line for line in said if secret in line]
