"""The statements of exports find their rows by indexes."""

from typing import Any

import pytest

from domain.exports import ExportStatus
from jobs.exports.clean import clean
from tests.client import Client
from tests.exports.running import ask, run_all
from tests.given import World
from tests.house.test_plans import Plans, watching

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]


async def test_exports_are_found_by_indexes_and_their_pages_come_in_order(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    await given.application(shop, items=2)
    for status in (ExportStatus.DONE, ExportStatus.CANCELLED):
        await given.export(shop, status=status, lease_until=None)
    database = given.parts.database
    owner = client.as_(shop.owner.token)
    filters: list[dict[str, Any]] = [{}, {"status": ["PENDING_REVIEW"]}, {"sku": "SKU-0"}]
    with watching(database.reading) as reads, watching(database.writing) as writes:
        for filter_ in filters:
            await ask(owner, "NUMBER", "CONTACT_NAME", "ASSIGNEE", filter=filter_)
            await ask(owner, "NUMBER", filter=filter_)
            await run_all(given.parts, page=1, reveal_page=1)
        await clean(given.parts.exporting)
        await owner.ask("{ exports { nodes { id } } }")
    plans = Plans(database)
    sent = {
        statement.text: statement
        for statement in [*reads, *writes]
        if statement.text.startswith("SELECT")
        and ("FROM export" in statement.text or "FROM service_order" in statement.text)
    }
    assert len(sent) > 8
    for statement in sent.values():
        steps = await plans.steps(statement)
        # A sorted page of a search, and the rows of a page by their ids, are few.
        is_few = "sku" in statement.text or "service_order.id IN" in statement.text
        steps = [step for step in steps if not step.startswith("SCAN anon_")]  # of a count
        assert not [step for step in steps if not (is_few and _sorts(step))], statement.text


def _sorts(step: str) -> bool:
    return "Sort" in step or "ORDER BY" in step
