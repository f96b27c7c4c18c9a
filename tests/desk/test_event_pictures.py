"""Every picture of an order can be seen where it was given, by everybody who may see the event."""

from typing import Any, Final

import pytest

from tests.client import Client
from tests.given import ITEM, RECEIPT, OrderRef, World, jpeg
from tests.steps import PARCEL

pytestmark = pytest.mark.anyio

PICTURES: Final = "pictures { id url mediaType width height bytes }"
TIMELINE: Final = (
    f"query($id: ID!) {{ serviceOrder(id: $id) {{ timeline {{ kind details {PICTURES} }} "
    f"thread {{ {PICTURES} }} }} }}"
)


class Album:
    """Uploads pictures and remembers which event each belongs to."""

    def __init__(self) -> None:
        self.by_kind: dict[str, list[str]] = {}

    async def add(self, kind: str, client: Client) -> list[str]:
        width = 10 + len(self.by_kind)
        self.by_kind[kind] = [str((await client.upload(jpeg(width)))["evidence"]["id"])]
        return self.by_kind[kind]


async def test_every_picture_is_reachable_in_the_place_where_it_was_given(
    client: Client, given: World
) -> None:
    shop, album = await given.merchant(), Album()
    storefront = client.as_((await given.connector(shop)).token)
    owner, customer = [
        client.as_(token) for token in (shop.owner.token, (await given.customer(shop)).token)
    ]
    said = {
        "externalRef": "A-1",
        "orderNumber": "P-1",
        "customerRef": "customer-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [ITEM | {"evidenceIds": await album.add("SUBMITTED", storefront)}],
    }
    payload = await storefront.do(
        "submitApplication", "application { serviceOrders { id } }", **said
    )
    [order] = payload["application"]["serviceOrders"]
    question = {"requestFeedback": {"question": "请补充照片"}}
    steps: list[tuple[str, Client, str, dict[str, Any]]] = [
        ("AMENDED", customer, "amendServiceOrder", {}),
        ("FEEDBACK_REQUESTED", owner, "reviewServiceOrder", {"decision": question}),
        ("RESPONDED", customer, "respondToFeedback", {}),
        ("APPROVED", owner, "reviewServiceOrder", {"decision": {"approve": {}}}),
        ("SHIPPED", customer, "shipServiceOrder", PARCEL),
        ("RECEIVED", owner, "receiveServiceOrder", RECEIPT),
    ]
    for kind, person, mutation, rest in steps:
        evidence = {} if kind == "SHIPPED" else {"evidenceIds": await album.add(kind, person)}
        assert await person.codes(mutation, id=order["id"], **rest, **evidence) == [], kind
    await see_all(client, [owner, customer], order["id"], album)


async def test_the_pictures_of_a_cancelled_parcel_are_seen_at_its_receipt(
    client: Client, given: World
) -> None:
    shop, album = await given.merchant(), Album()
    owner, customer = [
        client.as_(token) for token in (shop.owner.token, (await given.customer(shop)).token)
    ]
    order: OrderRef = await given.order(shop)
    assert await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": {}}) == []
    assert await customer.codes("shipServiceOrder", id=order.id, **PARCEL) == []
    assert await customer.codes("cancelServiceOrder", id=order.id) == []
    evidence = await album.add("CANCELLED_RECEIVED", owner)
    assert await owner.codes("receiveCancelled", id=order.id, evidenceIds=evidence) == []
    await see_all(client, [owner, customer], order.id, album)


async def see_all(client: Client, viewers: list[Client], id_: str, album: Album) -> None:
    """Assert that each viewer finds each picture at its event alone, and can fetch it."""
    for viewer in viewers:
        timeline = (await viewer.ask(TIMELINE, id=id_))["timeline"]
        seen = {event["kind"]: event["pictures"] for event in timeline if event["pictures"]}
        assert {kind: [one["id"] for one in ones] for kind, ones in seen.items()} == album.by_kind
        for [picture] in seen.values():
            response = await client.http.get(picture["url"])
            assert response.status_code == 200
            assert response.headers["content-type"] == picture["mediaType"]
            assert len(response.content) == picture["bytes"]


async def test_an_event_without_pictures_has_an_empty_list(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    assert await owner.codes("addNote", id=order.id, text="看过了") == []
    timeline = (await owner.ask(TIMELINE, id=order.id))["timeline"]
    assert [event["pictures"] for event in timeline] == [[], []]
