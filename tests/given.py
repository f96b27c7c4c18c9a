"""Writes the rows that a test begins with, as the use cases would write them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from PIL import Image

from auth import secrets, tokens
from domain.actions import Action
from domain.actors import Actor, ActorKind
from domain.applications import Expectation, LogisticsIn
from domain.characters import folded
from domain.clocks import first_clocks
from domain.desk.refunds import RefundMethod, RefundStatus
from domain.enrolment import EnrolmentStatus
from domain.events import EventKind
from domain.exports import ExportFormat, ExportStatus
from domain.lifecycle import LIFECYCLE
from domain.permissions import CONNECTOR, PLATFORM, Permission
from domain.quality.cases import CaseKind, Mark
from domain.quality.figures import Tallies, figures
from domain.quality.metrics import Metric
from domain.quality.plans import Criterion, stored_plan
from domain.quality.scores import stored_figures
from domain.quality.thresholds import AlertChange, SetBy, Side, Threshold
from domain.roles import STARTER_ROLES
from domain.statuses import FINAL, Status
from domain.text import Language
from models.accounts import Account, Connector, SignIn
from models.alerts import QualityAlert, QualityAlertEvent
from models.application import Application, search_keys
from models.evaluation import EvaluationPlan, QualitySnapshot
from models.export import Export
from models.ids import new_id
from models.journal.change import Change, decision_change
from models.journal.sets import record_all, step_batch
from models.journal.step_values import clock_columns
from models.merchant import Merchant, ReturnAddress
from models.note_template import NoteTemplate
from models.quality import QualityCase
from models.queries import calendar
from models.queries.service_orders import find_many
from models.reason import Reason
from models.refund import Refund
from models.service_order import ServiceOrder, ServiceOrderEvent, events, service_orders
from models.staff import Employee, EmployeeRole, Role
from models.tables import add
from parts import Parts
from schema import ids

PASSWORD = "correct-horse"
ADDRESS = {
    "contact": "王店长",
    "phone": "13800138000",
    "provinceCode": "440000",
    "cityCode": "440300",
    "districtCode": "440305",
    "detail": "科技园路 1 号",
}


_DECISIONS = {
    Status.AWAITING_FEEDBACK: Action.REQUEST_FEEDBACK,
    Status.AWAITING_CONFIRMATION: Action.RESEND,
    Status.REJECTED: Action.REJECT,
    Status.CANCELLED: Action.RECORD_GIVE_UP,
}

ITEM = {
    "expectation": "RETURN",
    "reason": "QUALITY.BROKEN",
    "description": "屏幕碎了",
    "sku": "SKU-1",
    "name": "蓝牙耳机",
    "quantity": 1,
    "unitPrice": "199.00",
    "paidAmount": "189.00",
}
"""An item of an application, as a storefront sends it."""

RECEIPT: dict[str, Any] = {
    "packing": {"finding": "INTACT"},
    "function": {"finding": "WORKING"},
    "appearance": {"finding": "LIKE_NEW"},
    "accessories": {"finding": "COMPLETE"},
    "invoice": {"finding": "ENCLOSED"},
    "receivedQuantity": 1,
    "goods": "AS_APPLIED",
}
"""A receipt in which everything is as it should be, as a client sends it."""


@cache
def password_hash() -> str:
    """A hash with cheap parameters, so that signing in takes no time in tests."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def jpeg(width: int = 32, height: int = 24, **save: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, format="JPEG", **save)
    return out.getvalue()


@dataclass(frozen=True)
class Person:
    """A principal with a token."""

    id: int
    login: str
    token: str
    merchant_id: int | None = None

    @property
    def global_id(self) -> str:
        return ids.encode("Employee", self.merchant_id, self.id)


@dataclass(frozen=True)
class Shop:
    """A merchant, its owner and its roles."""

    id: int
    owner: Person
    roles: dict[str, str]
    address_id: int | None

    @property
    def global_id(self) -> str:
        return ids.encode("Merchant", self.id)


