"""A message holds what its endpoint may see of the order when it is sent, and no more."""

from typing import Any

import pytest

from auth.endpoint_viewer import find_viewer
from domain.permissions import Permission
from resolvers.context import ClientRequest, Context
from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import Ledger

pytestmark = pytest.mark.anyio

SELECTION = """query Order($id: ID!) { serviceOrder(id: $id) { number status version ...Who
  timeline(last: 1) { kind customerNote } } }
fragment Who on ServiceOrder { customer { name phone } item { name } }"""
READS = {"selection": SELECTION, "scopes": ["SERVICE_ORDER_READ"]}


async def test_a_message_holds_the_selected_fields_as_the_api_shows_them(
    desk: Desk, ledger: Ledger
) -> None:
    await desk.endpoint(ledger.url(), **READS)
    order = await desk.order()
    await desk.note(order)
    await desk.note(order)
    await desk.work()
    first, second = ledger.messages
    shown = await desk.client.ask(SELECTION, id=order.id)
    assert first.data["serviceOrder"] == second.data["serviceOrder"] == shown
    assert shown["version"] == 3, "as it is when the message is sent"
    assert "errors" not in first.data
    assert first.data.keys() == {
        "merchantId",
        "serviceOrderId",
        "sequence",
        "cursor",
        "serviceOrder",
    }


async def test_a_selection_without_its_scope_is_null_with_the_reason(
    desk: Desk, ledger: Ledger
) -> None:
    await desk.endpoint(ledger.url(), selection=SELECTION)
    await desk.note(await desk.order())
    await desk.work()
    assert_forbidden(ledger.messages[0].data)


def assert_forbidden(data: dict[str, Any]) -> None:
    assert data["serviceOrder"] is None
    assert [error["code"] for error in data["errors"]] == ["FORBIDDEN"]
    assert data["sequence"] > 1, "the ids and the cursor are sent all the same"


async def test_an_endpoint_sees_no_more_than_its_owner_still_may(
    desk: Desk, ledger: Ledger
) -> None:
    owner, order = desk.client, await desk.order()
    settings, reading = Permission.SETTINGS_MANAGE, Permission.SERVICE_ORDER_READ
    keepers = [await desk.given.employee(desk.shop, settings, reading) for _ in range(3)]
    for number, keeper in enumerate(keepers):
        desk.client = owner.as_(keeper.token)
        await desk.endpoint(ledger.url(f"/{number}"), **READS)
    desk.client = owner
    await desk.note(order)
    await desk.work()
    for keeper, kept in zip(keepers, ([settings], [reading]), strict=False):
        codes = await owner.codes(
            "updateEmployee", id=keeper.global_id, roleIds=[], extraPermissions=kept
        )
        assert codes == []
    assert await owner.codes("disableEmployee", id=keepers[2].global_id) == []
    await desk.note(order)
    await desk.work()
    for number in range(3):
        before, after = ledger.to(f"/{number}")
        assert before.data["serviceOrder"]["number"]
        assert_forbidden(after.data)


async def test_a_selection_that_no_longer_fits_the_api_says_so_and_the_rest_is_sent(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url(), **READS)
    gone = "query($id: ID!) { serviceOrder(id: $id) { removedField } }"
    await desk.set(endpoint, selection=gone)
    await desk.note(await desk.order())
    await desk.work()
    data = ledger.messages[0].data
    assert data["serviceOrder"] is None
    assert [error["code"] for error in data["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_the_viewer_of_an_endpoint_sees_no_order_of_another_merchant(desk: Desk) -> None:
    other = await desk.given.merchant("另一家店铺")
    own, foreign = await desk.order(), await desk.given.order(other)
    async with desk.parts.database.read() as connection:
        viewer = await find_viewer(
            connection,
            desk.shop.id,
            1,
            owner_id=desk.shop.owner.id,
            scopes=["SERVICE_ORDER_READ"],
        )
    for order, is_seen in ((own, True), (foreign, False)):
        context = Context(desk.parts.services, ClientRequest(now=desk.clock.now()), viewer)
        answer = await desk.documents.answer(SELECTION, order.id, context)
        assert (answer.value is not None) is is_seen
