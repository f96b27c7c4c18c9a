"""Ariadne on Starlette: asyncpg, data loaders, rows as sources."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from aiodataloader import DataLoader
from ariadne import MutationType, ObjectType, QueryType, ScalarType, make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette
from starlette.routing import Route

import desk

queries = QueryType()
mutations = MutationType()
orders = ObjectType("ServiceOrder")
instants = ScalarType("DateTime", serializer=lambda value: value.isoformat())


def shown(row: Any) -> dict[str, Any]:
    """An order with the API's field names."""
    return {
        "id": desk.global_id(f"ServiceOrder:{row['merchant_id']}:{row['id']}"),
        "number": str(row["id"]),
        "version": row["version"],
        "status": row["status"],
        "orderNumber": row["order_number"],
        "expectation": row["expectation"],
        "logisticsIn": row["logistics_in"],
        "description": row["description"],
        "autoApprovalBlocked": row["auto_approval_blocked"],
        "appliedAt": row["applied_at"],
        "updatedAt": row["updated_at"],
        "finishedAt": row["finished_at"],
        "row": row,
    }


def asks_for_pictures(info: Any) -> bool:
    for one in info.field_nodes[0].selection_set.selections:
        if one.name.value == "nodes":
            return any(field.name.value == "pictures" for field in one.selection_set.selections)
    return False


@queries.field("serviceOrder")
async def service_order(_: None, info: Any, id: str) -> dict[str, Any] | None:
    row = await info.context["pool"].fetchrow(
        desk.ORDER, info.context["merchant"], desk.number_of(id)
    )
    return row and shown(row)


@queries.field("serviceOrders")
async def service_orders(
    _: None, info: Any, filter: dict[str, Any], first: int, after: str | None = None
) -> dict[str, Any]:
    columns = f"{desk.COLUMNS}, pictures" if asks_for_pictures(info) else desk.COLUMNS
    place = desk.place_of(after) if after else ()
    text = desk.page(columns, after=bool(after))
    context = info.context
    [status] = filter["status"]
    rows = await context["pool"].fetch(text, context["merchant"], status, first + 1, *place)
    nodes = rows[:first]
    return {
        "nodes": [shown(row) for row in nodes],
        "pageInfo": {
            "hasNextPage": len(rows) > first,
            "endCursor": (
                desk.cursor_of(nodes[-1]["applied_at"], nodes[-1]["id"]) if nodes else None
            ),
        },
    }


@mutations.field("reviewServiceOrder")
async def review_service_order(_: None, info: Any, input: dict[str, Any]) -> dict[str, Any]:
    merchant, employee = info.context["merchant"], info.context["employee"]
    number = desk.number_of(input["id"])
    async with info.context["pool"].acquire() as connection, connection.transaction():
        row = await connection.fetchrow(desk.APPROVE, merchant, number, employee)
        if row is None:
            return {"serviceOrder": None, "refusals": [{"code": "ALREADY_DECIDED"}]}
        await connection.execute(desk.APPROVED, merchant, number, row["version"], employee)
    return {"serviceOrder": shown(row), "refusals": []}


@orders.field("merchant")
def merchant(order: dict[str, Any], info: Any) -> Any:
    return info.context["merchants"].load(order["row"]["merchant_id"])


@orders.field("assignee")
def assignee(order: dict[str, Any], info: Any) -> Any:
    id_ = order["row"]["assignee_id"]
    return info.context["assignees"].load(id_) if id_ else None


@orders.field("pictures")
def pictures(order: dict[str, Any], _: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": desk.global_id(f"Evidence:{order['row']['merchant_id']}:{one['sha256']}"),
            "mediaType": one["media_type"],
            "bytes": one["bytes"],
            "width": one["width"],
            "height": one["height"],
        }
        for one in json.loads(order["row"]["pictures"])
    ]


@orders.field("timeline")
def timeline(order: dict[str, Any], info: Any) -> Any:
    return info.context["timelines"].load(order["row"]["id"])


async def load_merchants(pool: Any, keys: list[int]) -> list[dict[str, Any] | None]:
    found = {
        row["id"]: {"id": desk.global_id(f"Merchant:{row['id']}"), "name": row["name"]}
        for row in await pool.fetch(desk.MERCHANTS, keys)
    }
    return [found.get(key) for key in keys]


async def load_assignees(pool: Any, merchant: int, keys: list[int]) -> list[dict[str, Any] | None]:
    found = {
        row["id"]: {"id": desk.global_id(f"Employee:{merchant}:{row['id']}"), "name": row["name"]}
        for row in await pool.fetch(desk.ASSIGNEES, merchant, keys)
    }
    return [found.get(key) for key in keys]


async def load_timelines(pool: Any, merchant: int, keys: list[int]) -> list[list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {key: [] for key in keys}
    for row in await pool.fetch(desk.TIMELINES, merchant, keys):
        found[row["service_order_id"]].append(
            {
                "sequence": row["sequence"],
                "kind": row["kind"],
                "at": row["at"],
                "fromStatus": row["from_status"],
                "toStatus": row["to_status"],
                "actor": {"kind": row["actor_kind"], "name": row["actor_name"]},
            }
        )
    return [found[key] for key in keys]


def context_of(request: Any, _data: Any = None) -> dict[str, Any]:
    pool = request.app.state.pool
    merchant, employee = desk.who_of(request.headers)
    return {
        "request": request,
        "pool": pool,
        "merchant": merchant,
        "employee": employee,
        "merchants": DataLoader(partial(load_merchants, pool)),
        "assignees": DataLoader(partial(load_assignees, pool, merchant)),
        "timelines": DataLoader(partial(load_timelines, pool, merchant)),
    }


@asynccontextmanager
async def lifespan(running: Starlette) -> AsyncIterator[None]:
    running.state.pool = await desk.open_pool()
    yield
    await running.state.pool.close()


schema = make_executable_schema(
    Path(__file__).with_name("schema.graphql").read_text("utf-8"),
    queries,
    mutations,
    orders,
    instants,
)
app = Starlette(
    lifespan=lifespan,
    routes=[Route("/graphql", GraphQL(schema, context_value=context_of), methods=["POST"])],
)
