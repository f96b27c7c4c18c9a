"""Each search finds its rows by an index, and a page then reads no more than those.

The shop is large enough that the database would rather sort few rows than walk all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from database.database import Database
from domain.actions import Action
from domain.actors import ActorKind
from domain.statuses import Status
from models.application import applications, search_keys
from models.service_order import service_orders
from models.waybill import waybills
from schema import ids
from tests.client import Client
from tests.given import OrderRef, Shop, World
from tests.house.test_plans import PAGE, Plans, Sent, nodes, watching

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

ORDERS = 3_000


@dataclass(frozen=True)
class Filled:
    """A shop with many orders, and one of them."""

    shop: Shop
    order: OrderRef
    number: int


@dataclass(frozen=True)
class Search:
    """A filter, and the index that finds its rows; on SQLite that of a key may be the table's.

    ``at`` is the index by which the page then reads the orders.
    """

    filter: Callable[[Filled], dict[str, Any]]
    index: str
    at: str = ""


def _window(name: str) -> Search:
    window = {"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T12:10:00Z"}
    return Search(lambda _: {name: window}, f"ix_service_order_{name}")


KEY, APPLICATION = "service_order_1 (merchant_id=? AND id=?)", "ix_service_order_application"
NARROW: dict[str, Search] = {
    "numbers": Search(lambda it: {"number": f"{it.order.key},12"}, "service_order", KEY),
    "purchases": Search(
        lambda _: {"orderNumber": "P0000012,P0000013"}, "ix_application_order_key", APPLICATION
    ),
    "the beginning of a number": Search(
        lambda _: {"numberPrefix": "P000001"}, "ix_application_order_key", KEY
    ),
    "waybills": Search(lambda _: {"waybill": "SF12,SF13"}, "service_order_waybill", KEY),
    "the last digits of a phone": Search(
        lambda _: {"phone": "0012"}, "ix_application_phone_key", APPLICATION
    ),
    "a phone": Search(lambda _: {"phone": "13800000012"}, "ix_application_phone_key", APPLICATION),
    "the beginning of a name": Search(
        lambda _: {"customerName": "客1"}, "ix_application_name_key", APPLICATION
    ),
}
"""The searches that find few rows."""

WIDE: dict[str, Search] = {
    "a reviewer": Search(
        lambda it: {"reviewerId": ids.encode("Employee", it.shop.id, it.shop.owner.id)},
        "ix_service_order_reviewer",
    ),
    "a rare decision": Search(lambda _: {"decision": ["REJECT"]}, "ix_service_order_decision"),
    "when it was decided": _window("decided"),
    "when it was received": _window("received"),
    "when it was finished": _window("finished"),
    "updated since": Search(
        lambda _: {"updated": {"from": "2026-11-24T13:50:00Z"}}, "ix_service_order_updated"
    ),
}
"""The filters that may match many rows."""

BESIDE: dict[str, dict[str, Any]] = {
    "alone": {},
    "in a queue": {"status": ["PENDING_REVIEW"]},
    "of a customer": {"customerRef": "customer-1"},
    "of a time": {"applied": {"from": "2026-11-22T12:00:00Z"}, "overdue": False},
}
"""Other filters beside a search."""


@pytest.fixture
async def filled(given: World, database: Database) -> Filled:
    shop = await given.merchant()
    await given.application(await given.merchant("另一家"), 1)
    [order] = await given.application(shop, 1)
    async with database.write() as connection:
        application, row = [
            dict((await connection.execute(sa.select(table).where(*of))).mappings().one())
            for table, of in (
                (applications, (applications.c.merchant_id == shop.id,)),
                (service_orders, (service_orders.c.merchant_id == shop.id,)),
            )
        ]
        await connection.execute(
            sa.insert(applications), [_application(application, n) for n in range(ORDERS)]
        )
        await connection.execute(
            sa.insert(service_orders), [_order(row, n, shop) for n in range(ORDERS)]
        )
        await connection.execute(
            sa.insert(waybills),
            [
                {"merchant_id": shop.id, "waybill": f"SF{n}", "service_order_id": n + 1}
                for n in range(ORDERS)
            ],
        )
    if not database.is_sqlite:
        # SQLite's plans must not depend on statistics: no server of ours gathers them.
        async with database.write() as connection:
            for table in (applications, service_orders, waybills):
                await connection.exec_driver_sql(f"ANALYZE {table.name}")
    return Filled(shop, order, 12)


def _application(row: dict[str, Any], n: int) -> dict[str, Any]:
    number, name, phone = f"P{n:07}", f"客{n}", f"138{n:08}"
    return {
        **row,
        "id": n + 1,
        "external_ref": f"SF{n}",
        "order_number": number,
        "customer_name": name,
        "customer_phone": phone,
        **search_keys(order_number=number, name=name, phone=phone),
    }


def _order(row: dict[str, Any], n: int, shop: Shop) -> dict[str, Any]:
    at = row["applied_at"] + timedelta(minutes=n)
    is_rare = n % 100 == 0
    return {
        **row,
        "id": n + 1,
        "application_id": n + 1,
        "order_number": f"P{n:07}",
        "decision": Action.REJECT if is_rare else Action.APPROVE,
        "decided_by_kind": ActorKind.EMPLOYEE,
        "decided_by_id": shop.owner.id if is_rare else 1,
        "decided_by": "小Z",
        "applied_at": at,
        **dict.fromkeys(("decided_at", "received_at", "finished_at", "updated_at"), at),
    }


@dataclass
class SearchPlans(Plans):
    """Asks for the plans that the database chooses by itself."""

    async def indexes(self, sent: Sent) -> tuple[list[str], list[str]]:
        """The indexes that a statement uses, and what it scans as a whole."""
        async with self.database.write() as connection:
            if self.database.is_sqlite:
                explain = f"EXPLAIN QUERY PLAN {sent.text}"
                result = await connection.exec_driver_sql(explain, sent.values)
                steps = [row["detail"] for row in result.mappings()]
                scans = [
                    step for step in steps if step.startswith("SCAN") and " VIRTUAL " not in step
                ]
                return steps, [step for step in scans if "service_order" in step]
            explain = f"EXPLAIN (FORMAT JSON) {sent.text}"
            [[plan]] = (await connection.exec_driver_sql(explain, sent.values)).all()
            kinds = list(nodes(plan[0]["Plan"]))
            return list(_indexes(plan[0]["Plan"])), [kind for kind in kinds if "Seq" in kind]


def _indexes(plan: dict[str, Any]) -> list[str]:
    own = [plan["Index Name"]] if "Index Name" in plan else []
    return own + [name for child in plan.get("Plans", ()) for name in _indexes(child)]


@pytest.mark.parametrize("beside", BESIDE)
async def test_a_search_reads_only_the_orders_that_it_finds(
    client: Client, database: Database, filled: Filled, beside: str
) -> None:
    owner, plans = client.as_(filled.shop.owner.token), SearchPlans(database)
    oldest = await owner.ask(PAGE, orderBy="APPLIED_AT_DESC", last=1)
    cursor = oldest["pageInfo"]["endCursor"]
    for name, search in NARROW.items():
        filter_ = search.filter(filled) | BESIDE[beside]
        for page in [
            *await pages(plans, owner, {"filter": filter_, "first": 20}),
            *await pages(plans, owner, {"filter": filter_, "last": 20, "before": cursor}),
        ]:
            used, scanned = await plans.indexes(page)
            assert scanned == [], (name, page.text)
            assert any(search.index in step for step in used), (name, used)
            if database.is_sqlite:
                assert search.at in used[0], (name, used)
            else:
                walked = {"ix_service_order_applied", "ix_service_order_queue"} & set(used)
                assert not walked, (name, used)


async def test_a_window_a_reviewer_and_a_rare_decision_are_found_by_their_own_indexes(
    client: Client, database: Database, filled: Filled
) -> None:
    owner, plans = client.as_(filled.shop.owner.token), SearchPlans(database)
    for name, search in WIDE.items():
        for page in await pages(plans, owner, {"filter": search.filter(filled), "first": 20}):
            used, scanned = await plans.indexes(page)
            assert scanned == [], (name, page.text)
            assert search.index in used[0], (name, used)


async def test_the_counts_of_statuses_read_one_index_alone(
    client: Client, database: Database, filled: Filled
) -> None:
    owner, plans = client.as_(filled.shop.owner.token), SearchPlans(database)
    for window in ("", '(applied: {from: "2026-11-22T12:00:00Z"})'):
        with watching(database.reading) as statements:
            await owner.ask(f"{{ statusCounts{window} {{ status count }} }}")
        [counts] = [sent for sent in statements if "service_order" in sent.text]
        if not database.is_sqlite:
            assert await plans.steps(counts) == []
        else:
            used, scanned = await plans.indexes(counts)
            assert scanned == []
            read = [step for step in used if "COVERING INDEX ix_service_order_queue" in step]
            assert len(read) == len(Status)


async def pages(plans: Plans, owner: Client, arguments: dict[str, Any]) -> list[Sent]:
    with watching(plans.database.reading) as statements:
        await owner.ask(PAGE, orderBy="APPLIED_AT_DESC", **arguments)
    sent = [sent for sent in statements if "service_order" in sent.text]
    assert sent
    return sent
