"""Events tell what happened in typed fields; the JSON beside them is in camelCase."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from domain.events import DETAILS, EVERY_KIND
from models.service_order import events
from tests.client import Client
from tests.given import ADDRESS, World

pytestmark = pytest.mark.anyio

TYPED = """reason { code name } returnAddress { contact region detail districtCode }
  returnAddressRule shipment { goods carrier waybill } inbound { carrier waybill freight }
  receipt { packing { finding remark } appearance { finding } receivedQuantity goods remark }
  refund { number amount freight method } newOrderNumber report satisfaction correctedContact
  ruling { remedy amount } clockMove { window dueBefore dueAfter } targetAt
  assignment { assignee { kind name id } previousAssignee { name } cause }"""
QUERY = f"""query($id: ID!) {{ serviceOrder(id: $id) {{
  timeline {{ kind actor {{ kind name id }} details {TYPED} }} }} }}"""
HIDDEN = ("returnAddressRule", "targetAt", "assignment")
PARCEL = {"carrier": "顺丰", "waybill": "SF1"}
FOUND: dict[str, Any] = {
    "packing": {"finding": "INTACT", "remark": "完好"},
    "function": {"finding": "WORKING"},
    "appearance": {"finding": "USED"},
    "accessories": {"finding": "COMPLETE"},
    "invoice": {"finding": "ENCLOSED"},
    "receivedQuantity": 1,
    "goods": "AS_APPLIED",
    "remark": "少量划痕",
}


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from keys(part)
    elif isinstance(value, list):
        for part in value:
            yield from keys(part)


def told(event: dict[str, Any]) -> dict[str, Any]:
    """The typed fields that are not null."""
    others = ("kind", "actor", "details")
    return {name: value for name, value in event.items() if name not in others and value}


async def test_each_kind_of_event_tells_its_own_typed_details_and_customers_see_theirs(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1", quantity=1)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    reason = await given.own_reason(shop, decisions=["APPROVE"])
    employee = (await owner.ask("{ viewer { id } }"))["id"]
    said: list[tuple[Client, str, dict[str, Any]]] = [
        (customer, "amendServiceOrder", {"contact": {"name": "李大花"}}),
        (owner, "reviewServiceOrder", {"decision": {"approve": {"reason": reason}}}),
        (owner, "changeReturnAddress", {}),
        (customer, "shipServiceOrder", {**PARCEL, "freight": "12.00"}),
        (owner, "correctWaybill", {"carrier": "京东", "waybill": "JD1"}),
        (owner, "receiveServiceOrder", FOUND),
        (owner, "exchangeServiceOrder", {"goods": "耳机", **PARCEL}),
        (customer, "confirmServiceOrder", {"satisfaction": 4}),
    ]
    await owner.do("assignServiceOrders", "results { done }", ids=[order.id], assigneeId=employee)
    for asker, name, input_ in said:
        assert await asker.codes(name, id=order.id, **input_) == [], name
    timeline = (await owner.ask(QUERY, id=order.id))["timeline"]
    address = {
        "contact": "王店长",
        "region": "广东省 深圳市 南山区",
        "detail": ADDRESS["detail"],
        "districtCode": ADDRESS["districtCode"],
    }
    main = {"kind": "EMPLOYEE", "name": "店主", "id": employee}
    found = {event["kind"]: told(event) for event in timeline}
    assert found.pop("APPROVED")["reason"]["code"] == reason
    assert found == {
        "SUBMITTED": {},
        "CLAIMED": {
            "assignment": {"assignee": main, "previousAssignee": None, "cause": None},
        },
        "AMENDED": {"correctedContact": ["NAME"]},
        "RETURN_ADDRESS_CHANGED": {"returnAddress": address, "returnAddressRule": "DEFAULT"},
        "SHIPPED": {"inbound": {**PARCEL, "freight": "12.00"}},
        "WAYBILL_CORRECTED": {"inbound": {"carrier": "京东", "waybill": "JD1", "freight": None}},
        "RECEIVED": {
            "receipt": {
                "packing": {"finding": "INTACT", "remark": "完好"},
                "appearance": {"finding": "USED"},
                "receivedQuantity": 1,
                "goods": "AS_APPLIED",
                "remark": "少量划痕",
            }
        },
        "EXCHANGED": {"shipment": {"goods": "耳机", **PARCEL}},
        "CONFIRMED": {"satisfaction": 4},
    }
    seen = (await customer.ask(QUERY, id=order.id))["timeline"]
    shown = {event["kind"]: told(event) for event in timeline if event["kind"] != "CLAIMED"}
    for event in seen:
        expected = {
            name: value for name, value in shown[event["kind"]].items() if name not in HIDDEN
        }
        assert told(event) == expected
        assert event["actor"]["id"] is None
        assert event["actor"]["name"] != "店主"
    for event in (*timeline, *seen):
        listed = DETAILS.get(event["kind"], frozenset()) | EVERY_KIND
        assert set(event["details"] or {}) <= listed
        assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", key) for key in keys(event["details"]))


STORED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "REFUNDED": (
        {"refund": "7", "amount": "5.00", "freight": "1.00", "method": "ORIGINAL_PAYMENT"},
        {
            "refund": {
                "number": "7",
                "amount": "5.00",
                "freight": "1.00",
                "method": "ORIGINAL_PAYMENT",
            }
        },
    ),
    "REFUND_FAILED": (
        {"refund": "7", "amount": "5.00"},
        {"refund": {"number": "7", "amount": "5.00", "freight": None, "method": None}},
    ),
    "RULED_PROCESS": (
        {"remedy": "REFUND", "amount": "5.00"},
        {"ruling": {"remedy": "REFUND", "amount": "5.00"}},
    ),
    "CLOCK_MOVED": (
        {
            "window": "国庆",
            "from": "2026-10-01T00:00:00+00:00",
            "to": "2026-10-08T00:00:00+00:00",
            "targetAt": "2026-10-02T00:00:00+00:00",
        },
        {
            "clockMove": {
                "window": "国庆",
                "dueBefore": "2026-10-01T00:00:00+00:00",
                "dueAfter": "2026-10-08T00:00:00+00:00",
            },
            "targetAt": "2026-10-02T00:00:00+00:00",
        },
    ),
    "REPAIRED": (
        {"report": "换屏", "shipment": {"goods": None, **PARCEL}},
        {"report": "换屏", "shipment": {"goods": None, **PARCEL}},
    ),
    "EXCHANGED": ({"newOrderNumber": "P-9"}, {"newOrderNumber": "P-9"}),
    "REPORTED_UNSOLVED": (
        {"previousAssignee": "小A", "previousAssigneeId": "5"},
        {
            "assignment": {
                "assignee": None,
                "previousAssignee": {"name": "小A"},
                "cause": None,
            }
        },
    ),
    "RULED_CLOSED": ({}, {}),
}
"""What an event of each kind has stored, and what its typed fields show to staff."""


async def test_refunds_rulings_and_moves_of_a_clock_are_typed_as_well(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop, "c-1")).token)
    for kind, (stored, typed) in STORED.items():
        async with given.parts.database.write() as connection:
            await connection.execute(sa.update(events).values(kind=kind, details=stored or None))
        [event] = (await owner.ask(QUERY, id=order.id))["timeline"]
        assert told(event) == typed, kind
        [event] = (await customer.ask(QUERY, id=order.id))["timeline"]
        assert told(event) == {name: typed[name] for name in typed if name not in HIDDEN}, kind


async def test_json_that_was_stored_in_snake_case_is_read_in_camel_case(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop, customer_ref="c-1")
    owner = client.as_(shop.owner.token)
    stored = {
        "returnAddress": {"province_code": "440000", "detail": "a_b 号"},
        "pictures": [{"media_type": "image/png", "sha256": "0"}],
    }
    async with given.parts.database.write() as connection:
        await connection.execute(sa.update(events).values(kind="APPROVED", details=stored))
    query = "query($id: ID!) { serviceOrder(id: $id) { timeline { details } } }"
    for asker in (owner, client.as_((await given.customer(shop, "c-1")).token)):
        [event] = (await asker.ask(query, id=order.id))["timeline"]
        assert event["details"] == {
            "returnAddress": {"provinceCode": "440000", "detail": "a_b 号"},
            "pictures": [{"mediaType": "image/png", "sha256": "0"}],
        }
