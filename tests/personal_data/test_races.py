"""Erasing beside people: what is changed meanwhile is not erased, and pictures are never lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.statuses import Status
from jobs.forget import forget
from jobs.retention import LEAST_WAIT, Retention, erase_finished, erase_pictures
from parts import Parts
from resolvers.store_availability import StoreUnreachable
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ITEM, World, jpeg
from tests.walking import Desk

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

ORDERS = 3
QUERY = """query($id: ID!) { serviceOrder(id: $id) {
  status description personalDataErasedAt timeline { kind } } }"""


async def test_an_order_that_is_reopened_meanwhile_is_not_erased(
    client: Client, given: World, clock: StoppedClock
) -> None:
    desk = await Desk.open(client, given, clock)
    orders = [await desk.pending() for _ in range(ORDERS)]
    for order in orders:
        await desk.decide(order, {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "-"}})

    async def reopen(order: str) -> list[str]:
        return await desk.reviewer.codes("reopenServiceOrder", id=order, reason="看错了照片")

    answers, *_ = await asyncio.gather(
        asyncio.gather(*map(reopen, orders)),
        *(
            forget(given.parts.database, "c-1", merchant_id=desk.shop.id, now=clock.now())
            for _ in range(2)
        ),
    )
    for order, codes in zip(orders, answers, strict=True):
        seen = await desk.reviewer.ask(QUERY, id=order)
        kinds = [event["kind"] for event in seen["timeline"]][2:]
        if codes:
            assert codes == ["PERSONAL_DATA_ERASED"], "the loser is told why"
            assert (seen["description"], kinds) == ("", ["PERSONAL_DATA_ERASED"])
        else:
            assert kinds == ["REOPENED"]
            assert seen["status"] == Status.PENDING_REVIEW
            assert (seen["description"] != "", seen["personalDataErasedAt"]) == (True, None)
    await desk.check_doctor()


async def test_a_picture_goes_with_the_last_order_that_uses_it(
    client: Client, given: World, clock: StoppedClock, parts: Parts
) -> None:
    """Uploaded again before, it stays; uploaded again afterwards, it is whole again."""
    desk = await Desk.open(client, given, clock)
    photo, merchant = jpeg(50), desk.shop.id
    picture = (await desk.storefront.upload(photo, merchantId=desk.shop.global_id))["evidence"][
        "id"
    ]
    sha256 = ids.picture_of(merchant, picture)

    async def applied(customer: str) -> str:
        payload = await desk.storefront.do(
            "submitApplication", "application { serviceOrders { id } }", **_item(customer, picture)
        )
        assert payload["refusals"] == []
        order = payload["application"]["serviceOrders"][0]["id"]
        await desk.decide(order, {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "-"}})
        return str(order)

    async def forgotten(customer: str) -> None:
        await forget(parts.database, customer, merchant_id=merchant, now=clock.now())
        clock.pass_(LEAST_WAIT)

    async def sweep(retention: Retention = parts.retention) -> int:
        return await erase_pictures(retention, clock.now())

    first, _ = await applied("c-2"), await applied("c-3")
    await forgotten("c-2")
    assert await sweep() == 0, "another order uses it"
    assert await parts.pictures.fetch(merchant, sha256) is not None
    assert (await desk.reviewer.ask(QUERY, id=first))["personalDataErasedAt"] is not None
    await forgotten("c-3")
    # While it waits it cannot be attached, as it will not be there.
    refused = await desk.storefront.refused("submitApplication", **_item("c-4", picture))
    assert refused["code"] == "NOT_FOUND"
    await desk.storefront.upload(photo, merchantId=desk.shop.global_id)
    assert await sweep() == 0, "it was uploaded anew"
    await applied("c-4")
    await forgotten("c-4")

    async def away(_merchant: int, _sha256: str) -> None:
        raise StoreUnreachable

    broken = Retention(database=parts.database, clock=clock, delete_file=away)
    with pytest.raises(StoreUnreachable):
        await sweep(broken)
    assert await parts.pictures.fetch(merchant, sha256) is not None
    await desk.check_doctor()
    # An upload that stored its file just before the file is deleted stores it again.
    _, again = await asyncio.gather(
        sweep(), desk.storefront.upload(photo, merchantId=desk.shop.global_id)
    )
    assert again["evidence"]["id"] == picture
    assert await parts.pictures.fetch(merchant, sha256) is not None
    await desk.check_doctor()


async def test_erasing_goes_on_where_it_was_interrupted(
    client: Client, given: World, clock: StoppedClock, parts: Parts
) -> None:
    desk = await Desk.open(client, given, clock)
    for _ in range(3):
        order = await desk.pending()
        await desk.decide(order, {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "-"}})
    clock.pass_(timedelta(days=100))
    now = clock.now()
    counts = [await erase_finished(parts.database, now, 3, StopAfter(1), batch=1) for _ in range(3)]
    assert counts == [1, 1, 1]
    assert await erase_finished(parts.database, now, 3) == 0
    await desk.check_doctor()


class StopAfter(asyncio.Event):
    """Is set once a batch is done: a process ends between two of them."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = 2 + batches  # the list of merchants, the merchant, and the batches

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def _item(customer: str, picture: str) -> dict[str, Any]:
    return {
        "externalRef": f"B-{customer}",
        "orderNumber": f"Q-{customer}",
        "customerRef": customer,
        "customerName": "王小明",
        "customerPhone": "13900000000",
        "items": [{**ITEM, "expectation": "RETURN", "evidenceIds": [picture]}],
    }
