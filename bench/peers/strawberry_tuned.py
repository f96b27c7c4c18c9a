"""Strawberry tuned by hand: asyncpg's rows, look-ahead, no async fields, caches, orjson.

The root resolver looks at the selection and fetches all that is below it, so that every other field
reads a key. What is left is graphql-core's own work.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

import desk
from words import ActorKind, EventKind, Expectation, LogisticsIn, Status

STATUSES = {one.value: one for one in Status}
KINDS = {one.value: one for one in EventKind}
ACTORS = {one.value: one for one in ActorKind}
EXPECTATIONS = {one.value: one for one in Expectation}
LOGISTICS = {one.value: one for one in LogisticsIn}

COLUMNS = f"""{desk.COLUMNS},
    (SELECT name FROM merchant AS m WHERE m.id = merchant_id) AS merchant_name,
    (SELECT name FROM employee AS e WHERE e.merchant_id = service_order.merchant_id
        AND e.id = assignee_id) AS assignee_name"""


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
    merchant: Merchant
    assignee: Assignee | None
    pictures: list[Evidence]
    timeline: list[ServiceOrderEvent]


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


def shown(row: Any) -> dict[str, Any]:
    order = dict(row)
    number = order["id"]
    order["id"] = desk.global_id(f"ServiceOrder:{order['merchant_id']}:{number}")
    order["number"] = str(number)
    order["status"] = STATUSES[order["status"]]
    order["expectation"] = EXPECTATIONS[order["expectation"]]
    order["logistics_in"] = LOGISTICS[order["logistics_in"]]
    return order


def wanted_of(info: strawberry.Info) -> set[str]:
    for one in info.selected_fields[0].selections:
        if one.name == "nodes":
            return {field.name for field in one.selections}
    return set()


def fill_pictures(merchant: int, orders: list[dict[str, Any]]) -> None:
    for order in orders:
        order["pictures"] = [
            {
                "id": desk.global_id(f"Evidence:{merchant}:{one['sha256']}"),
                "media_type": one["media_type"],
                "bytes": one["bytes"],
                "width": one["width"],
                "height": one["height"],
            }
            for one in orjson.loads(order["pictures"])
        ]


async def fill_timelines(pool: Any, merchant: int, orders: list[dict[str, Any]]) -> None:
    found: dict[int, list[dict[str, Any]]] = {}
    for order in orders:
        order["timeline"] = found[int(order["number"])] = []
    for event in await pool.fetch(desk.TIMELINES, merchant, list(found)):
        found[event["service_order_id"]].append(
            {
                "sequence": event["sequence"],
                "kind": KINDS[event["kind"]],
                "at": event["at"],
                "from_status": event["from_status"] and STATUSES[event["from_status"]],
                "to_status": STATUSES[event["to_status"]],
                "actor": {"kind": ACTORS[event["actor_kind"]], "name": event["actor_name"]},
            }
        )


@strawberry.type
class Query:
    @strawberry.field
    async def service_order(self, info: strawberry.Info, id: strawberry.ID) -> ServiceOrder | None:
        pool, merchant = info.context["pool"], info.context["merchant"]
        row = await pool.fetchrow(desk.ORDER, merchant, desk.number_of(id))
        return row and shown(row)

    @strawberry.field
    async def service_orders(
        self,
        info: strawberry.Info,
        filter: ServiceOrderFilter,
        first: int,
        after: str | None = None,
    ) -> ServiceOrderConnection:
        pool, merchant = info.context["pool"], info.context["merchant"]
        wanted = wanted_of(info)
        columns = f"{COLUMNS}, pictures" if "pictures" in wanted else COLUMNS
        place = desk.place_of(after) if after else ()
        text = desk.page(columns, after=bool(after))
        rows = await pool.fetch(text, merchant, filter.status[0].value, first + 1, *place)
        orders = [shown(row) for row in rows[:first]]
        shop = desk.global_id(f"Merchant:{merchant}")
        for order in orders:
            order["merchant"] = {"id": shop, "name": order["merchant_name"]}
            order["assignee"] = order["assignee_id"] and {
                "id": desk.global_id(f"Employee:{merchant}:{order['assignee_id']}"),
                "name": order["assignee_name"],
            }
        if "pictures" in wanted:
            fill_pictures(merchant, orders)
        if "timeline" in wanted:
            await fill_timelines(pool, merchant, orders)
        last = rows[:first][-1] if orders else None
        end = last and desk.cursor_of(last["applied_at"], last["id"])
        page_info = {"has_next_page": len(rows) > first, "end_cursor": end}
        return {"nodes": orders, "page_info": page_info}


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def review_service_order(
        self, info: strawberry.Info, input: ReviewServiceOrderInput
    ) -> ReviewServiceOrderPayload:
        merchant, employee = info.context["merchant"], info.context["employee"]
        number = desk.number_of(input.id)
        async with info.context["pool"].acquire() as connection, connection.transaction():
            row = await connection.fetchrow(desk.APPROVE, merchant, number, employee)
            if row is None:
                return {"service_order": None, "refusals": [{"code": "ALREADY_DECIDED"}]}
            await connection.execute(desk.APPROVED, merchant, number, row["version"], employee)
        return {"service_order": shown(row), "refusals": []}


class Desk(GraphQL[dict[str, Any], None]):
    async def get_context(self, request: Request, response: Any) -> dict[str, Any]:  # noqa: ARG002
        merchant, employee = desk.who_of(request.headers)
        pool = request.app.state.pool
        return {"request": request, "pool": pool, "merchant": merchant, "employee": employee}

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)


@asynccontextmanager
async def lifespan(running: Starlette) -> AsyncIterator[None]:
    running.state.pool = await desk.open_pool()
    yield
    await running.state.pool.close()


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(default_resolver=lambda source, key: source[key]),
    extensions=[ParserCache, ValidationCache],
)
app = Starlette(lifespan=lifespan, routes=[Route("/graphql", Desk(schema), methods=["POST"])])
