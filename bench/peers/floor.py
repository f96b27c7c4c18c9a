"""The floor: a bare ASGI function. Statements like ours, dicts by hand, orjson, no GraphQL.

It tells requests apart by the operation's name alone. Beyond uvicorn and asyncpg (or aiosqlite, if
DATABASE_FILE names a database) it does the least that an answer in Python can cost.
"""

import os
from datetime import datetime
from typing import Any

import aiosqlite
import orjson

import desk

FIELDS = """o.id, o.version, o.status, o.order_number, o.expectation, o.logistics_in,
    o.description, o.auto_approval_blocked, o.applied_at, o.updated_at, o.finished_at"""
JOINED = f"""{FIELDS}, o.pictures, m.name, e.id, e.name FROM service_order AS o
    JOIN merchant AS m ON m.id = o.merchant_id
    LEFT JOIN employee AS e ON e.merchant_id = o.merchant_id AND e.id = o.assignee_id"""


def page(*, pictures: bool, after: bool) -> str:
    """The statement for a page with its merchant and assignees."""
    joined = JOINED if pictures else JOINED.replace("o.pictures", "NULL")
    place = "AND (o.applied_at, o.id) < ($4, $5)" if after else ""
    return f"""SELECT {joined} WHERE o.merchant_id = $1 AND o.status = $2 {place}
        ORDER BY o.applied_at DESC, o.id DESC LIMIT $3"""


PAGES = {
    (pictures, after): page(pictures=pictures, after=after)
    for pictures in (False, True)
    for after in (False, True)
}
ORDER = f"SELECT {FIELDS} FROM service_order AS o WHERE o.merchant_id = $1 AND o.id = $2"
REVIEW = f"""WITH approved AS ({desk.APPROVE}),
    told AS (INSERT INTO service_order_event (merchant_id, service_order_id, sequence, kind, at,
    actor_kind, actor_id, actor_name, from_status, to_status)
    SELECT merchant_id, id, version, 'APPROVED', now(), 'EMPLOYEE', $3, '客服', 'PENDING_REVIEW',
    'AWAITING_SHIPMENT' FROM approved)
    SELECT id, version, status, order_number, applied_at FROM approved"""


def shown(merchant: int, row: Any) -> dict[str, Any]:
    """An order's own fields from PostgreSQL, which returns instants and booleans."""
    return {
        "id": desk.global_id(f"ServiceOrder:{merchant}:{row[0]}"),
        "number": str(row[0]),
        "version": row[1],
        "status": row[2],
        "orderNumber": row[3],
        "expectation": row[4],
        "logisticsIn": row[5],
        "description": row[6],
        "autoApprovalBlocked": row[7],
        "appliedAt": row[8],
        "updatedAt": row[9],
        "finishedAt": row[10],
    }


def shown_from_sqlite(merchant: int, row: Any) -> dict[str, Any]:
    """The same from SQLite, where an instant is text without a time zone."""
    order = shown(merchant, row)
    order["autoApprovalBlocked"] = row[7] == 1
    for name in ("appliedAt", "updatedAt", "finishedAt"):
        order[name] = utc(order[name])
    return order


def utc(said: str | None) -> str | None:
    return said and f"{said[:10]}T{said[11:].removesuffix('.000000')}+00:00"


def pictures_of(merchant: int, stored: str) -> list[dict[str, Any]]:
    return [
        {
            "id": desk.global_id(f"Evidence:{merchant}:{one['sha256']}"),
            "mediaType": one["media_type"],
            "bytes": one["bytes"],
            "width": one["width"],
            "height": one["height"],
        }
        for one in orjson.loads(stored)
    ]


def assignee(merchant: int, row: Any) -> dict[str, str]:
    return {"id": desk.global_id(f"Employee:{merchant}:{row[13]}"), "name": row[14]}


