"""Strawberry as its documentation teaches: SQLAlchemy's ORM, typed objects, data loaders.

On PostgreSQL by asyncpg; on SQLite, if DATABASE_FILE names a database.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import strawberry
from sqlalchemy import JSON, BigInteger, DateTime, TypeDecorator, select, tuple_
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

import desk
from words import ActorKind, EventKind, Expectation, LogisticsIn, Status

file = os.environ.get("DATABASE_FILE")
engine = create_async_engine(
    f"sqlite+aiosqlite:///{file}" if file else "postgresql+asyncpg://",
    pool_size=desk.POOL,
    max_overflow=0,
)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Instant(TypeDecorator[datetime]):
    """SQLite stores no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=None) if value and dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and dialect.name == "sqlite" else value


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {int: BigInteger, datetime: Instant, list[dict[str, Any]]: JSON}


class MerchantModel(Base):
    __tablename__ = "merchant"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class EmployeeModel(Base):
    __tablename__ = "employee"

    merchant_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class OrderModel(Base):
    __tablename__ = "service_order"

    merchant_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    status: Mapped[str]
    order_number: Mapped[str]
    expectation: Mapped[str]
    logistics_in: Mapped[str]
    description: Mapped[str]
    pictures: Mapped[list[dict[str, Any]]]
    auto_approval_blocked: Mapped[bool]
    assignee_id: Mapped[int | None]
    last_action: Mapped[str | None]
    decision: Mapped[str | None]
    decided_by_kind: Mapped[str | None]
    decided_by_id: Mapped[int | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    clock_started_at: Mapped[datetime | None]
    clock_due_at: Mapped[datetime | None]
    applied_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class EventModel(Base):
    __tablename__ = "service_order_event"

    merchant_id: Mapped[int] = mapped_column(primary_key=True)
    service_order_id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[int]
    actor_name: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]


@strawberry.type
class Merchant:
    id: strawberry.ID
    name: str


@strawberry.type
class Assignee:
    id: strawberry.ID
    name: str


@strawberry.type
class Evidence:
    id: strawberry.ID
    media_type: str
    bytes: int
    width: int
    height: int


@strawberry.type
class Actor:
    kind: ActorKind
    name: str


@strawberry.type
class ServiceOrderEvent:
    sequence: int
    kind: EventKind
    at: datetime
    actor: Actor
    from_status: Status | None
    to_status: Status


@strawberry.type
class ServiceOrder:
    id: strawberry.ID
    number: str
    version: int
    status: Status
    order_number: str
    expectation: Expectation
    logistics_in: LogisticsIn
    description: str
    auto_approval_blocked: bool
    applied_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    model: strawberry.Private[OrderModel]

    @classmethod
    def of(cls, model: OrderModel) -> "ServiceOrder":
        return cls(
            id=strawberry.ID(desk.global_id(f"ServiceOrder:{model.merchant_id}:{model.id}")),
            number=str(model.id),
            version=model.version,
            status=Status(model.status),
            order_number=model.order_number,
            expectation=Expectation(model.expectation),
            logistics_in=LogisticsIn(model.logistics_in),
            description=model.description,
            auto_approval_blocked=model.auto_approval_blocked,
            applied_at=model.applied_at,
            updated_at=model.updated_at,
            finished_at=model.finished_at,
            model=model,
        )

    @strawberry.field
    async def merchant(self, info: strawberry.Info) -> Merchant:
        return await info.context["merchants"].load(self.model.merchant_id)

    @strawberry.field
    async def assignee(self, info: strawberry.Info) -> Assignee | None:
        if self.model.assignee_id is None:
            return None
        return await info.context["assignees"].load(self.model.assignee_id)

    @strawberry.field
    def pictures(self) -> list[Evidence]:
        return [
            Evidence(
                id=strawberry.ID(
                    desk.global_id(f"Evidence:{self.model.merchant_id}:{one['sha256']}")
                ),
                media_type=one["media_type"],
                bytes=one["bytes"],
                width=one["width"],
                height=one["height"],
            )
            for one in self.model.pictures
        ]

    @strawberry.field
    async def timeline(self, info: strawberry.Info) -> list[ServiceOrderEvent]:
        return await info.context["timelines"].load(self.model.id)


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class ServiceOrderConnection:
    nodes: list[ServiceOrder]
    page_info: PageInfo


@strawberry.input
class ServiceOrderFilter:
    status: list[Status]


@strawberry.input
class ApproveInput:
    customer_note: str | None = None


@strawberry.input
class ReviewDecisionInput:
    approve: ApproveInput


@strawberry.input
class ReviewServiceOrderInput:
    id: strawberry.ID
    decision: ReviewDecisionInput


@strawberry.type
class Refusal:
    code: str


@strawberry.type
class ReviewServiceOrderPayload:
    service_order: ServiceOrder | None
    refusals: list[Refusal]


async def load_merchants(keys: list[int]) -> Sequence[Merchant | None]:
    async with Session() as session:
        models = await session.scalars(select(MerchantModel).where(MerchantModel.id.in_(keys)))
    found = {
        one.id: Merchant(id=strawberry.ID(desk.global_id(f"Merchant:{one.id}")), name=one.name)
        for one in models
    }
    return [found.get(key) for key in keys]


