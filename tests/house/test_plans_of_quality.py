"""Reports and their cases are read from one index, whatever else the table holds."""

import re
from typing import Any, Final

import pytest

from tests.client import Client
from tests.given import Shop, World
from tests.house.test_plans import Plans, plans, watching

__all__ = ["plans"]

pytestmark = pytest.mark.anyio

INDEX: Final = "ix_quality_case_figures"
EMPLOYEE_INDEX: Final = "ix_quality_case_employee"
ALONE: Final = re.compile(f"(COVERING INDEX|Index Only Scan using) {INDEX}")

REPORT = """query($by: QualityDimension, $employee: ID, $part: QualityPart!, $first: Int,
    $last: Int, $after: String, $metrics: [QualityMetric!]) {
  qualityReport(period: {month: "2026-11"}, by: $by, employeeId: $employee, part: $part,
      first: $first, last: $last, after: $after, metrics: $metrics) {
    figures { value orders { nodes { at } pageInfo { endCursor } } }
    series { figures { value } } } }"""


async def plan_of(plans: Plans, sent: Any) -> str:  # Any: a statement of the house's tests
    """The whole plan, as text. PostgreSQL is not let scan the few rows of a test."""
    async with plans.database.write() as connection:
        if plans.database.is_sqlite:
            explain = f"EXPLAIN QUERY PLAN {sent.text}"
            steps = await connection.exec_driver_sql(explain, sent.values)
            return "\n".join(step.detail for step in steps)
        for way in ("seqscan", "bitmapscan"):
            await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        rows = await connection.exec_driver_sql(f"EXPLAIN {sent.text}", sent.values)
        return "\n".join(row[0] for row in rows)


@pytest.fixture
async def shop(given: World, plans: Plans) -> Shop:
    shop = await given.merchant()
    for order in await given.application(shop, 3):
        await given.quality_case(order, shop.owner)
    return shop


async def asked(
    client: Client, shop: Shop, plans: Plans, **arguments: Any
) -> list[tuple[str, str]]:
    """The statements of a report that read cases, each with its plan."""
    with watching(plans.database.reading) as statements:
        await client.as_(shop.owner.token).ask(REPORT, **{"part": "DENOMINATOR", **arguments})
    sent = [statement for statement in statements if "quality_case" in statement.text]
    found = [(statement.text, await plan_of(plans, statement)) for statement in sent]
    assert found
    for _, plan in found:
        indexes = [INDEX] if arguments.get("employee") is None else [INDEX, EMPLOYEE_INDEX]
        assert any(index in plan for index in indexes), plan
        assert "SCAN quality_case" not in plan, plan
        assert "Seq Scan on quality_case" not in plan, plan
    return found


@pytest.mark.parametrize("by", [None, "DAY", "EMPLOYEE", "REASON", "CATEGORY"])
async def test_the_figures_come_from_the_index_of_cases(
    client: Client, shop: Shop, plans: Plans, by: str | None
) -> None:
    for employee in (None, shop.owner.global_id):
        found = await asked(
            client, shop, plans, by=by, employee=employee, metrics=["REVIEW_HOURS_P90"]
        )
        # Of one employee either index is good: one reads fewer rows, the other none.
        if by not in {"REASON", "CATEGORY"} and employee is None:
            rows = [plan for _, plan in found if not ALONE.search(plan)]
            assert rows == [], "figures are read from the index, without the rows"


@pytest.mark.parametrize("part", ["DENOMINATOR", "NUMERATOR"])
async def test_a_page_of_cases_comes_from_the_index_in_its_order(
    client: Client, shop: Shop, plans: Plans, part: str
) -> None:
    metrics = ["REJECTION", "OVERTURNED"]
    report = await client.as_(shop.owner.token).ask(
        REPORT, part=part, first=1, metrics=["APPROVAL"]
    )
    cursor = report["figures"][0]["orders"]["pageInfo"]["endCursor"]
    for window in ({"first": 5}, {"last": 5}, {"first": 5, "after": cursor}):
        found = await asked(client, shop, plans, part=part, metrics=metrics, **window)
        pages = [plan for text, plan in found if "ORDER BY quality_case.day" in text]
        assert len(pages) >= len(metrics)
        for page in pages:
            assert "TEMP B-TREE" not in page, page
            assert "Sort" not in page, page
