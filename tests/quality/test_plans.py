"""Evaluation plans: publishing, versions, and trying one on past months."""

import asyncio
from typing import Any

import pytest

from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from domain.quality.cases import Mark
from tests.client import Client
from tests.given import World
from tests.test_races import other, other_parts

__all__ = ["other", "other_parts"]  # fixtures

pytestmark = pytest.mark.anyio

PUBLISH = """mutation($input: PublishEvaluationPlanInput!) { publishEvaluationPlan(input: $input) {
  evaluationPlan { version note publishedBy { name }
    criteria { metric name unit target floor weight minimum } }
  refusals { code path ... on EvaluationPlanOutdated { currentVersion } } } }"""
PLAN = "query($version: Int) { evaluationPlan(version: $version) { version note } }"
PREVIEW = """query($plan: EvaluationPlanInput!, $months: [String!]!, $after: ID) {
  evaluationPreview(plan: $plan, months: $months, afterMerchant: $after) {
    currentVersion hasMore movements { movement merchants }
    merchants { merchant { name } current draft change movement
      months { month current draft } } } }"""
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


async def test_a_plan_is_refused_where_another_was_published_or_nothing_would_change(
    client: Client, given: World
) -> None:
    platform = client.as_((await given.platform()).token)
    await publish(platform, plan())
    stale = await publish(platform, plan(criterion(weight=2)))
    assert stale["evaluationPlan"] is None
    assert stale["refusals"] == [
        {"code": "EVALUATION_PLAN_OUTDATED", "path": ["expectedVersion"], "currentVersion": 1}
    ]
    same = await publish(platform, plan(version=1, note="同样的方案"))
    assert [one["code"] for one in same["refusals"]] == ["EVALUATION_PLAN_UNCHANGED"]
    assert (await platform.ask(PLANS))["totalCount"] == 1


@pytest.mark.asked_once
async def test_of_two_who_publish_at_once_one_is_told_of_the_other(
    client: Client, other: Client, given: World
) -> None:
    token = (await given.platform()).token
    for version in range(3):
        answers = await asyncio.gather(
            *(
                publish(server.as_(token), plan(criterion(weight=weight), version=version))
                for weight, server in enumerate((client, other), 10 * version + 1)
            )
        )
        refusals = [one for answer in answers for one in answer["refusals"]]
        assert [(one["code"], one["currentVersion"]) for one in refusals] == [
            ("EVALUATION_PLAN_OUTDATED", version + 1)
        ]
    assert (await client.as_(token).ask(PLANS))["totalCount"] == 3


LATE = int(Mark.BY_PERSON | Mark.REJECTED)


async def test_a_preview_says_which_merchants_would_rise_and_which_fall(
    client: Client, given: World
) -> None:
    """Two reviews each: one on time and rejected, the other late and approved."""
    quick, kind = await given.merchant("快"), await given.merchant("善")
    await given.merchant("闲")
    await given.merchant("停", enrolment=EnrolmentStatus.SUSPENDED)
    good = {"quick": Mark.ON_TIME | Mark.REJECTED, "kind": Mark.APPROVED}
    for shop, marks in ((quick, good["quick"]), (kind, good["kind"])):
        order = await given.order(shop)
        for sequence in (2, 3):
            await given.quality_case(order, shop.owner, sequence=sequence, marks=int(marks))
    order = await given.order(quick)
    await given.quality_case(order, quick.owner, marks=LATE)
    platform = client.as_((await given.platform()).token)
    await publish(platform, plan(criterion("ON_TIME_REVIEW", target=1, floor=0)))
    draft = {"criteria": [criterion("APPROVAL", target=1, floor=0)]}
    found = await platform.ask(PREVIEW, plan=draft, months=["2026-10", "2026-11"])
    assert (found["currentVersion"], found["hasMore"]) == (1, False)
    assert {one["merchant"]["name"]: one for one in found["merchants"]} == {
        "快": {
            "merchant": {"name": "快"},
            "current": 6.666667,
            "draft": 0.0,
            "change": -6.666667,
            "movement": "FALLS",
            "months": [
                {"month": "2026-10", "current": None, "draft": None},
                {"month": "2026-11", "current": 6.666667, "draft": 0.0},
            ],
        },
        "善": {
            "merchant": {"name": "善"},
            "current": 0.0,
            "draft": 10.0,
            "change": 10.0,
            "movement": "RISES",
            "months": [
                {"month": "2026-10", "current": None, "draft": None},
                {"month": "2026-11", "current": 0.0, "draft": 10.0},
            ],
        },
        "闲": {
            "merchant": {"name": "闲"},
            "current": None,
            "draft": None,
            "change": None,
            "movement": "HAS_NONE",
            "months": [
                {"month": month, "current": None, "draft": None} for month in ("2026-10", "2026-11")
            ],
        },
    }
    moved = {one["movement"]: one["merchants"] for one in found["movements"]}
    assert moved == {"RISES": 1, "FALLS": 1, "HAS_NONE": 1} | dict.fromkeys(
        ("STAYS", "GAINS_SCORE", "LOSES_SCORE"), 0
    )
    rest = await platform.ask(PREVIEW, plan=draft, months=["2026-11"], after=kind.global_id)
    assert [one["merchant"]["name"] for one in rest["merchants"]] == ["闲"]


async def test_a_quantile_of_each_merchant_is_its_own_in_a_preview(
    client: Client, given: World
) -> None:
    hour = 3_600_000
    for name, hours in (("甲", [1, 2, 3]), ("乙", [10, 20])):
        shop = await given.merchant(name)
        order = await given.order(shop)
        for sequence, amount in enumerate(hours, 2):
            await given.quality_case(order, shop.owner, sequence=sequence, amount=amount * hour)
    platform = client.as_((await given.platform()).token)
    criteria = [criterion("REVIEW_HOURS_P50", target=0, floor=20)]
    found = await platform.ask(PREVIEW, plan={"criteria": criteria}, months=["2026-11"])
    assert [one["draft"] for one in found["merchants"]] == [9.0, 5.0]
    assert found["currentVersion"] == 0