def loader_of_assignees(merchant: int) -> DataLoader[int, Assignee | None]:
    async def load(keys: list[int]) -> Sequence[Assignee | None]:
        wanted = select(EmployeeModel).where(
            EmployeeModel.merchant_id == merchant, EmployeeModel.id.in_(keys)
        )
        async with Session() as session:
            models = await session.scalars(wanted)
        found = {
            one.id: Assignee(
                id=strawberry.ID(desk.global_id(f"Employee:{merchant}:{one.id}")), name=one.name
            )
            for one in models
        }
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)


def loader_of_timelines(merchant: int) -> DataLoader[int, list[ServiceOrderEvent]]:
    async def load(keys: list[int]) -> Sequence[list[ServiceOrderEvent]]:
        wanted = (
            select(EventModel)
            .where(EventModel.merchant_id == merchant, EventModel.service_order_id.in_(keys))
            .order_by(EventModel.service_order_id, EventModel.sequence)
        )
        async with Session() as session:
            models = await session.scalars(wanted)
        found: dict[int, list[ServiceOrderEvent]] = defaultdict(list)
        for one in models:
            found[one.service_order_id].append(
                ServiceOrderEvent(
                    sequence=one.sequence,
                    kind=EventKind(one.kind),
                    at=one.at,
                    actor=Actor(kind=ActorKind(one.actor_kind), name=one.actor_name),
                    from_status=Status(one.from_status) if one.from_status else None,
                    to_status=Status(one.to_status),
                )
            )
        return [found[key] for key in keys]

    return DataLoader(load_fn=load)


@strawberry.type
class Query:
    @strawberry.field
    async def service_order(self, info: strawberry.Info, id: strawberry.ID) -> ServiceOrder | None:
        key = (info.context["merchant"], desk.number_of(id))
        async with Session() as session:
            model = await session.get(OrderModel, key)
        return ServiceOrder.of(model) if model else None

    @strawberry.field
    async def service_orders(
        self,
        info: strawberry.Info,
        filter: ServiceOrderFilter,
        first: int,
        after: str | None = None,
    ) -> ServiceOrderConnection:
        [status] = filter.status
        wanted = (
            select(OrderModel)
            .where(
                OrderModel.merchant_id == info.context["merchant"],
                OrderModel.status == status.value,
            )
            .order_by(OrderModel.applied_at.desc(), OrderModel.id.desc())
            .limit(first + 1)
        )
        if after:
            wanted = wanted.where(
                tuple_(OrderModel.applied_at, OrderModel.id) < desk.place_of(after)
            )
        async with Session() as session:
            models = (await session.scalars(wanted)).all()
        nodes = [ServiceOrder.of(model) for model in models[:first]]
        end = desk.cursor_of(nodes[-1].applied_at, nodes[-1].model.id) if nodes else None
        return ServiceOrderConnection(
            nodes=nodes, page_info=PageInfo(has_next_page=len(models) > first, end_cursor=end)
        )


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def review_service_order(
        self, info: strawberry.Info, input: ReviewServiceOrderInput
    ) -> ReviewServiceOrderPayload:
        now, employee = datetime.now(UTC), info.context["employee"]
        wanted = select(OrderModel).where(
            OrderModel.merchant_id == info.context["merchant"],
            OrderModel.id == desk.number_of(input.id),
        )
        async with Session() as session, session.begin():
            model = (await session.scalars(wanted.with_for_update())).one()
            if model.status != Status.PENDING_REVIEW.value:
                return ReviewServiceOrderPayload(
                    service_order=None, refusals=[Refusal(code="ALREADY_DECIDED")]
                )
            model.status = Status.AWAITING_SHIPMENT.value
            model.version += 1
            model.last_action = model.decision = "APPROVE"
            model.decided_by_kind = "EMPLOYEE"
            model.decided_by_id, model.decided_by, model.decided_at = employee, "客服", now
            model.clock_started_at, model.clock_due_at = now, now + timedelta(days=7)
            model.updated_at = now
            session.add(
                EventModel(
                    merchant_id=model.merchant_id,
                    service_order_id=model.id,
                    sequence=model.version,
                    kind="APPROVED",
                    at=now,
                    actor_kind="EMPLOYEE",
                    actor_id=employee,
                    actor_name="客服",
                    from_status="PENDING_REVIEW",
                    to_status="AWAITING_SHIPMENT",
                )
            )
        return ReviewServiceOrderPayload(service_order=ServiceOrder.of(model), refusals=[])


class Desk(GraphQL[dict[str, Any], None]):
    async def get_context(self, request: Request, response: Any) -> dict[str, Any]:
        merchant, employee = desk.who_of(request.headers)
        return {
            "request": request,
            "response": response,
            "merchant": merchant,
            "employee": employee,
            "merchants": DataLoader(load_fn=load_merchants),
            "assignees": loader_of_assignees(merchant),
            "timelines": loader_of_timelines(merchant),
        }


schema = strawberry.Schema(query=Query, mutation=Mutation)
app = Starlette(routes=[Route("/graphql", Desk(schema), methods=["POST"])])
