"""A desk with its people, for stories that take an order to its end through HTTP."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from doctor.examine import examine
from doctor.finding import Finding
from domain.permissions import Permission
from jobs.timers import fire_timers
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ITEM, Shop, World

FINDINGS: dict[str, Any] = {
    "packing": {"finding": "INTACT"},
    "function": {"finding": "FAULTY", "remark": "开不了机"},
    "appearance": {"finding": "LIKE_NEW"},
    "accessories": {"finding": "INCOMPLETE", "remark": "缺充电线"},
    "invoice": {"finding": "NOT_ISSUED"},
    "receivedQuantity": 1,
    "goods": "AS_APPLIED",
}
"""What the staff finds when it opens a parcel."""

PARCEL = {"carrier": "云驰快递", "waybill": "YC100200300"}


@dataclass
class Desk:
    """A merchant with one employee for each kind of work, its storefront and a customer."""

    given: World
    clock: StoppedClock
    shop: Shop
    reviewer: Client
    receiver: Client
    processor: Client
    supervisor: Client
    storefront: Client
    payments: Client
    customer: Client
    applications: int = 0

    @classmethod
    async def open(cls, client: Client, given: World, clock: StoppedClock) -> "Desk":
        shop = await given.merchant()
        storefront = await given.connector(
            shop, [Permission.APPLICATION_SUBMIT, Permission.CUSTOMER_ACT]
        )
        payments = await given.connector(shop, [Permission.REFUND_REPORT])

        async def employee(name: str, role: str) -> Client:
            return client.as_((await given.employee(shop, name=name, roles=[role])).token)

        issued = await client.as_(storefront.token).do(
            "issueCustomerToken", "accessToken", customerRef="c-1", merchantId=shop.global_id
        )
        return cls(
            given=given,
            clock=clock,
            shop=shop,
            reviewer=await employee("小审", "审核组"),
            receiver=await employee("小收", "收货组"),
            processor=await employee("小处", "处理组"),
            supervisor=await employee("主管", "售后主管"),
            storefront=client.as_(storefront.token),
            payments=client.as_(payments.token),
            customer=client.as_(issued["accessToken"]),
        )

    # The way to a status

    async def applied(self, *expectations: str, **application: Any) -> list[str]:
        """The orders of an application with an item for each expectation."""
        self.applications += 1
        payload = await self.storefront.do(
            "submitApplication",
            "application { serviceOrders { id } }",
            externalRef=f"A-{self.applications}",
            orderNumber=f"P-{self.applications}",
            customerRef="c-1",
            customerName="李小花",
            customerPhone="13812345678",
            items=[
                {**ITEM, "sku": f"SKU-{number}", "expectation": expectation}
                for number, expectation in enumerate(expectations)
            ],
            **application,
        )
        assert payload["refusals"] == []
        return [str(order["id"]) for order in payload["application"]["serviceOrders"]]

    async def pending(self, expectation: str = "RETURN") -> str:
        [order] = await self.applied(expectation)
        return order

    async def approved(self, expectation: str = "RETURN") -> str:
        order = await self.pending(expectation)
        await self.decide(order, {"approve": {"customerNote": "请寄回"}})
        return order

    async def shipped(self, expectation: str = "RETURN") -> str:
        order = await self.approved(expectation)
        await self.take(self.customer, "shipServiceOrder", order, freight="12.00", **PARCEL)
        return order

    async def received(self, expectation: str = "RETURN") -> str:
        order = await self.shipped(expectation)
        await self.take(self.receiver, "receiveServiceOrder", order, **FINDINGS)
        assert await self.status(order) == "AWAITING_PROCESSING"
        return order

    # Steps

    async def take(self, by: Client, mutation: str, order: str, /, **given: Any) -> str:
        """Take a step that has to be possible, a minute later. Returns the status after it."""
        self.clock.pass_(timedelta(minutes=1))
        payload = await by.do(mutation, "serviceOrder { status }", id=order, **given)
        assert payload["refusals"] == [], payload["refusals"]
        return str(payload["serviceOrder"]["status"])

    async def decide(self, order: str, decision: dict[str, Any]) -> str:
        return await self.take(self.reviewer, "reviewServiceOrder", order, decision=decision)

    async def refunded(self, order: str, amount: str, freight: str | None = None) -> str:
        """Submit a refund, and return its id."""
        self.clock.pass_(timedelta(minutes=1))
        payload = await self.supervisor.do(
            "refundServiceOrder",
            "serviceOrder { status } refund { id status }",
            id=order,
            amount=amount,
            freight=freight,
            method="ORIGINAL_PAYMENT",
            customerNote="已原路退款",
        )
        assert payload["refusals"] == [], payload["refusals"]
        assert payload["serviceOrder"]["status"] == "AWAITING_CONFIRMATION"
        assert payload["refund"]["status"] == "SUBMITTED"
        return str(payload["refund"]["id"])

    async def reported(self, refund: str, outcome: str, **given: Any) -> None:
        """The payment service reports what became of a refund."""
        self.clock.pass_(timedelta(minutes=1))
        payload = await self.payments.do(
            "reportRefund", "refund { status }", id=refund, outcome=outcome, **given
        )
        assert payload["refusals"] == [], payload["refusals"]
        assert payload["refund"]["status"] == outcome

    async def time_passes(self, time: timedelta) -> None:
        """Move the clock, and let it act: nothing happens a second before."""
        self.clock.pass_(time - timedelta(seconds=1))
        assert (await fire_timers(self.given.parts.database, self.clock.now())).total == 0
        self.clock.pass_(timedelta(seconds=1))
        await self.act()

    async def act(self) -> None:
        """Let the clock act on everything that is due."""
        await fire_timers(self.given.parts.database, self.clock.now())

    # What is seen

    async def status(self, order: str, by: Client | None = None) -> str:
        query = "query($id: ID!) { serviceOrder(id: $id) { status } }"
        return str((await (by or self.processor).ask(query, id=order))["status"])

    async def kinds(self, order: str) -> list[str]:
        """The kinds of the events that the staff sees, SUBMITTED and APPROVED left out."""
        query = "query($id: ID!) { serviceOrder(id: $id) { timeline { kind } } }"
        timeline = (await self.processor.ask(query, id=order))["timeline"]
        kinds = [str(event["kind"]) for event in timeline]
        return [kind for kind in kinds if kind not in ("SUBMITTED", "APPROVED")]

    async def allowed(self, order: str, by: Client) -> set[str]:
        """The actions that somebody may take."""
        query = "query($id: ID!) { serviceOrder(id: $id) { actions { action allowed } } }"
        actions = (await by.ask(query, id=order))["actions"]
        return {action["action"] for action in actions if action["allowed"]}

    async def check(self, order: str) -> None:
        """The customer sees no gap, and the doctor finds nothing."""
        query = """query($id: ID!) { serviceOrder(id: $id) {
            version updatedAt timeline { sequence at internalNote } } }"""
        seen = await self.customer.ask(query, id=order)
        sequences = [event["sequence"] for event in seen["timeline"]]
        assert sequences == list(range(1, seen["version"] + 1))
        assert seen["updatedAt"] == seen["timeline"][-1]["at"]
        assert not any(event["internalNote"] for event in seen["timeline"])
        await self.check_doctor()

    async def check_doctor(self) -> None:
        """The doctor finds nothing."""
        findings: list[Finding] = []
        parts = self.given.parts
        async with parts.database.read() as connection:
            await examine(connection, parts.pictures, self.clock.now(), findings.append)
        assert findings == []
