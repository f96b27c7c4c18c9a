"""Queues, counters and the clock find their rows by indexes: nothing is sorted or scanned."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from database.database import Database
from database.driver_connection import LISTENERS, StatementEvent
from jobs.auto_approval import approve_overdue, next_due
from schema import ids
from schema.queries.desk import ServiceOrderOrdering
from tests.client import Client
from tests.given import Shop, World

pytestmark = pytest.mark.anyio

ORDERINGS = [one.name for one in ServiceOrderOrdering]
PAGE = """query($orderBy: ServiceOrderOrdering!, $filter: ServiceOrderFilter,
  $first: Int, $last: Int, $after: String, $before: String) {
  serviceOrders(orderBy: $orderBy, filter: $filter, first: $first, last: $last, after: $after,
    before: $before) { nodes { number status } pageInfo { startCursor endCursor } } }"""

FILTERS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "nothing": ({}, ("APPLIED", "UPDATED", "DUE")),
    "a queue": ({"status": ["PENDING_REVIEW"]}, ("APPLIED", "UPDATED", "DUE")),
    "what a queue is late with": ({"status": ["PENDING_REVIEW"], "overdue": True}, ("DUE",)),
    "what is late": ({"overdue": True}, ("DUE",)),
    "a kind of wish": ({"expectation": ["RETURN"]}, ("APPLIED", "UPDATED", "DUE")),
    "a colleague's": ({"assigneeId": ""}, ("APPLIED",)),
    "a customer's": ({"customerRef": "customer-1"}, ("APPLIED",)),
}
"""What is asked for, and by which of the columns it comes in order."""

CASES = [
    (ordering, name)
    for name, (_, columns) in FILTERS.items()
    for ordering in ORDERINGS
    if ordering.startswith(columns)
]


@dataclass(frozen=True)
class Said:
    """A statement as the driver was given it."""

    text: str
    values: Any


@contextmanager
def watching(engine: AsyncEngine) -> Iterator[list[Said]]:
    said: list[Said] = []

    def remember(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        said.append(Said(text, values))

    def note(told: StatementEvent) -> None:
        if told.pool is engine.sync_engine.pool:
            said.append(Said(told.statement, tuple(told.values)))

    sa.event.listen(engine.sync_engine, "before_cursor_execute", remember)
    LISTENERS.append(note)
    yield said
    LISTENERS.remove(note)
    sa.event.remove(engine.sync_engine, "before_cursor_execute", remember)


@dataclass
class Plans:
    """Asks the database how it would do what it was told; with whatever can be avoided avoided.

    On PostgreSQL a plan depends on how many rows there are, and here are few: where sorting and
    scanning are switched off, a plan has them only if there is no other way.
    """

    database: Database

    async def steps(self, said: Said) -> list[str]:
        """What would be done, as far as it is not by an index."""
        async with self.database.write() as connection:
            if self.database.is_sqlite:
                asked = f"EXPLAIN QUERY PLAN {said.text}"
                found = await connection.exec_driver_sql(asked, said.values)
                steps = [row["detail"] for row in found.mappings()]
                return [step for step in steps if step.startswith(("SCAN", "USE TEMP"))]
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
            asked = f"EXPLAIN (FORMAT JSON) {said.text}"
            [[plan]] = (await connection.exec_driver_sql(asked, said.values)).all()
            return [kind for kind in nodes(plan[0]["Plan"]) if "Sort" in kind or "Seq" in kind]


def nodes(plan: dict[str, Any]) -> Iterator[str]:
    yield f"{plan['Node Type']} {plan.get('Relation Name', '')}"
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.fixture
def plans(database: Database) -> Plans:
    return Plans(database)


@pytest.fixture
async def shop(given: World) -> Shop:
    shop = await given.merchant()
    await given.application(shop, 3)
    return shop


def filter_of(name: str, shop: Shop) -> dict[str, Any]:
    asked = dict(FILTERS[name][0])
    if "assigneeId" in asked:
        asked["assigneeId"] = ids.encode("Employee", shop.id, shop.owner.id)
    return asked


@pytest.mark.parametrize(("ordering", "name"), CASES)
async def test_a_page_comes_from_an_index_in_its_order(
    client: Client, shop: Shop, plans: Plans, ordering: str, name: str
) -> None:
    owner = client.as_(shop.owner.token)
    asked = {"orderBy": ordering, "filter": filter_of(name, shop)}
    cursor = (await owner.ask(PAGE, orderBy=ordering, first=1))["pageInfo"]["endCursor"]
    for window in (
        {"first": 50},
        {"last": 50},
        {"first": 50, "after": cursor},
        {"last": 50, "before": cursor},
    ):
        with watching(plans.database.reading) as said:
            await owner.ask(PAGE, **asked, **window)
        pages = [one for one in said if "service_order" in one.text]
        assert pages
        for page in pages:
            assert await plans.steps(page) == [], (page.text, json.dumps(window))


async def test_the_counters_come_from_indexes_alone(
    client: Client, shop: Shop, plans: Plans
) -> None:
    owner = client.as_(shop.owner.token)
    with watching(plans.database.reading) as said:
        await owner.ask("{ queueSummary { review { waiting overdue } autoApprovalBlocked } }")
    counts = [one for one in said if "service_order" in one.text]
    assert counts
    for counted in counts:
        assert await plans.steps(counted) == [], counted.text


async def test_the_clock_finds_what_is_due_by_its_own_index(
    given: World, shop: Shop, plans: Plans
) -> None:
    database = plans.database
    with watching(database.reading) as looked, watching(database.writing) as written:
        await next_due(database)
        await approve_overdue(database, given.now)
    found = {one.text: one for one in [*looked, *written] if "review_due_at" in one.text}
    assert len(found) == 2
    for one in found.values():
        assert await plans.steps(one) == [], one.text