@dataclass(frozen=True)
class OrderRef:
    """The keys of an order and its application."""

    merchant_id: int
    key: int
    application_key: int

    @property
    def id(self) -> str:
        return ids.encode("ServiceOrder", self.merchant_id, self.key)

    @property
    def application_id(self) -> str:
        return ids.encode("Application", self.merchant_id, self.application_key)


class World:
    """Writes rows into the database of a test."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._people = 0

    @property
    def now(self) -> datetime:
        return self.parts.clock.now()

    async def _add(self, *rows: Any) -> None:
        async with self.parts.database.write() as connection:
            await add(connection, *rows)

    def _account(
        self,
        kind: ActorKind,
        name: str,
        merchant_id: int | None = None,
        permissions: Sequence[Permission] = (),
        login: str | None = None,
    ) -> tuple[Person, list[Any]]:
        """A principal who is signed in, and the rows of their account and session."""
        self._people += 1
        id_, session = new_id(), new_id()
        login = login or f"user-{self._people}"
        real_now = datetime.now(self.now.tzinfo)
        rows = [
            Account(
                id=id_,
                login=login,
                password_hash=password_hash(),
                kind=kind,
                merchant_id=merchant_id,
                name=name,
                permissions=sorted(permissions),
                created_at=self.now,
            ),
            SignIn(
                id=session,
                account_id=id_,
                created_at=real_now,
                expires_at=real_now.replace(year=real_now.year + 1),
            ),
        ]
        claims = tokens.Session(session_id=session, merchant_id=merchant_id)
        token = tokens.issue(self.parts.keys, claims, real_now).token
        return Person(id_, login, token, merchant_id), rows

    async def platform(self, *permissions: Permission) -> Person:
        person, rows = self._account(
            ActorKind.PLATFORM, "平台小王", permissions=permissions or sorted(PLATFORM)
        )
        await self._add(*rows)
        return person

    async def merchant(
        self,
        name: str = "京北数码",
        *,
        enrolment: EnrolmentStatus = EnrolmentStatus.ENABLED,
        address: bool = True,
    ) -> Shop:
        id_ = new_id()
        owner, account = self._account(ActorKind.MAIN_ACCOUNT, "店主", id_)
        rows = [
            Merchant(id=id_, name=name, enrolment=enrolment, created_at=self.now),
            *account,
            Employee(
                merchant_id=id_,
                id=owner.id,
                name="店主",
                login=owner.login,
                is_main=True,
                created_at=self.now,
            ),
        ]
        roles = {}
        for role in STARTER_ROLES:
            role_id = new_id()
            rows.append(
                Role(
                    merchant_id=id_,
                    id=role_id,
                    name=role.name,
                    name_key=folded(role.name),
                    permissions=sorted(role.permissions),
                    created_at=self.now,
                    updated_at=self.now,
                )
            )
            roles[role.name] = ids.encode("Role", id_, role_id)
        await self._add(*rows)
        address_id = await self.return_address(id_) if address else None
        return Shop(id_, owner, roles, address_id)

    async def return_address(self, merchant_id: int, *, is_default: bool = True) -> int:
        id_ = new_id()
        await self._add(
            ReturnAddress(
                merchant_id=merchant_id,
                id=id_,
                contact=ADDRESS["contact"],
                phone=ADDRESS["phone"],
                province_code=ADDRESS["provinceCode"],
                city_code=ADDRESS["cityCode"],
                district_code=ADDRESS["districtCode"],
                detail=ADDRESS["detail"],
                is_default=is_default,
                created_at=self.now,
                updated_at=self.now,
            )
        )
        return id_

    async def employee(
        self,
        shop: Shop,
        *permissions: Permission,
        name: str = "小A",
        roles: Sequence[str] = (),
        login: str | None = None,
    ) -> Person:
        person, account = self._account(ActorKind.EMPLOYEE, name, shop.id, login=login)
        await self._add(
            *account,
            Employee(
                merchant_id=shop.id,
                id=person.id,
                name=name,
                login=person.login,
                extra_permissions=sorted(permissions),
                created_at=self.now,
            ),
            *[
                EmployeeRole(
                    merchant_id=shop.id,
                    employee_id=person.id,
                    role_id=ids.key_of("Role", shop.roles[role])[1],
                )
                for role in roles
            ],
        )
        return person

    async def reviewer(self, shop: Shop, name: str = "小A") -> Person:
        return await self.employee(shop, name=name, roles=["审核组"])

    async def connector(
        self, shop: Shop | None = None, scopes: Sequence[Permission] = tuple(sorted(CONNECTOR))
    ) -> Person:
        id_, secret = new_id(), secrets.new_secret()
        merchant_id = shop.id if shop else None
        await self._add(
            Connector(
                id=id_,
                merchant_id=merchant_id,
                name="商城前台",
                secret_hash=secrets.hashed(secret),
                scopes=sorted(scopes),
                owner_id=shop.owner.id if shop else None,
                created_at=self.now,
            )
        )
        token = secrets.token_of(secrets.CONNECTOR, id_, secret)
        return Person(id_, "storefront", token, merchant_id)

    async def customer(self, shop: Shop, ref: str = "customer-1") -> Person:
        storefront = await self.connector(shop)
        claims = tokens.Customer(customer_ref=ref, merchant_id=shop.id, connector_id=storefront.id)
        token = tokens.issue(self.parts.keys, claims, datetime.now(self.now.tzinfo)).token
        return Person(0, ref, token, shop.id)

    async def application(
        self,
        shop: Shop,
        items: int = 1,
        customer_ref: str = "customer-1",
        *,
        order_number: str | None = None,
        name: str = "李小花",
        phone: str = "13812345678",
        **columns: Any,
    ) -> list[OrderRef]:
        """An application with that many orders, which wait for review from now on."""
        application = new_id()
        order_number = order_number or f"P{application}"
        row = Application(
            merchant_id=shop.id,
            id=application,
            connector_id=1,
            external_ref=str(application),
            content_hash="-",
            order_number=order_number,
            customer_ref=customer_ref,
            customer_name=name,
            customer_phone=phone,
            applied_at=self.now,
            **search_keys(order_number=order_number, name=name, phone=phone),
        )
        clocks = first_clocks(self.now, [])
        orders, events, refs = [], [], []
        for index in range(items):
            order = ServiceOrder(
                **{
                    "merchant_id": shop.id,
                    "id": new_id(),
                    "application_id": application,
                    "order_number": order_number,
                    "customer_ref": customer_ref,
                    "version": 1,
                    "customer_version": 1,
                    "status": Status.PENDING_REVIEW,
                    "expectation": Expectation.RETURN,
                    "reason_code": "QUALITY.BROKEN",
                    "description": "屏幕碎了",
                    "logistics_in": LogisticsIn.CUSTOMER_SHIPS,
                    "sku": f"SKU-{index}",
                    "item_name": "蓝牙耳机",
                    "quantity": 1,
                    "unit_price": 19_900,
                    "paid_amount": 18_900,
                    "review_started_at": clocks.review.started_at,
                    **clock_columns(clocks),
                    "applied_at": self.now,
                    "updated_at": self.now,
                    "customer_updated_at": self.now,
                    **columns,
                }
            )
            event = ServiceOrderEvent(
                merchant_id=shop.id,
                service_order_id=order.id,
                sequence=1,
                customer_sequence=1,
                kind=EventKind.SUBMITTED,
                at=self.now,
                actor_kind=ActorKind.CONNECTOR,
                actor_id=1,
                actor_name="商城前台",
                to_status=Status.PENDING_REVIEW,
            )
            orders.append(order)
            events.append(event)
            refs.append(OrderRef(shop.id, order.id, application))
        await self._add(row, *orders, *events)
        return refs

    async def order(self, shop: Shop, **columns: Any) -> OrderRef:
        return (await self.application(shop, **columns))[0]

    async def quality_case(self, order: OrderRef, person: Person, **columns: Any) -> None:
        """A review of an order on time, today, which took an hour."""
        values: dict[str, Any] = {
            "merchant_id": order.merchant_id,
            "service_order_id": order.key,
            "kind": CaseKind.REVIEW,
            "sequence": 2,
            "at": self.now,
            "day": self.now.toordinal(),
            "employee_id": person.id,
            "marks": int(Mark.ON_TIME | Mark.BY_PERSON | Mark.APPROVED),
            "amount": 3_600_000,
            "reason_code": "QUALITY.BROKEN",
        }
        await self._add(QualityCase(**values | columns))

    async def evaluation_plan(self, version: int = 1, *criteria: Criterion) -> None:
        """A plan that was published now. It asks for reviews on time by default."""
        plan = criteria or (
            Criterion(metric=Metric.ON_TIME_REVIEW, target=0.9, floor=0.5, weight=1, minimum=1),
        )
        await self._add(
            EvaluationPlan(
                version=version,
                content=stored_plan(plan),
                note=f"第 {version} 版",
                published_by="平台小王",
                published_at=self.now,
            )
        )

    async def quality_snapshot(self, shop: Shop, month: str, **columns: Any) -> None:
        """A snapshot with a score of 8.5 and no figures."""
        values: dict[str, Any] = {
            "merchant_id": shop.id,
            "month": month,
            "time_zone": "Asia/Shanghai",
            "definitions_version": 1,
            "plan_version": 1,
            "figures": stored_figures(figures(Tallies())),
            "score": 8_500_000,
            "explains": [],
            "made_at": self.now,
        }
        await self._add(QualitySnapshot(**values | columns))

    async def quality_alert(self, shop: Shop, **columns: Any) -> str:
        """An open alert of the merchant, in the log. Its id in the API."""
        threshold = Threshold(
            metric=Metric.ON_TIME_REVIEW, side=Side.BELOW, limit=0.8, days=7, minimum=1
        )
        id_ = new_id()
        values: dict[str, Any] = {
            "merchant_id": shop.id,
            "id": id_,
            "key": f"MERCHANT:{id_}",
            "set_by": SetBy.MERCHANT,
            "metric": threshold.metric,
            "threshold": threshold.stored(),
            "value": 0.5,
            "denominator": 2,
            "raised_at": self.now,
        }
        event = QualityAlertEvent(
            merchant_id=shop.id,
            position=id_,
            alert_id=id_,
            change=AlertChange.RAISED,
            at=self.now,
        )
        await self._add(QualityAlert(**values | columns), event)
        return ids.encode("QualityAlert", shop.id, id_)

    async def in_status(self, shop: Shop, status: Status, **columns: Any) -> OrderRef:
        """An order that entered the status now; an employee decided it if the status needs that."""
        clocks = first_clocks(self.now, [])
        if status is Status.PENDING_REVIEW:
            return await self.order(shop, **columns)
        decision = _DECISIONS.get(status, Action.APPROVE)
        columns_of_status = {
            **clock_columns(clocks.enter(status, self.now, [])),
            "status": status,
            "last_action": decision,
            "decision": decision,
            "decided_by_kind": ActorKind.EMPLOYEE,
            "decided_by_id": 1,
            "decided_by": "小Z",
            "decided_at": self.now,
            "finished_at": self.now if status in FINAL else None,
        }
        return await self.order(shop, **columns_of_status | columns)

    async def take(
        self, order: OrderRef, action: Action, actor: Actor | None = None, **columns: Any
    ) -> None:
        """A step as the use cases write it, by an employee if nobody else is named."""
        actor = actor or Actor(
            kind=ActorKind.EMPLOYEE,
            id=1,
            name="小Z",
            permissions=frozenset(),
            merchant_id=order.merchant_id,
        )
        async with self.parts.database.write() as connection:
            found = await find_many(connection, order.merchant_id, [order.key])
            read = found[order.key]
            rule = LIFECYCLE[action]
            destination = read.destination if rule.needs_address else None
            change = decision_change(destination=destination) if rule.decides else Change()
            change = replace(change, values={**change.values, **columns})
            pauses = await calendar.upcoming(connection, self.now)
            steps = [(read, change)]
            batch = step_batch(steps, action, actor, now=read.instant(self.now), pauses=pauses)
            await record_all(connection, batch)

    async def refund(self, order: OrderRef, **columns: Any) -> str:
        """A refund of the order that was submitted just now. Its id in the API."""
        row, id_ = await self.row(order), new_id()
        refund = Refund(
            **{
                "merchant_id": order.merchant_id,
                "id": id_,
                "service_order_id": order.key,
                "order_number": row.order_number,
                "sku": row.sku,
                "amount": 1_000,
                "method": RefundMethod.ORIGINAL_PAYMENT,
                "status": RefundStatus.SUBMITTED,
                "submitted_by": "小Z",
                "submitted_by_id": 1,
                "submitted_at": self.now,
                **columns,
            }
        )
        async with self.parts.database.write() as connection:
            await add(connection, refund)
            await connection.execute(
                sa.update(service_orders)
                .where(service_orders.c.id == order.key)
                .values(pending_refunds=service_orders.c.pending_refunds + 1)
            )
        return ids.encode("Refund", order.merchant_id, id_)

    async def own_reason(self, shop: Shop, handle: str = "STOCK", **columns: Any) -> str:
        """A reason of the merchant's own, for rejections. Its code."""
        row = {
            "merchant_id": shop.id,
            "code": f"XR.{handle}",
            "parent": "NOT_ELIGIBLE",
            "name_zh": "缺货",
            "name_en": "Out of stock",
            "decisions": ["REJECT"],
            "position": 0,
            "created_at": self.now,
            "updated_at": self.now,
            **columns,
        }
        await self._add(Reason(**row))
        return str(row["code"])

    async def own_reasons(self, shop: Shop) -> tuple[str, str]:
        """A reason of the merchant's own, and a retired one."""
        return (
            await self.own_reason(shop),
            await self.own_reason(shop, "GONE", retired_at=self.now),
        )

    async def note_template(self, shop: Shop, text: str = "服务单 {number}", **columns: Any) -> str:
        """A template of notes. Its id in the API."""
        id_ = new_id()
        row = {
            "merchant_id": shop.id,
            "id": id_,
            "name": f"模板 {id_}",
            "text_zh": text,
            "decisions": [],
            "position": 0,
            "created_at": self.now,
            "updated_at": self.now,
            **columns,
        }
        await self._add(NoteTemplate(**row))
        return ids.encode("NoteTemplate", shop.id, id_)

    async def export(self, shop: Shop, **columns: Any) -> str:
        """An export that the owner asked for. Its id in the API."""
        row = {
            "merchant_id": shop.id,
            "id": new_id(),
            "status": ExportStatus.QUEUED,
            "format": ExportFormat.CSV,
            "language": Language.ZH,
            "chosen_columns": ["NUMBER"],
            "total": 0,
            "requested_by_kind": ActorKind.MAIN_ACCOUNT,
            "requested_by_id": shop.owner.id,
            "requested_by": "店主",
            "created_at": self.now,
            "updated_at": self.now,
            "lease_until": self.now,
            **columns,
        }
        await self._add(Export(**row))
        return ids.encode("Export", shop.id, row["id"])

    async def row(self, order: OrderRef) -> Any:
        """The row of the order in the database."""
        async with self.parts.database.read() as connection:
            result = await connection.execute(
                sa.select(service_orders).where(service_orders.c.id == order.key)
            )
            return result.one()

    async def kinds(self, order: OrderRef) -> list[EventKind]:
        """The kinds of the order's events, in sequence."""
        async with self.parts.database.read() as connection:
            result = await connection.execute(
                sa.select(events.c.kind)
                .where(events.c.service_order_id == order.key)
                .order_by(events.c.sequence)
            )
            return list(result.scalars())
