"""A refused step shows the order as it is now beside its refusals."""

import pytest

from database.driver_connection import LISTENERS, StatementEvent
from domain.permissions import Permission
from domain.statuses import Status
from schema import ids
from tests.client import Client
from tests.given import World

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

SHAPE = "serviceOrder { id status version review { reviewer { name } at } }"


async def test_a_loser_is_shown_the_order_that_was_decided_without_asking_again(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    winner = client.as_((await given.reviewer(shop, name="小A")).token)
    loser = client.as_((await given.reviewer(shop, name="小B")).token)
    decision: dict[str, object] = {"approve": {}}
    done = await winner.do("reviewServiceOrder", SHAPE, id=order.id, decision=decision)
    refused = await loser.do("reviewServiceOrder", SHAPE, id=order.id, decision=decision)
    assert [refusal["code"] for refusal in refused["refusals"]] == ["ALREADY_DECIDED"]
    assert refused["serviceOrder"] == done["serviceOrder"]
    assert refused["serviceOrder"]["review"]["reviewer"] == {"name": "小A"}

    counts = []
    for shape in ("", SHAPE):
        selects: list[str] = []

        def note(event: StatementEvent, selects: list[str] = selects) -> None:
            if "service_order" in event.statement:
                selects.append(event.statement)

        LISTENERS.append(note)
        try:
            await loser.do("reviewServiceOrder", shape, id=order.id, decision=decision)
        finally:
            LISTENERS.remove(note)
        counts.append(len(selects))
    assert counts[1] == counts[0] + 1, "one read more, and only if it is selected"

    stale = {"text": "催促", "expectedVersion": 1}
    payload = await winner.do("addNote", SHAPE, id=order.id, **stale)
    assert payload["refusals"][0]["code"] == "STALE_VERSION"
    assert payload["serviceOrder"]["version"] == 2


async def test_a_refusal_shows_no_order_that_the_viewer_may_not_see(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await given.in_status(shop, Status.COMPLETED, customer_ref="c-1")
    blind = client.as_((await given.employee(shop, Permission.REVIEW)).token)
    stranger = client.as_(other.owner.token)
    customer = client.as_((await given.customer(shop, "c-2")).token)
    wrong_type = ids.encode("Merchant", shop.id)
    for viewer, id_ in (
        (blind, order.id),
        (stranger, order.id),
        (stranger, ids.encode("ServiceOrder", other.id, order.key)),
        (blind, wrong_type),
    ):
        payload = await viewer.do("reviewServiceOrder", SHAPE, id=id_, decision={"approve": {}})
        assert payload["refusals"]
        assert payload["serviceOrder"] is None
    payload = await customer.do("cancelServiceOrder", SHAPE, id=order.id, reason="不想退了")
    assert payload["refusals"]
    assert payload["serviceOrder"] is None


async def test_a_refused_report_of_a_refund_shows_the_refunds_own_order(
    client: Client, given: World
) -> None:
    """One document: the order of the first report is not shown for the second."""
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    order = await given.in_status(shop, Status.AWAITING_PROCESSING)
    asked = {"id": order.id, "amount": "1.00", "method": "ORIGINAL_PAYMENT"}
    refund = (await owner.do("refundServiceOrder", "refund { id }", **asked))["refund"]["id"]
    await owner.do("reportRefund", id=refund, outcome="SUCCEEDED")
    unknown = ids.encode("Refund", shop.id, 1)
    report = "reportRefund(input: {id: $%s, outcome: FAILED}) { serviceOrder { id } }"
    answer = await owner.ask_all(
        f"mutation($a: ID!, $b: ID!) {{ one: {report % 'a'} two: {report % 'b'} }}",
        {"a": refund, "b": unknown},
    )
    assert answer == {"one": {"serviceOrder": {"id": order.id}}, "two": {"serviceOrder": None}}
