"""A storefront hands in applications in bulk as the page shows, and again."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.given import ITEM, World
from tests.integrating.running import printed
from tests.serving.process import Command

pytestmark = pytest.mark.anyio


def application(number: int, **item: Any) -> dict[str, Any]:
    return {
        "externalRef": f"A-{number}",
        "orderNumber": f"P-{number}",
        "customerRef": "customer-1",
        "customerName": "李小花",
        "customerPhone": "13812345678",
        "items": [{**ITEM, **item}],
    }


async def test_applications_sent_twice_are_submitted_once_and_each_has_its_result(
    client: Client, given: World, server: Command, programs: Path
) -> None:
    shop = await given.merchant()
    connector = await given.connector(shop)
    applications = [application(number) for number in range(102)]  # more than a request takes
    applications[1]["items"][0]["quantity"] = 0
    file = programs / "applications.json"
    file.write_text(json.dumps(applications), "utf-8")
    arguments = (f"http://127.0.0.1:{server.port}/graphql", connector.token, file)
    runs = [
        [json.loads(line) for line in await printed(programs / "intake.py", *arguments)]
        for _ in range(2)
    ]
    for run, replayed in zip(runs, (False, True), strict=True):
        assert [result["externalRef"] for result in run] == [f"A-{n}" for n in range(102)]
        refused = run.pop(1)
        assert [refusal["code"] for refusal in refused["refusals"]] == ["INVALID_INPUT"]
        assert not refused["done"]
        assert all(result["done"] for result in run)
        assert {result["replayed"] for result in run} == {replayed}
    numbers = [[result["application"] for result in run] for run in runs]
    assert numbers[0] == numbers[1]
    counts = await client.as_(shop.owner.token).ask("{ queueSummary { review { waiting } } }")
    assert counts["review"]["waiting"] == 101
