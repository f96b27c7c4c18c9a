"""A merchant's own reasons are found in indexes that hold only the orders that have one."""

from typing import Any

import pytest
import sqlalchemy as sa

from database.database import Database
from models.service_order import service_orders
from tests.client import Client
from tests.given import World
from tests.house.test_plans import PAGE, watching

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

ORDERS = 300


def index_names(plan: Any) -> set[str]:
    """The indexes of a plan of PostgreSQL. Any: JSON."""
    if isinstance(plan, list):
        return {name for part in plan for name in index_names(part)}
    own = {plan["Index Name"]} if "Index Name" in plan else set()
    return own | index_names(plan.get("Plans", []))


@pytest.mark.parametrize(
    ("code", "index"),
    [
        ("XA.COLOUR", "ix_service_order_own_reason"),
        ("XR.STOCK", "ix_service_order_own_review_reason"),
    ],
)
async def test_orders_with_an_own_reason_are_found_in_their_index(
    client: Client, given: World, database: Database, code: str, index: str
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, ORDERS)
    copy = {"zh": "缺货", "en": "Out of stock", "parent": "NOT_ELIGIBLE", "decisions": ["REJECT"]}
    values = {
        "XA.": {"reason_code": code, "own_reason": copy},
        "XR.": {"review_reason": code, "own_review_reason": copy},
    }[code[:3]]
    async with database.write() as connection:
        await connection.execute(
            sa.update(service_orders)
            .where(
                service_orders.c.merchant_id == shop.id,
                service_orders.c.id.in_([orders[0].key, orders[-1].key]),
            )
            .values(**values)
        )
        await connection.exec_driver_sql("ANALYZE")
    owner = client.as_(shop.owner.token)
    with watching(database.reading) as statements:
        page = await owner.ask(PAGE, orderBy="APPLIED_AT_ASC", filter={"reason": [code]}, first=20)
    assert [node["number"] for node in page["nodes"]] == [str(orders[0].key), str(orders[-1].key)]
    [sent] = [sent for sent in statements if "service_order" in sent.text]
    async with database.read() as connection:
        if database.is_sqlite:
            result = await connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {sent.text}", sent.values
            )
            assert any(index in row["detail"] for row in result.mappings())
            return
        result = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sent.text}", sent.values)
        [[plan]] = result.all()
        assert index in index_names(plan[0]["Plan"])
