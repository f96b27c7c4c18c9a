"""The world that generated operations are about, and everything that they can name in it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import sqlalchemy as sa
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLSchema

from domain.actions import Action
from domain.desk.receipts import InboundShipment
from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from domain.statuses import Status
from jobs.timers import fire_timers
from models.application import applications
from models.service_order import service_orders
from models.tables import add
from models.waybill import ServiceOrderWaybill, waybills
from schema import ids
from schema.access import Access, Requires, SignedIn
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, Person, Shop, World
from tests.house.test_statements import PICTURE, RECEIPT, Desk

ORDERINGS = (
    "APPLIED_AT_DESC",
    "APPLIED_AT_ASC",
    "UPDATED_AT_DESC",
    "UPDATED_AT_ASC",
    "DUE_AT_ASC",
    "DUE_AT_DESC",
)
MALFORMED = ("", "x", "###", "U2Vydmlj", "服务单", ids.encode("Query", 1), ids.encode("Merchant"))


PROCESSING = {
    "action": Action.REPAIR,
    "by": "小P",
    "report": "换屏",
    "outbound": {"goods": None, "carrier": "顺丰", "waybill": "SF1"},
}


@dataclass
class Stage:
    """Whoever can ask, and what they can ask about."""

    world: World
    client: Client
    schema: GraphQLSchema
    shop: Shop
    viewers: dict[str, str | None]
    known: dict[str, list[str]]
    words: dict[str, list[str]]
    """What the filters for words can find, by the filter's name."""
    cursors: dict[str, list[str]]
    held: dict[str, frozenset[str]]

    @classmethod
    async def set(
        cls, world: World, clock: StoppedClock, client: Client, schema: GraphQLSchema
    ) -> Self:
        desk = await Desk.open(world, client)
        await desk.add_order()
        shop, other = desk.shop, await world.merchant("别家")
        viewers = {
            **{name: person.token for name, person in desk.people.items()},
            **{name: one.token for name, one in (await _more_people(world, shop, other)).items()},
            "nobody": None,
            "bad token": "not-a-token",
        }
        orders = [*desk.orders, *await _more_orders(world, clock, shop, schema)]
        await _more_messages(client.as_(shop.owner.token), orders)
        foreign = await world.order(other, sku="SKU-9")
        await world.merchant("还没开通", enrolment=EnrolmentStatus.NOT_ENROLLED, address=False)
        stage = cls(world, client, schema, shop, viewers, {}, {}, {}, {})
        stage.known = _ids(desk, [*orders, foreign], other)
        await stage._read()
        return stage

    @property
    def own(self) -> list[str]:
        """The orders of the owner's shop: the last two are somebody else's, and none at all."""
        return self.known["ServiceOrder"][:-2]

    async def _read(self) -> None:
        """Take from real answers what clients have from there."""
        owner, platform = self.as_("owner"), self.as_("platform")
        said: dict[str, list[str]] = {}
        for order in ORDERINGS:
            text = f"{{ serviceOrders(first: 30, orderBy: {order}) {{ edges {{ cursor }} }} }}"
            said[order] = _cursors(await owner.ask(text))
        said["employees"] = _cursors(await owner.ask("{ employees { edges { cursor } } }"))
        said["enrolments"] = _cursors(await platform.ask("{ enrolments { edges { cursor } } }"))
        self.cursors = said
        for name, column in filters_for_words(self.schema).items():
            self.words[name] = await self._values(column)
        connectors = await owner.ask("{ connectors { id } }")
        self.known["Connector"] = [one["id"] for one in connectors]

        for viewer in self.viewers:
            if viewer != "bad token":
                asked = await self.as_(viewer).ask("{ viewer { permissions { permission } } }")
                held = [] if asked is None else asked["permissions"]
                self.held[viewer] = frozenset(one["permission"] for one in held)

    async def _values(self, column: sa.Column[Any]) -> list[str]:
        """What a column of the orders of the owner's shop holds."""
        async with self.world.parts.database.read() as connection:
            values = await connection.scalars(
                sa.select(column)
                .distinct()
                .where(column.table.c.merchant_id == self.shop.id, column.is_not(None))
                .order_by(column)
            )
            return [str(value) for value in values]

    def may(self, viewer: str, field: GraphQLField) -> bool:
        """Whether the viewer may ask for a field of the root at all."""
        [access] = (
            one
            for one in field.extensions["strawberry-definition"].extensions
            if isinstance(one, Access)
        )
        if isinstance(access, Requires):
            needed = {access.permission.value, *(one.value for one in access.others)}
            return not needed.isdisjoint(self.held.get(viewer, ()))
        return not isinstance(access, SignedIn) or viewer not in {"nobody", "bad token"}

    def as_(self, viewer: str, language: str = "en") -> Client:
        asked = self.client.as_(self.viewers[viewer])
        asked.language = language
        return asked