class PostgreSQL:
    """The floor on PostgreSQL."""

    async def open(self) -> None:
        self._pool = await desk.open_pool()

    async def close(self) -> None:
        await self._pool.close()

    async def page(
        self, merchant: int, status: str, after: str | None, *, nested: bool
    ) -> dict[str, Any]:
        place = desk.place_of(after) if after else ()
        text = PAGES[nested, bool(place)]
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(text, merchant, status, 51, *place)
            found = rows[:50]
            nodes = []
            shop = {"id": desk.global_id(f"Merchant:{merchant}"), "name": ""}
            people: dict[int | None, dict[str, str] | None] = {None: None}
            for row in found:
                node = shown(merchant, row)
                shop["name"] = row[12]
                node["merchant"] = shop
                if row[13] not in people:
                    people[row[13]] = assignee(merchant, row)
                node["assignee"] = people[row[13]]
                nodes.append(node)
            if nested:
                timelines: dict[int, list[dict[str, Any]]] = {}
                for row, node in zip(found, nodes, strict=True):
                    node["pictures"] = pictures_of(merchant, row[11])
                    timelines[row[0]] = node["timeline"] = []
                for event in await connection.fetch(desk.TIMELINES, merchant, list(timelines)):
                    timelines[event[0]].append(
                        {
                            "sequence": event[1],
                            "kind": event[2],
                            "at": event[3],
                            "fromStatus": event[4],
                            "toStatus": event[5],
                            "actor": {"kind": event[6], "name": event[7]},
                        }
                    )
        return paged(nodes, found, more=len(rows) > 50)

    async def order(self, merchant: int, number: int) -> dict[str, Any] | None:
        row = await self._pool.fetchrow(ORDER, merchant, number)
        return row and shown(merchant, row)

    async def review(self, merchant: int, number: int, employee: int) -> dict[str, Any]:
        row = await self._pool.fetchrow(REVIEW, merchant, number, employee)
        if row is None:
            return {"serviceOrder": None, "refusals": [{"code": "ALREADY_DECIDED"}]}
        order = {
            "id": desk.global_id(f"ServiceOrder:{merchant}:{row[0]}"),
            "number": str(row[0]),
            "version": row[1],
            "status": row[2],
            "orderNumber": row[3],
            "appliedAt": row[4],
        }
        return {"serviceOrder": order, "refusals": []}


class SQLite:
    """The floor's queue page on SQLite, through aiosqlite."""

    async def open(self) -> None:
        self._connection = await aiosqlite.connect(os.environ["DATABASE_FILE"])
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 30000"):
            await self._connection.execute(f"PRAGMA {pragma}")

    async def close(self) -> None:
        await self._connection.close()

    async def page(
        self, merchant: int, status: str, after: str | None, *, nested: bool
    ) -> dict[str, Any]:
        text = PAGES[nested, after is not None].replace("$", "?")
        values: tuple[object, ...] = (merchant, status, 51)
        if after:
            applied_at, number = desk.place_of(after)
            values += (f"{applied_at:%Y-%m-%d %H:%M:%S.%f}", number)
        rows = list(await self._connection.execute_fetchall(text, values))
        found = rows[:50]
        nodes = []
        shop = {"id": desk.global_id(f"Merchant:{merchant}"), "name": ""}
        people: dict[int | None, dict[str, str] | None] = {None: None}
        for row in found:
            node = shown_from_sqlite(merchant, row)
            shop["name"] = row[12]
            node["merchant"] = shop
            if row[13] not in people:
                people[row[13]] = assignee(merchant, row)
            node["assignee"] = people[row[13]]
            nodes.append(node)
        return paged(nodes, found, more=len(rows) > 50)

    async def order(self, merchant: int, number: int) -> dict[str, Any] | None:
        text = ORDER.replace("$", "?")
        for row in await self._connection.execute_fetchall(text, (merchant, number)):
            return shown_from_sqlite(merchant, row)
        return None


def paged(nodes: list[dict[str, Any]], rows: Any, *, more: bool) -> dict[str, Any]:
    end = None
    if rows:
        applied_at = rows[-1][8]
        if isinstance(applied_at, str):
            applied_at = datetime.fromisoformat(f"{applied_at}+00:00")
        end = desk.cursor_of(applied_at, rows[-1][0])
    return {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": end}}


database: Any = SQLite() if "DATABASE_FILE" in os.environ else PostgreSQL()


async def answer(headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    asked = orjson.loads(body)
    said = dict(headers)
    merchant, values = int(said[b"x-merchant"]), asked["variables"]
    match asked["operationName"]:
        case "QueuePage" | "NestedPage" as name:
            nested = name == "NestedPage"
            found = await database.page(
                merchant, values["status"], values.get("after"), nested=nested
            )
            return orjson.dumps({"data": {"serviceOrders": found}})
        case "OneOrder":
            found = await database.order(merchant, desk.number_of(values["id"]))
            return orjson.dumps({"data": {"serviceOrder": found}})
    employee = int(said[b"x-employee"])
    found = await database.review(merchant, desk.number_of(values["id"]), employee)
    return orjson.dumps({"data": {"reviewServiceOrder": found}})


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Any: ASGI."""
    if scope["type"] == "lifespan":
        await receive()
        await database.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await database.close()
        await send({"type": "lifespan.shutdown.complete"})
        return
    message = await receive()
    body = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    encoded = await answer(scope["headers"], body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(encoded)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": encoded})
