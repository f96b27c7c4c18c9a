"""What fails is tried again for three days; then the endpoint is disabled and its owner told."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.webhooks import DELAYS, JITTER, LONGEST_PROBE, RETRY_FOR
from tests.webhooks.conftest import Desk, Endpoint
from tests.webhooks.ledger import OK, Ledger, Message
from tests.webhooks.receiver import answer_of
from tests.webhooks.test_sending import DELIVERIES

pytestmark = pytest.mark.anyio

ENDPOINT = """query($id: ID!) { webhookEndpoint(id: $id) { version disabledAt disabledReason
  failingSince } }"""
RESENT = "webhookDelivery { status attempts }"


def fail(_message: Message) -> bytes:
    return answer_of(503, b"try later")


async def deliveries(desk: Desk, endpoint: Endpoint, **filters: Any) -> list[dict[str, Any]]:
    page = await desk.client.ask(DELIVERIES, id=endpoint.id, **filters)
    return list(page["nodes"])


async def test_a_failure_is_tried_again_after_growing_pauses(desk: Desk, ledger: Ledger) -> None:
    ledger.answer = fail
    endpoint = await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    await desk.work()
    pauses = []
    for _ in range(len(DELAYS)):
        [row] = await desk.deliveries(endpoint)
        pauses.append(row.next_attempt_at - desk.clock.now())
        await desk.later_probe(endpoint)
    for pause, delay in zip(pauses, DELAYS, strict=True):
        assert delay * (1 - JITTER) <= pause <= delay * (1 + JITTER)
    [delivery] = await deliveries(desk, endpoint)
    assert delivery["attempts"] == len(DELAYS) + 1
    assert (delivery["answerStatus"], delivery["answer"]) == (503, "try later")
    assert len({message.id for message in ledger.messages}) == 1
    stamps = {message.headers["webhook-signature"] for message in ledger.messages}
    assert all(stamp.startswith("v1,") for stamp in stamps)
    ledger.answer = lambda _message: OK
    await desk.later(DELAYS[-1] * 2)
    assert await desk.statuses(endpoint) == ["DELIVERED"]
    assert (await desk.row(endpoint)).failing_since is None
    assert desk.parts.counts.jobs.deliveries == {"status": len(DELAYS) + 1, "delivered": 1}


async def test_after_three_days_the_endpoint_is_disabled_and_its_owner_told(
    desk: Desk, ledger: Ledger
) -> None:
    ledger.answer = lambda message: fail(message) if message.path == "/dead" else OK
    dead = await desk.endpoint(ledger.url("/dead"))
    await desk.endpoint(ledger.url("/live"), kinds=["CLOSED"])
    order = await desk.order()
    await desk.note(order)
    began_at = desk.clock.now()
    await desk.later_days(2.9)
    assert (await desk.client.ask(ENDPOINT, id=dead.id))["disabledAt"] is None
    await desk.later_days(0.2)
    shown = await desk.client.ask(ENDPOINT, id=dead.id)
    assert shown["disabledReason"] == "FAILING"
    [delivery] = await deliveries(desk, dead)
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("FAILED", None)
    last = ledger.to("/dead")[-1]
    assert desk.clock.now() - began_at >= RETRY_FOR
    [told] = ledger.to("/live")
    assert told.content["type"] == "webhook_endpoint.disabled"
    assert told.data == {
        "merchantId": desk.shop.global_id,
        "webhookEndpointId": dead.id,
        "reason": "FAILING",
    }
    attention = await desk.client.ask("{ viewer { merchant { failedWebhookEndpoints } } }")
    assert attention == {"merchant": {"failedWebhookEndpoints": 1}}
    # What happens while it is disabled waits, and goes when it is enabled.
    await desk.note(order)
    await desk.later_days(1)
    assert ledger.to("/dead")[-1] is last
    ledger.answer = lambda _message: OK
    assert await desk.client.codes("enableWebhookEndpoint", id=dead.id) == []
    await desk.work()
    assert [message.data["sequence"] for message in ledger.to("/dead")[-1:]] == [3]
    attention = await desk.client.ask("{ viewer { merchant { failedWebhookEndpoints } } }")
    assert attention == {"merchant": {"failedWebhookEndpoints": 0}}


async def test_days_of_suspension_are_no_days_of_failures(desk: Desk, ledger: Ledger) -> None:
    platform = desk.client.as_((await desk.given.platform()).token)
    suspended = {"merchantId": desk.shop.global_id, "reason": "核查"}
    ledger.answer = fail
    endpoint = await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    await desk.later_days(0.1)
    assert await platform.codes("suspendMerchant", **suspended) == []
    await desk.later(RETRY_FOR)
    attempts = len(ledger.messages)
    assert await platform.codes("resumeMerchant", **suspended) == []
    await desk.later(timedelta(hours=1))
    assert len(ledger.messages) > attempts
    assert await desk.statuses(endpoint) == ["PENDING"]
    assert (await desk.row(endpoint)).disabled_at is None
    await desk.later_days(3.2)
    assert await desk.statuses(endpoint) == ["FAILED"]
    assert (await desk.row(endpoint)).disabled_reason == "FAILING"


async def test_a_message_that_is_never_accepted_disables_no_endpoint_that_accepts_others(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    poison, other = await desk.order(), await desk.order()
    ledger.answer = lambda message: answer_of(400) if message.place[0] == poison.id else OK
    await desk.note(poison)
    for _ in range(4):
        await desk.note(other)
        await desk.later_days(0.9)
    await desk.note(poison)
    await desk.work()
    assert sorted(await desk.statuses(endpoint)) == [*["DELIVERED"] * 4, "FAILED", "PENDING"]
    assert (await desk.row(endpoint)).disabled_at is None
    failed = await deliveries(desk, endpoint, status="FAILED")
    assert [delivery["answerStatus"] for delivery in failed] == [400]


async def test_an_endpoint_that_fails_is_asked_with_one_message_at_a_time(
    desk: Desk, ledger: Ledger
) -> None:
    ledger.answer = fail
    endpoint = await desk.endpoint(ledger.url())
    for order in await desk.given.application(desk.shop, 20):
        await desk.note(order)
    await desk.work()
    first = len(ledger.messages)
    assert first < 20
    for probe in range(1, 12):
        await desk.later_probe(endpoint)
        assert len(ledger.messages) == first + probe
        row = await desk.row(endpoint)
        assert row.due_at - desk.clock.now() <= LONGEST_PROBE
    ledger.answer = lambda _message: OK
    await desk.later_days(1)
    assert await desk.statuses(endpoint) == ["DELIVERED"] * 20


async def test_gone_disables_the_endpoint_at_once(desk: Desk, ledger: Ledger) -> None:
    ledger.answer = lambda _message: answer_of(410)
    endpoint = await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    await desk.work()
    shown = await desk.client.ask(ENDPOINT, id=endpoint.id)
    assert shown["disabledReason"] == "GONE"
    assert await desk.statuses(endpoint) == ["PENDING"]
    await desk.later_days(1)
    assert len(ledger.messages) == 1


async def test_what_the_former_address_answers_says_nothing_about_the_new_one(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url("/former"))

    async def answer(message: Message) -> bytes:
        if message.path == "/new":
            return OK
        change = {"url": ledger.url("/new"), "expectedVersion": 1}
        assert await desk.client.codes("updateWebhookEndpoint", id=endpoint.id, **change) == []
        return answer_of(410)

    ledger.answer = answer
    await desk.note(await desk.order())
    await desk.work()
    row = await desk.row(endpoint)
    assert (row.disabled_at, row.failures) == (None, 0)
    await desk.later_days(0.1)
    assert await desk.statuses(endpoint) == ["DELIVERED"]


async def test_an_endpoint_that_a_person_disables_meanwhile_keeps_that_reason(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    other = await desk.endpoint(ledger.url("/other"), kinds=["CLOSED"])

    async def answer(_message: Message) -> bytes:
        assert await desk.client.codes("disableWebhookEndpoint", id=endpoint.id) == []
        return answer_of(410)

    ledger.answer = answer
    await desk.note(await desk.order())
    await desk.work()
    assert (await desk.client.ask(ENDPOINT, id=endpoint.id))["disabledReason"] == "BY_HAND"
    assert await desk.deliveries(other) == []


async def test_the_endpoint_may_ask_for_a_pause(desk: Desk, ledger: Ledger) -> None:
    ledger.answer = lambda _message: answer_of(429, retry_after="600")
    endpoint = await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    await desk.work()
    [row] = await desk.deliveries(endpoint)
    assert row.next_attempt_at - desk.clock.now() == timedelta(minutes=10)
    assert (await desk.row(endpoint)).due_at >= row.next_attempt_at


async def test_a_delivery_is_sent_again_under_its_id(desk: Desk, ledger: Ledger) -> None:
    endpoint = await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    await desk.work()
    [delivery] = await deliveries(desk, endpoint)
    again = await desk.client.do("resendWebhookDelivery", RESENT, id=delivery["id"])
    assert again["webhookDelivery"] == {"status": "PENDING", "attempts": 0}
    assert await desk.client.codes("resendWebhookDelivery", id=delivery["id"]) == [
        "WEBHOOK_DELIVERY_PENDING"
    ]
    await desk.work()
    first, second = ledger.messages
    assert first.id == second.id
    assert first.body == second.body
    assert await desk.client.codes("disableWebhookEndpoint", id=endpoint.id) == []
    assert await desk.client.codes("resendWebhookDelivery", id=delivery["id"]) == [
        "WEBHOOK_ENDPOINT_DISABLED"
    ]


async def test_what_was_missed_can_be_skipped(desk: Desk, ledger: Ledger) -> None:
    ledger.answer = fail
    endpoint = await desk.endpoint(ledger.url())
    order = await desk.order()
    await desk.note(order)
    await desk.work()
    assert await desk.client.codes("disableWebhookEndpoint", id=endpoint.id) == []
    await desk.note(order)
    await desk.work()
    ledger.answer, ledger.messages = lambda _message: OK, []
    codes = await desk.client.codes("enableWebhookEndpoint", id=endpoint.id, skipMissed=True)
    assert codes == []
    await desk.note(order)
    await desk.later_days(1)
    assert [sequence for _, sequence in ledger.places] == [4]
    assert await desk.statuses(endpoint) == ["FAILED", "DELIVERED"]


async def test_a_test_message_says_what_came_back_and_is_no_delivery(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    shape = "result { delivered answerStatus failure answer }"
    assert (await desk.client.do("testWebhookEndpoint", shape, id=endpoint.id))["result"] == {
        "delivered": True,
        "answerStatus": 200,
        "failure": None,
        "answer": "ok",
    }
    [message] = ledger.messages
    assert message.content["type"] == "ping"
    assert message.data == {
        "merchantId": desk.shop.global_id,
        "webhookEndpointId": endpoint.id,
    }
    ledger.answer = lambda _message: answer_of(302, location="http://127.0.0.1/")
    result = (await desk.client.do("testWebhookEndpoint", shape, id=endpoint.id))["result"]
    assert (result["delivered"], result["failure"]) == (False, "REDIRECT")
    assert await desk.deliveries(endpoint) == []
    assert (await desk.row(endpoint)).failures == 0


async def test_what_was_not_recorded_is_sent_again_when_the_hold_runs_out(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    hang = asyncio.Event()

    async def answer(_message: Message) -> bytes:
        await hang.wait()
        return OK

    ledger.answer = answer
    await desk.look()
    while not ledger.messages:  # noqa: ASYNC110 - no event to wait for
        await asyncio.sleep(0.01)
    desk.worker.abandon()
    ledger.answer = lambda _message: OK
    await desk.work(desk.other_worker())
    assert len(ledger.messages) == 1, "another worker waits while the endpoint is held"
    desk.clock.pass_(timedelta(minutes=2))
    await desk.work(desk.other_worker())
    assert [message.id for message in ledger.messages] == [ledger.messages[0].id] * 2
    assert await desk.statuses(endpoint) == ["DELIVERED"]