def filters_for_words(schema: GraphQLSchema) -> dict[str, sa.Column[Any]]:
    """The columns that the filters of orders compare words with."""
    kind = schema.type_map["ServiceOrderFilter"]
    assert isinstance(kind, GraphQLInputObjectType)
    names = [name for name, field in kind.fields.items() if str(field.type) == "String"]
    of_other_names: dict[str, sa.Column[Any]] = {
        "number": service_orders.c.id,
        "numberPrefix": service_orders.c.order_number,
        "waybill": waybills.c.waybill,
        "phone": applications.c.customer_phone,
        "customerName": applications.c.customer_name,
    }
    return {
        name: of_other_names[name] if name in of_other_names else service_orders.c[to_snake(name)]
        for name in names
    }


def to_snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


async def _more_people(world: World, shop: Shop, other: Shop) -> dict[str, Person]:
    return {
        "reviewer": await world.reviewer(shop),
        "reader": await world.employee(shop, name="只看", roles=["只读"]),
        "employee without a permission": await world.employee(shop, name="新来的"),
        "other owner": other.owner,
        "connector": await world.connector(shop),
        "storefront of all": await world.connector(),
        "platform's enrolments": await world.platform(Permission.ENROLMENT_REVIEW),
    }


async def _more_orders(
    world: World, clock: StoppedClock, shop: Shop, schema: GraphQLSchema
) -> list[OrderRef]:
    """One in every status; overdue ones, with and without a decision of the clock; a resend."""
    overdue = await world.order(shop)
    clock.pass_(timedelta(hours=48))
    await fire_timers(world.parts.database, clock.now())
    late = await world.order(shop, pictures=[PICTURE] * 3, quantity=3, unit_price=1)
    clock.pass_(timedelta(hours=49))
    found = [overdue, late]
    for at, status in enumerate(Status):
        columns: dict[str, Any] = {"sku": f"SKU-{at % 4}", "review_customer_note": "请寄回"}
        if status is Status.AWAITING_CONFIRMATION:
            columns["review_shipment"] = {"goods": "耳机", "carrier": "顺丰", "waybill": None}
            columns["decision"] = Action.RESEND
        if status is Status.COMPLETED:
            columns["processed_at"] = clock.now()
            columns["processing"] = PROCESSING
        if status is Status.AWAITING_PROCESSING:
            columns |= {"shipped_at": clock.now(), "inbound": InboundShipment().stored()}
            columns |= {"received_at": clock.now(), "receipt": RECEIPT.stored()}
            columns["receipt_pictures"] = [PICTURE] * 2
        if status is Status.CANCELLED:
            columns |= {"received_at": clock.now(), "receipt": {"remark": None}}
        columns["customer_ref"] = f"customer-{at % 3}"
        for column in filters_for_words(schema).values():
            if column.nullable:
                columns.setdefault(column.name, f"{column.name}-{at % 3}")
        found.append(await world.in_status(shop, status, **columns))
        clock.pass_(timedelta(minutes=7))
    async with world.parts.database.write() as connection:
        for order in found[:2]:
            row = ServiceOrderWaybill(
                merchant_id=shop.id, waybill="SF1", service_order_id=order.key
            )
            await add(connection, row)
    return found


async def _more_messages(owner: Client, orders: list[OrderRef]) -> None:
    """Replies in the threads of the orders whose outcome is open."""
    replies = [
        await owner.codes("replyToServiceOrder", id=order.id, text=text)
        for order in orders
        for text in ("请重启", "好了吗")
    ]
    assert replies.count([]) == 4


def _ids(desk: Desk, orders: list[OrderRef], other: Shop) -> dict[str, list[str]]:
    shop = desk.shop
    addresses = [one for one in (shop, other) if one.address_id is not None]
    return {
        "ServiceOrder": [order.id for order in orders] + [ids.encode("ServiceOrder", shop.id, 5)],
        "Application": [order.application_id for order in orders],
        "Merchant": [shop.global_id, other.global_id, ids.encode("Merchant", 7)],
        "ReturnAddress": [ids.encode("ReturnAddress", one.id, one.address_id) for one in addresses],
        "Evidence": [desk.picture, ids.encode("Evidence", shop.id, "0" * 64)],
        "Role": [*shop.roles.values(), *other.roles.values()],
        "Employee": [one.global_id for one in (shop.owner, *desk.employees, other.owner)],
        "nothing": [*MALFORMED, ids.encode("ServiceOrder", 2**63, 1), "x" * 201],
    }


def _cursors(page: Any) -> list[str]:
    return [edge["cursor"] for edge in page["edges"]]
