"""Queues, counters and the review clock find rows by an index, without sorting or scanning."""

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
from jobs.timers import fire_timers, next_due
from schema import ids
from schema.queries.desk import ServiceOrderOrdering
from tests.client import Client
from tests.given import ITEM, Shop, World

pytestmark = pytest.mark.anyio

ORDERINGS = [ordering.name for ordering in ServiceOrderOrdering]
PAGE = """query($orderBy: ServiceOrderOrdering!, $filter: ServiceOrderFilter,
  $first: Int, $last: Int, $after: String, $before: String) {
  serviceOrders(orderBy: $orderBy, filter: $filter, first: $first, last: $last, after: $after,
    before: $before) { nodes { number status } pageInfo { startCursor endCursor } } }"""

FILTERS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "nothing": ({}, ("APPLIED", "UPDATED", "DUE", "TARGET")),
    "a queue": ({"status": ["PENDING_REVIEW"]}, ("APPLIED", "UPDATED", "DUE", "TARGET")),
    "what a queue is behind with": (
        {"status": ["PENDING_REVIEW"], "pastTarget": True},
        ("TARGET",),
    ),
    "what is behind": ({"pastTarget": True}, ("TARGET",)),
    "what a queue is late with": ({"status": ["PENDING_REVIEW"], "overdue": True}, ("DUE",)),
    "what is late": ({"overdue": True}, ("DUE",)),
    "a kind of wish": ({"expectation": ["RETURN"]}, ("APPLIED", "UPDATED", "DUE")),
    "a colleague's": ({"assigneeId": ""}, ("APPLIED",)),
    "what nobody has of a queue": (
        {"status": ["PENDING_REVIEW"], "unassigned": True},
        ("APPLIED", "DUE"),
    ),
    "a customer's": ({"customerRef": "customer-1"}, ("APPLIED",)),
    "what waits for a ruling": ({"escalated": True}, ("ESCALATED",)),
    "what the system cannot approve": ({"autoApprovalBlocked": True}, ("APPLIED",)),
    "an own reason for applying": ({"reason": ["XA.COLOUR"]}, ("APPLIED",)),
    "an own reason of a decision": ({"reason": ["XR.STOCK"]}, ("APPLIED",)),
    "a reason of the platform": ({"reason": ["EVIDENCE.INSUFFICIENT"]}, ("APPLIED", "DUE")),
}
"""A filter, and the columns of the orderings that an index gives with it."""

CASES = {
    name: [ordering for ordering in ORDERINGS if ordering.startswith(columns)]
    for name, (_, columns) in FILTERS.items()
}


@dataclass(frozen=True)
class Sent:
    """A statement as the driver received it."""

    text: str
    values: Any


