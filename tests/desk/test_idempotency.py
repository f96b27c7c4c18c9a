"""A request under a key is carried out once, however often it comes; and answers again."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from domain.actions import Action
from domain.lifecycle import LIFECYCLE
from domain.permissions import Permission
from domain.refusals.repeating import IdempotencyKeyReused
from domain.statuses import Status
from models.export import exports
from models.idempotency import idempotency_keys
from models.merchant import return_addresses
from models.service_order import events
from tests.client import Client, Failed
from tests.conftest import NOON, StoppedClock
from tests.given import ADDRESS, ITEM, RECEIPT, OrderRef, Shop, World
from tests.house.test_statements import counting
from tests.steps import WAYS

pytestmark = pytest.mark.anyio

KEY = "4b5c0d52-1b0e-4f0c-9d0e-6c0f5c1f7a01"
REJECT: dict[str, Any] = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}
APPLICATION: dict[str, Any] = {
    "externalRef": "A-1",
    "orderNumber": "P-1001",
    "customerRef": "c-1",
    "customerName": "李小花",
    "customerPhone": "13812345678",
    "items": [ITEM],
}
ORDER = "replayed serviceOrder { id status version }"
RESULTS = """replayed results { index done replayed serviceOrder { id status version }
  refusals { code } }"""

BY_ITSELF = {
    "submitApplication",
    "saveReturnAddress",
    "claimServiceOrders",
    "exportServiceOrders",
}
"""Mutations that name no order; the result of all but an export is known at their end."""


@dataclass(frozen=True)
class Case:
    """A mutation: who asks, of an order in which status, for what, and something else instead."""

    name: str
    who: str
    status: Status
    said: dict[str, Any]
    other: dict[str, Any]
    shape: str = ORDER
    many: bool = field(default=False, kw_only=True)
    written: sa.Table = field(default=events, kw_only=True)
    """Where it leaves one row each time it is carried out."""
    columns: dict[str, Any] = field(default_factory=dict, kw_only=True)
    """What else the order has to be like."""

    def about(self, order: OrderRef) -> dict[str, Any]:
        if self.name in BY_ITSELF:
            return {}
        if self.name == "receiveServiceOrders":
            return {"receipts": [{"id": order.id, **RECEIPT}]}
        return {"ids": [order.id]} if self.many else {"id": order.id}

    def __str__(self) -> str:
        return self.name


WAITING = Status.PENDING_REVIEW
WRITTEN = [
    Case(
        "reviewServiceOrder", "owner", WAITING, {"decision": REJECT}, {"decision": {"approve": {}}}
    ),
    Case(
        "reviewServiceOrders",
        "owner",
        WAITING,
        {"decision": REJECT},
        {"atomic": True},
        RESULTS,
        many=True,
    ),
    Case(
        "exchangeServiceOrder",
        "owner",
        Status.AWAITING_PROCESSING,
        {"newOrderNumber": "P2"},
        {"newOrderNumber": "P3"},
    ),
    Case(
        "repairServiceOrder",
        "owner",
        Status.AWAITING_PROCESSING,
        {"report": "换屏", "carrier": "SF", "waybill": "1"},
        {"report": "换线"},
    ),
    Case(
        "sendBackServiceOrder",
        "owner",
        Status.AWAITING_PROCESSING,
        {"carrier": "SF", "waybill": "1"},
        {"waybill": "2"},
    ),
    Case(
        "amendServiceOrder",
        "customer",
        WAITING,
        {"contact": {"phone": "13900000000"}},
        {"contact": {"phone": "13900000001"}},
    ),
    Case(
        "correctWaybill",
        "customer",
        Status.AWAITING_RECEIPT,
        {"carrier": "SF", "waybill": "1"},
        {"waybill": "2"},
    ),
    Case(
        "confirmServiceOrder",
        "customer",
        Status.AWAITING_CONFIRMATION,
        {"satisfaction": 5},
        {"satisfaction": 1},
    ),
    Case(
        "reportUnsolved",
        "customer",
        Status.AWAITING_CONFIRMATION,
        {"message": "还是坏的"},
        {"message": "没有收到"},
    ),
    Case(
        "escalateServiceOrder",
        "customer",
        Status.AWAITING_SHIPMENT,
        {"reason": "谈不拢"},
        {"reason": "?"},
    ),
    Case(
        "shipServiceOrders",
        "customer",
        Status.AWAITING_SHIPMENT,
        {"carrier": "SF", "waybill": "1", "freight": "12.00"},
        {"waybill": "2"},
        RESULTS,
        many=True,
    ),
    Case(
        "receiveServiceOrders",
        "owner",
        Status.AWAITING_RECEIPT,
        {},
        {"receipts": "remarked"},
        RESULTS,
        many=True,
    ),
    Case(
        "assignServiceOrders",
        "owner",
        WAITING,
        {"assigneeId": "owner"},
        {"assigneeId": None},
        RESULTS,
        many=True,
    ),
    Case(
        "claimServiceOrders",
        "owner",
        WAITING,
        {"queue": "REVIEW", "count": 1},
        {"count": 2},
        "replayed serviceOrders { id status version }",
    ),
    Case(
        "receiveCancelled",
        "owner",
        Status.CANCELLED,
        {"remark": "已拆"},
        {"remark": "未拆"},
        columns={"shipped_at": NOON},
    ),
    Case(
        "returnCancelled",
        "owner",
        Status.CANCELLED,
        {"carrier": "SF", "waybill": "1"},
        {"waybill": "2"},
        columns={"shipped_at": NOON, "received_at": NOON},
    ),
    Case("receiveServiceOrder", "owner", Status.AWAITING_RECEIPT, RECEIPT, {"remark": "有划痕"}),
    Case(
        "undoProcessing",
        "owner",
        Status.AWAITING_CONFIRMATION,
        {},
        {"expectedVersion": 1},
        columns={"last_action": Action.SEND_BACK},
    ),
    Case(
        "solveServiceOrder",
        "owner",
        Status.AWAITING_PROCESSING,
        {"customerNote": "已补寄"},
        {"customerNote": "已退款"},
        columns={"last_action": Action.REPORT_UNSOLVED},
    ),
    Case(
        "replyToServiceOrder",
        "customer",
        Status.AWAITING_PROCESSING,
        {"text": "好"},
        {"text": "不好"},
    ),
    Case(
        "updateShipment",
        "owner",
        Status.AWAITING_CONFIRMATION,
        {"carrier": "SF", "waybill": "1"},
        {"waybill": "2"},
    ),
    Case(
        "refundServiceOrder",
        "owner",
        Status.AWAITING_PROCESSING,
        {"amount": "10.00", "method": "BALANCE"},
        {"amount": "10.01"},
        f"{ORDER} refund {{ id status }}",
    ),
    Case(
        "reportRefund",
        "owner",
        Status.AWAITING_PROCESSING,
        {"outcome": "SUCCEEDED"},
        {"paymentRef": "PAY-1"},
        f"{ORDER} refund {{ id status }}",
    ),
    Case(
        "ruleOnServiceOrder",
        "platform",
        Status.AWAITING_PROCESSING,
        {"ruling": {"process": {"remedy": "OTHER", "text": "补偿"}}},
        {"ruling": {"close": {"text": "关闭"}}},
        columns={"escalated_at": NOON},
    ),
    Case(
        "revealCustomerContact",
        "owner",
        WAITING,
        {},
        {"id": "another"},
        f"{ORDER} contact {{ name phone }}",
    ),
    Case(
        "submitApplication",
        "storefront",
        WAITING,
        APPLICATION,
        {"customerName": "李大花"},
        "replayed application { id serviceOrders { id status version } }",
    ),
    Case(
        "saveReturnAddress",
        "owner",
        WAITING,
        {"address": ADDRESS},
        {"makeDefault": True},
        "replayed returnAddress { id isDefault }",
        written=return_addresses,
    ),
    Case(
        "exportServiceOrders",
        "owner",
        WAITING,
        {"columns": ["NUMBER"], "format": "CSV"},
        {"format": "NDJSON"},
        "replayed export { id status format }",
        written=exports,
    ),
]
CASES = [
    *WRITTEN,
    *[
        Case(
            way.mutation,
            "customer" if LIFECYCLE[action].customer else "owner",
            min(LIFECYCLE[action].sources, key=[*Status].index),
            dict(way.input),
            {"expectedVersion": 1},
        )
        for action, way in WAYS.items()
        if way.mutation not in {case.name for case in WRITTEN}
    ],
]


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


each = pytest.mark.parametrize("case", CASES, ids=str)

KINDS = {
    "reviewServiceOrder",
    "reviewServiceOrders",
    "claimServiceOrders",
    "submitApplication",
    "exportServiceOrders",
    "revealCustomerContact",
    "reportRefund",
}
"""A mutation of each kind. A database that counts other statements for one kind shows it here."""


@dataclass(frozen=True)
class Desk:
    """A merchant, an order, and whoever may do something to it."""

    given: World
    client: Client
    shop: Shop
    order: OrderRef
    tokens: dict[str, str]
    refunds: list[str] = field(default_factory=list)

    @classmethod
    async def open(
        cls, given: World, client: Client, status: Status = WAITING, /, **columns: Any
    ) -> "Desk":
        shop = await given.merchant()
        tokens = {
            "owner": shop.owner.token,
            "customer": (await given.customer(shop)).token,
            "storefront": (await given.connector(shop)).token,
            "platform": (await given.platform()).token,
        }
        return cls(given, client, shop, await given.in_status(shop, status, **columns), tokens)

    async def prepare(self, case: Case) -> None:
        """Make what the case needs besides the order."""
        if case.name == "reportRefund" and not self.refunds:
            self.refunds.append(await self.given.refund(self.order))

    async def do(self, case: Case, key: str | None = KEY, /, **changes: Any) -> Any:
        said = case.about(self.order) | case.said | changes
        await self.prepare(case)
        if case.name == "reportRefund":
            said["id"] = self.refunds[0]
        if said.get("assigneeId") == "owner":
            said["assigneeId"] = self.shop.owner.global_id
        if changes.get("id") == "another":
            said["id"] = (await self.given.order(self.shop)).id
        if changes.get("receipts") == "remarked":
            said["receipts"] = [{"id": self.order.id, **RECEIPT, "remark": "有划痕"}]
        asker = self.client.as_(self.tokens[case.who])
        return await asker.do(case.name, case.shape, idempotencyKey=key, **said)

    async def written(self, case: Case) -> int:
        return await count(self.given, case.written)


async def count(given: World, table: sa.Table) -> int:
    async with given.parts.database.read() as connection:
        counted = await connection.execute(sa.select(sa.func.count()).select_from(table))
        return int(counted.scalar_one())


def codes(payload: Any) -> list[str]:
    return [refusal["code"] for refusal in payload["refusals"]]


@each
async def test_a_request_that_comes_again_is_done_once_and_answered_again(
    client: Client, given: World, case: Case
) -> None:
    desk = await Desk.open(given, client, case.status, **case.columns)
    before = await desk.written(case)
    first = await desk.do(case)
    assert codes(first) == []
    assert await desk.written(case) == before + 1
    again = [await desk.do(case) for _ in range(2)]
    assert await desk.written(case) == before + 1
    assert await count(given, idempotency_keys) == 1
    assert first.pop("replayed") is False
    for result in first.get("results", []):
        assert result.pop("replayed") is False
    for one in again:
        assert one.pop("replayed") is True
        for result in one.get("results", []):
            assert result.pop("replayed") is True
    assert again == [first, first]


@pytest.mark.one_database
@each
async def test_without_a_key_nothing_is_kept(client: Client, given: World, case: Case) -> None:
    desk = await Desk.open(given, client, case.status, **case.columns)
    payload = await desk.do(case, None)
    assert (codes(payload), payload["replayed"]) == ([], False)
    assert await count(given, idempotency_keys) == 0


@pytest.mark.one_database
@each
async def test_a_key_that_was_used_for_other_input_is_refused(
    client: Client, given: World, case: Case
) -> None:
    desk = await Desk.open(given, client, case.status, **case.columns)
    await desk.do(case)
    before = await desk.written(case)
    payload = await desk.do(case, **case.other)
    [refusal] = payload["refusals"]
    assert (refusal["code"], refusal["retryable"], refusal["path"]) == (
        IdempotencyKeyReused.code(),
        False,
        ["idempotencyKey"],
    )
    assert payload["replayed"] is False
    created = 1 if case.name == "revealCustomerContact" else 0  # the other order itself
    assert await desk.written(case) == before + created
    assert (await desk.do(case))["replayed"] is True


@pytest.mark.parametrize("who", ["owner", "customer", "storefront"])
async def test_a_key_that_was_used_for_another_mutation_is_refused(
    client: Client, given: World, who: str
) -> None:
    theirs = [case for case in CASES if case.who == who]
    for at, case in enumerate(theirs):
        desk = await Desk.open(given, client, case.status, **case.columns)
        assert codes(await desk.do(case)) == []
        for other in theirs[:at] + theirs[at + 1 :]:
            assert codes(await desk.do(other)) == [IdempotencyKeyReused.code()], (case, other)


async def test_the_same_input_is_the_same_however_it_is_said(client: Client, given: World) -> None:
    """Fields in another order, and defaults said or left out, make no other request."""
    desk = await Desk.open(given, client)
    asker = client.as_(desk.shop.owner.token)
    ways: list[dict[str, Any]] = [
        {"id": desk.order.id, "decision": {"approve": {}}, "idempotencyKey": KEY},
        {"idempotencyKey": KEY, "decision": {"approve": {}}, "id": desk.order.id},
        {
            "id": desk.order.id,
            "decision": {"approve": {"reason": None, "customerNote": None}},
            "evidenceIds": [],
            "expectedVersion": None,
            "idempotencyKey": KEY,
        },
    ]
    said = [await asker.do("reviewServiceOrder", ORDER, **way) for way in ways]
    assert [(codes(one), one["replayed"]) for one in said] == [([], False), ([], True), ([], True)]


async def test_one_document_may_say_it_twice(client: Client, given: World) -> None:
    """Its mutations run one after the other, and each is a request of its own."""
    desk = await Desk.open(given, client)
    note = """addNote(input: {id: $id, text: "催促", idempotencyKey: $key}) {
      replayed serviceOrder { version } refusals { code } }"""
    reveal = """revealCustomerContact(input: {id: $id, idempotencyKey: $key}) {
      replayed serviceOrder { version } refusals { code } }"""
    answer = await client.as_(desk.shop.owner.token).ask_all(
        f"mutation($id: ID!, $key: String!) {{ one: {note} two: {note} three: {reveal} }}",
        {"id": desk.order.id, "key": KEY},
    )
    done = {"serviceOrder": {"version": 2}, "refusals": []}
    assert answer == {
        "one": {"replayed": False, **done},
        "two": {"replayed": True, **done},
        "three": {
            "replayed": False,
            "serviceOrder": {"version": 2},
            "refusals": [{"code": IdempotencyKeyReused.code()}],
        },
    }


async def test_the_same_key_of_somebody_else_is_another_key(client: Client, given: World) -> None:
    desk = await Desk.open(given, client)
    people = [desk.shop.owner, *[await given.reviewer(desk.shop, name) for name in ("小A", "小B")]]
    for at, person in enumerate(people):
        payload = await client.as_(person.token).do(
            "addNote", ORDER, id=desk.order.id, text="催促", idempotencyKey=KEY
        )
        assert payload["replayed"] is False
        assert payload["serviceOrder"]["version"] == 2 + at


async def test_the_same_key_of_another_customer_is_another_key(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    for ref in ("customer-1", "customer-2"):
        [order] = await given.application(shop, customer_ref=ref)
        customer = client.as_((await given.customer(shop, ref)).token)
        for replayed in (False, True):
            payload = await customer.do(
                "cancelServiceOrder", ORDER, id=order.id, idempotencyKey=KEY
            )
            assert payload["replayed"] is replayed
            assert payload["serviceOrder"]["id"] == order.id


async def test_the_same_key_with_another_merchant_is_another_key(
    client: Client, given: World
) -> None:
    storefront = client.as_((await given.connector()).token)
    shape = "replayed application { id merchant { name } }"
    found = []
    for name in ("京北", "京南"):
        shop = await given.merchant(name)
        for replayed in (False, True):
            payload = await storefront.do(
                "submitApplication",
                shape,
                merchantId=shop.global_id,
                idempotencyKey=KEY,
                **APPLICATION,
            )
            assert payload["replayed"] is replayed
            assert codes(payload) == []
            found.append(payload["application"]["id"])
    assert len(set(found)) == 2


async def test_what_was_done_is_answered_though_it_could_not_be_done_now(
    client: Client, given: World
) -> None:
    desk = await Desk.open(given, client)
    platform = client.as_((await given.platform()).token)
    review, said = named("reviewServiceOrder"), {"merchantId": desk.shop.global_id}
    first = await desk.do(review)
    assert await platform.codes("suspendMerchant", **said, reason="检查") == []
    again = await desk.do(review)
    assert (codes(again), again["replayed"]) == ([], True)
    assert again["serviceOrder"] == first["serviceOrder"]
    assert codes(await desk.do(review, "another key")) == [
        "MERCHANT_NOT_ENABLED",
        "ALREADY_DECIDED",
    ]


async def test_a_permission_that_is_gone_is_asked_for_before_anything_is_answered(
    client: Client, given: World
) -> None:
    desk = await Desk.open(given, client)
    person = await given.employee(desk.shop, Permission.NOTE)
    asker, owner = client.as_(person.token), client.as_(desk.shop.owner.token)
    said = {"id": desk.order.id, "text": "催促", "idempotencyKey": KEY}
    assert await asker.codes("addNote", **said) == []
    await owner.do("updateEmployee", id=person.global_id, extraPermissions=[])
    assert await asker.codes("addNote", **said) == ["FORBIDDEN"]


async def test_what_is_answered_again_is_the_order_as_it_is_now(
    client: Client, given: World
) -> None:
    desk = await Desk.open(given, client)
    review, cancel = named("reviewServiceOrder"), named("cancelServiceOrder")
    approval: dict[str, Any] = {"decision": {"approve": {}}}
    first = await desk.do(review, **approval)
    assert first["serviceOrder"]["status"] == "AWAITING_SHIPMENT"
    await desk.do(cancel)
    again = await desk.do(review, **approval)
    assert (again["replayed"], again["serviceOrder"]) == (
        True,
        {"id": desk.order.id, "status": "CANCELLED", "version": 3},
    )


@pytest.mark.parametrize(
    ("hours", "replayed"), [(timedelta(hours=24, seconds=-1), True), (timedelta(hours=24), False)]
)
async def test_a_key_stands_for_its_request_for_twenty_four_hours(
    client: Client, given: World, clock: StoppedClock, hours: timedelta, replayed: bool
) -> None:
    desk = await Desk.open(given, client)
    note = named("addNote")
    assert (await desk.do(note))["replayed"] is False
    clock.pass_(hours)
    assert (await desk.do(note))["replayed"] is replayed
    # The key that was free begins anew, and one that was not is no younger for having been used.
    clock.pass_(timedelta(seconds=1))
    assert (await desk.do(note))["replayed"] is (not replayed)
    assert await count(given, idempotency_keys) == 1


async def test_a_free_key_can_be_used_for_something_else(
    client: Client, given: World, clock: StoppedClock
) -> None:
    desk = await Desk.open(given, client)
    note, reveal = named("addNote"), named("revealCustomerContact")
    await desk.do(note)
    clock.pass_(timedelta(hours=24))
    assert (await desk.do(reveal))["replayed"] is False
    assert codes(await desk.do(note)) == [IdempotencyKeyReused.code()]


async def test_a_refused_request_leaves_its_key_free(client: Client, given: World) -> None:
    shop = await given.merchant(address=False)
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    said = {"id": order.id, "decision": {"approve": {}}, "idempotencyKey": KEY}
    assert codes(await owner.do("reviewServiceOrder", ORDER, **said)) == ["NO_RETURN_ADDRESS"]
    assert await count(given, idempotency_keys) == 0
    await given.return_address(shop.id)
    for replayed in (False, True):
        payload = await owner.do("reviewServiceOrder", ORDER, **said)
        assert (codes(payload), payload["replayed"]) == ([], replayed)


async def test_what_breaks_on_the_way_leaves_the_key_free(client: Client, given: World) -> None:
    desk = await Desk.open(given, client)
    note = named("addNote")

    async def rename(old: str, new: str) -> None:
        async with given.parts.database.write() as connection:
            await connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename("service_order_event", "gone")
    with pytest.raises(Failed) as failed:
        await desk.do(note)
    assert failed.value.code == "INTERNAL"
    assert await count(given, idempotency_keys) == 0
    await rename("gone", "service_order_event")
    assert [(await desk.do(note))["replayed"] for _ in range(2)] == [False, True]
    assert (await given.row(desk.order)).version == 2


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb", "a\0b", "a\x7fb", "\u202eb", "\ufeff"])
async def test_a_key_that_is_none_is_refused(client: Client, given: World, key: str) -> None:
    desk = await Desk.open(given, client)
    for case in CASES:
        with pytest.raises(Failed) as failed:
            await desk.do(case, key)
        assert failed.value.code == "BAD_USER_INPUT"
        assert failed.value.extensions["argument"] == ["idempotencyKey"]
    assert await count(given, idempotency_keys) == 0


@pytest.mark.parametrize("key", ["x", "x" * 128, "订单 1 · 审核", " ", "😀" * 128])
async def test_any_printable_key_will_do(client: Client, given: World, key: str) -> None:
    desk = await Desk.open(given, client)
    assert [(await desk.do(named("addNote"), key))["replayed"] for _ in range(2)] == [False, True]


async def statements(desk: Desk, case: Case, key: str | None) -> int:
    """How many statements ran where it is written, without that for the viewer."""
    database = desk.given.parts.database
    with counting(database.writing) as found:
        payload = await desk.do(case, key)
    assert codes(payload) == []
    return sum("FROM sign_in" not in statement for statement in found)


@pytest.mark.parametrize(
    "case",
    [
        case if case.name in KINDS else pytest.param(case, marks=pytest.mark.one_database)
        for case in CASES
    ],
    ids=str,
)
async def test_a_key_costs_one_statement_and_none_costs_nothing(
    client: Client, given: World, case: Case
) -> None:
    """Where the result is known in the end only, it is written in a second one."""
    plain = await statements(
        await Desk.open(given, client, case.status, **case.columns), case, None
    )
    desk = await Desk.open(given, client, case.status, **case.columns)
    first, again = [await statements(desk, case, KEY) for _ in range(2)]
    late = case.many or case.name in BY_ITSELF - {"exportServiceOrders"}
    assert first - plain == (2 if late else 1)
    # The merchant; the contact; the refund.
    reads = {"submitApplication": 1, "revealCustomerContact": 1, "reportRefund": 1}
    assert again == 2 + reads.get(case.name, 0)
