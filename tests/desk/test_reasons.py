"""A merchant's own reasons: kept by the merchant, chosen in decisions, shown on orders."""

from typing import Any

import pytest

from tests.client import Client
from tests.given import Shop, World

pytestmark = pytest.mark.anyio

ENTRY = "reason { code nameZh nameEn parentCode use own decisions position retiredAt }"
STOCK: dict[str, Any] = {
    "use": "REVIEW",
    "handle": "OUT_OF_STOCK",
    "parentCode": "NOT_ELIGIBLE",
    "nameZh": "缺货",
    "nameEn": "Out of stock",
    "decisions": ["REJECT", "RESEND"],
}
COLOUR: dict[str, Any] = {
    "use": "APPLICATION",
    "handle": "COLOUR",
    "parentCode": "PREFERENCE",
    "nameZh": "颜色不喜欢",
}
LIST = """query(
  $use: ReasonUse, $decision: ServiceOrderAction, $merchant: ID, $all: Boolean = false
) {
  reasons(use: $use, decision: $decision, merchantId: $merchant, includeRetired: $all) {
    code name retiredAt } }"""
REVIEWED = "serviceOrder { status review { reason { code name nameZh nameEn parentCode own } } }"


def rejecting(reason: str) -> dict[str, Any]:
    return {"reject": {"reason": reason, "customerNote": "抱歉"}}


async def desk(client: Client, given: World) -> tuple[Shop, Client]:
    shop = await given.merchant()
    return shop, client.as_(shop.owner.token)


async def listed(client: Client, **variables: Any) -> list[str]:
    return [reason["code"] for reason in await client.ask(LIST, **variables)]


async def test_an_own_reason_is_made_listed_in_its_group_and_chosen_in_a_decision(
    client: Client, given: World
) -> None:
    shop, owner = await desk(client, given)
    made = await owner.do("createReason", ENTRY, **STOCK)
    assert made["refusals"] == []
    assert made["reason"] == {
        "code": "XR.OUT_OF_STOCK",
        "nameZh": "缺货",
        "nameEn": "Out of stock",
        "parentCode": "NOT_ELIGIBLE",
        "use": "REVIEW",
        "own": True,
        "decisions": ["REJECT", "RESEND"],
        "position": 0,
        "retiredAt": None,
    }
    codes = await listed(owner, use="REVIEW")
    assert codes.index("XR.OUT_OF_STOCK") == codes.index("EVIDENCE") - 1
    order = await given.order(shop)
    decision = rejecting("XR.OUT_OF_STOCK")
    payload = await owner.do("reviewServiceOrder", REVIEWED, id=order.id, decision=decision)
    assert payload["serviceOrder"]["review"]["reason"] == {
        "code": "XR.OUT_OF_STOCK",
        "name": "Out of stock",
        "nameZh": "缺货",
        "nameEn": "Out of stock",
        "parentCode": "NOT_ELIGIBLE",
        "own": True,
    }