@contextmanager
def watching(engine: AsyncEngine) -> Iterator[list[Sent]]:
    statements: list[Sent] = []

    def remember(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        statements.append(Sent(text, values))

    def note(event: StatementEvent) -> None:
        if event.pool is engine.sync_engine.pool:
            statements.append(Sent(event.statement, tuple(event.values)))

    sa.event.listen(engine.sync_engine, "before_cursor_execute", remember)
    LISTENERS.append(note)
    yield statements
    LISTENERS.remove(note)
    sa.event.remove(engine.sync_engine, "before_cursor_execute", remember)


@dataclass
class Plans:
    """Asks the database for the plans of statements.

    A plan of PostgreSQL depends on the number of rows, and a test has few. With sorting and
    scanning switched off, a plan sorts or scans only if there is no other way.
    """

    database: Database

    async def steps(self, sent: Sent) -> list[str]:
        """The steps of a statement's plan that sort or scan."""
        async with self.database.write() as connection:
            if self.database.is_sqlite:
                explain = f"EXPLAIN QUERY PLAN {sent.text}"
                result = await connection.exec_driver_sql(explain, sent.values)
                steps = [row["detail"] for row in result.mappings()]
                return [step for step in steps if step.startswith(("SCAN", "USE TEMP"))]
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
            explain = f"EXPLAIN (FORMAT JSON) {sent.text}"
            [[plan]] = (await connection.exec_driver_sql(explain, sent.values)).all()
            return [kind for kind in nodes(plan[0]["Plan"]) if "Sort" in kind or "Seq" in kind]


def nodes(plan: dict[str, Any]) -> Iterator[str]:
    yield f"{plan['Node Type']} {plan.get('Relation Name', '')}"
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.fixture
def plans(database: Database) -> Plans:
    return Plans(database)


@pytest.fixture
async def shop(given: World) -> Shop:
    shop = await given.merchant()
    await given.application(shop, 3)
    await given.order(shop, target_at=given.now)
    return shop


def filter_of(name: str, shop: Shop) -> dict[str, Any]:
    values = dict(FILTERS[name][0])
    if "assigneeId" in values:
        values["assigneeId"] = ids.encode("Employee", shop.id, shop.owner.id)
    return values


@pytest.mark.parametrize("name", CASES)
async def test_a_page_comes_from_an_index_in_its_order(
    client: Client, shop: Shop, plans: Plans, name: str
) -> None:
    owner, filter_ = client.as_(shop.owner.token), filter_of(name, shop)
    for ordering in CASES[name]:
        cursor = (await owner.ask(PAGE, orderBy=ordering, first=1))["pageInfo"]["endCursor"]
        for window in (
            {"first": 50},
            {"last": 50},
            {"first": 50, "after": cursor},
            {"last": 50, "before": cursor},
        ):
            with watching(plans.database.reading) as statements:
                await owner.ask(PAGE, orderBy=ordering, filter=filter_, **window)
            pages = [sent for sent in statements if "service_order" in sent.text]
            assert pages
            for page in pages:
                steps = await plans.steps(page)
                assert steps == [], (ordering, page.text, json.dumps(window))


async def test_the_counters_come_from_indexes_alone(
    client: Client, shop: Shop, plans: Plans
) -> None:
    owner = client.as_(shop.owner.token)
    with watching(plans.database.reading) as statements:
        await owner.ask(
            "{ queueSummary { review { waiting overdue pastTarget } autoApprovalBlocked } }"
        )
    counts = [sent for sent in statements if "service_order" in sent.text]
    assert counts
    for count in counts:
        assert await plans.steps(count) == [], count.text


async def test_the_clock_finds_what_is_due_by_its_own_index(
    given: World, shop: Shop, plans: Plans
) -> None:
    database = plans.database
    with watching(database.reading) as reads, watching(database.writing) as writes:
        await next_due(database)
        await fire_timers(database, given.now)
    by_text = {
        sent.text: sent
        for sent in [*reads, *writes]
        if "clock_due_at <=" in sent.text or "min(" in sent.text
    }
    assert len(by_text) == 2
    for sent in by_text.values():
        assert await plans.steps(sent) == [], sent.text


async def test_the_other_orders_of_a_purchase_are_found_by_an_index(
    client: Client, given: World, shop: Shop, plans: Plans
) -> None:
    """For the siblings of a page, and for the checks of a new application."""
    database = plans.database
    await given.application(shop, 3, order_number="P-1")
    application = {
        "externalRef": "A-1",
        "orderNumber": "P-1",
        "customerRef": "c-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [ITEM],
    }
    owner = client.as_(shop.owner.token)
    with watching(database.reading) as reads, watching(database.writing) as writes:
        await owner.ask("{ serviceOrders { nodes { siblings { number } } } }")
        assert await owner.codes("submitApplication", **application) == []
    asked = {sent.text: sent for sent in [*reads, *writes] if "order_number =" in sent.text}
    assert len(asked) == 2, list(asked)
    for sent in asked.values():
        steps = await plans.steps(sent)
        assert not [step for step in steps if "order" in step and "ORDER BY" not in step], steps
        assert not [step for step in steps if "sibling" in step], steps
