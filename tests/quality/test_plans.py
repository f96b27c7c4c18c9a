"""Evaluation plans: publishing, versions, and trying one on past months."""

from typing import Any

import pytest

from domain.permissions import Permission
from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

PUBLISH = """mutation($input: PublishEvaluationPlanInput!) { publishEvaluationPlan(input: $input) {
  evaluationPlan { version note publishedBy { name }
    criteria { metric name unit target floor weight minimum } }
  refusals { code path ... on EvaluationPlanOutdated { currentVersion } } } }"""
PLAN = "query($version: Int) { evaluationPlan(version: $version) { version note } }"
PLANS = "{ evaluationPlans { nodes { version criteria { metric } } totalCount } }"


def criterion(metric: str = "ON_TIME_REVIEW", **values: Any) -> dict[str, Any]:
    return {"metric": metric, "target": 0.9, "floor": 0.5, "weight": 1, "minimum": 1} | values


def plan(*criteria: dict[str, Any], version: int = 0, **values: Any) -> dict[str, Any]:
    return {
        "plan": {"criteria": list(criteria) or [criterion()]},
        "expectedVersion": version,
        **values,
    }


async def publish(client: Client, input_: dict[str, Any]) -> Any:
    return (await client.ask_all(PUBLISH, {"input": input_}))["publishEvaluationPlan"]


async def test_each_plan_that_is_published_is_kept_under_its_version(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    platform = client.as_((await given.platform()).token)
    reader = client.as_((await given.employee(shop, Permission.QUALITY_READ)).token)
    assert await platform.ask(PLAN) is None
    first = await publish(platform, plan(criterion("SATISFACTION", target=5, floor=3), criterion()))
    assert first["refusals"] == []
    assert [one["metric"] for one in first["evaluationPlan"]["criteria"]] == [
        "ON_TIME_REVIEW",
        "SATISFACTION",
    ]
    second = await publish(platform, plan(version=1, note="只看审核"))
    assert second["evaluationPlan"]["version"] == 2
    assert await reader.ask(PLAN) == {"version": 2, "note": "只看审核"}
    assert await reader.ask(PLAN, version=1) == {"version": 1, "note": None}
    assert await reader.ask(PLAN, version=3) is None
    plans = await reader.ask(PLANS)
    assert [(one["version"], len(one["criteria"])) for one in plans["nodes"]] == [(2, 1), (1, 2)]
