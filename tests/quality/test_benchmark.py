"""Benchmarks: quartiles of five merchants or more, which tell nothing of any of them."""

from datetime import timedelta
from typing import Any

import pytest

from domain.permissions import DELEGABLE, Permission
from domain.quality.cases import CaseKind, Mark
from domain.quality.figures import Tallies, Tally, figures
from domain.quality.scores import stored_figures
from domain.quality.snapshots import WAITING
from jobs.quality.snapshots import make_due
from tests.client import Client, Failed
from tests.given import Shop, World
from tests.quality.test_snapshots import SCORE, SETTLED

pytestmark = pytest.mark.anyio


async def approvals(given: World, shop: Shop, approved: int, **columns: Any) -> None:
    """A snapshot of November: so many of ten reviews were approvals."""
    counts = {
        (CaseKind.REVIEW, Mark.APPROVED): Tally(approved, approved),
        (CaseKind.REVIEW, Mark.REJECTED): Tally(10 - approved, 10 - approved),
    }
    values = figures(Tallies({key: tally for key, tally in counts.items() if tally.number}))
    await given.quality_snapshot(
        shop, "2026-11", figures=stored_figures(values), score=approved * 1_000_000, **columns
    )


def quartiles(score: Any) -> dict[str, Any]:
    """The quartiles that there are, by the names of the figures."""
    benchmark = score["benchmark"]
    found = {one["metric"]: one["quartiles"] for one in benchmark["figures"]}
    return {
        name: tuple(value.values())
        for name, value in ({"SCORE": benchmark["score"]} | found).items()
        if value is not None
    }


async def test_four_merchants_have_no_benchmark_and_five_have_one(
    client: Client, given: World
) -> None:
    await given.evaluation_plan()
    shops = [await given.merchant(f"店 {number}") for number in range(5)]
    owner, database = client.as_(shops[0].owner.token), given.parts.database
    for number, shop in enumerate(shops[:4], 1):
        await approvals(given, shop, number)
    await make_due(database, SETTLED)
    assert quartiles(await owner.ask(SCORE, month="2026-11")) == {}
    await approvals(given, shops[4], 5)
    await make_due(database, SETTLED)
    found = quartiles(await owner.ask(SCORE, month="2026-11"))
    assert found["SCORE"] == (2, 3, 4)
    assert found["APPROVAL"] == (0.2, 0.3, 0.4)
    assert found["REJECTION"] == (0.6, 0.7, 0.8)
    # Nobody has a rating or a receipt; and a count of work is nobody else's business.
    assert {"SATISFACTION", "ON_TIME_RECEIPT", "HANDLED"}.isdisjoint(found)


async def test_a_figure_that_fewer_than_five_merchants_have_has_no_quartiles(
    client: Client, given: World
) -> None:
    await given.evaluation_plan()
    shops = [await given.merchant(f"店 {number}") for number in range(6)]
    for shop in shops[:4]:
        await approvals(given, shop, 5)
    await given.quality_snapshot(shops[4], "2026-11", score=-1)
    await given.quality_snapshot(shops[5], "2026-11", score=3_000_000)
    await make_due(given.parts.database, SETTLED)
    found = quartiles(await client.as_(shops[5].owner.token).ask(SCORE, month="2026-11"))
    assert found == {"SCORE": (5, 5, 5)}


async def test_a_benchmark_is_that_of_its_month(client: Client, given: World) -> None:
    await given.evaluation_plan()
    shops = [await given.merchant(f"店 {number}") for number in range(5)]
    for shop in shops:
        await given.quality_snapshot(shop, "2026-10", score=1_000_000)
        await approvals(given, shop, 9)
    await make_due(given.parts.database, SETTLED)
    owner = client.as_(shops[0].owner.token)
    medians = [
        quartiles(await owner.ask(SCORE, month=month)).get("SCORE")
        for month in ("2026-09", "2026-10", "2026-11")
    ]
    assert medians == [None, (1, 1, 1), (9, 9, 9)]


async def test_a_merchant_never_sees_the_name_or_the_score_of_another(
    client: Client, given: World
) -> None:
    await given.evaluation_plan()
    shops = [await given.merchant(f"店 {number}") for number in range(6)]
    for number, shop in enumerate(shops, 1):
        await approvals(given, shop, number)
    await make_due(given.parts.database, SETTLED)
    reader = client.as_((await given.employee(shops[0], Permission.QUALITY_READ)).token)
    own = await reader.ask(SCORE, month="2026-11")
    assert (own["merchant"]["name"], own["score"]) == ("店 0", 1.0)
    assert not any(f"店 {number}" in str(own) for number in range(1, 6))
    with pytest.raises(Failed) as failed:
        await reader.ask(SCORE, month="2026-11", merchant=shops[1].global_id)
    assert failed.value.code == "NOT_FOUND"
    for query in (
        '{ qualityScores(month: "2026-11") { nodes { score } } }',
        """{ evaluationPreview(months: ["2026-11"], plan: {criteria: [
          {metric: APPROVAL, target: 1, floor: 0, weight: 1}]}) { currentVersion } }""",
    ):
        with pytest.raises(Failed) as failed:
            await reader.ask(query)
        assert failed.value.code == "FORBIDDEN"
    platform = client.as_((await given.platform(Permission.MERCHANT_READ)).token)
    theirs = await platform.ask(SCORE, month="2026-11", merchant=shops[1].global_id)
    assert (theirs["merchant"]["name"], theirs["score"]) == ("店 1", 2.0)
    with pytest.raises(Failed) as failed:
        await platform.ask(SCORE, month="2026-11")
    assert failed.value.code == "BAD_USER_INPUT"


async def test_nobody_without_the_permission_sees_a_score(client: Client, given: World) -> None:
    shop = await given.merchant()
    others = sorted(DELEGABLE - {Permission.QUALITY_READ})
    employee = client.as_((await given.employee(shop, *others)).token)
    for query in ('{ qualityScore(month: "2026-11") { score } }', "{ evaluationPlan { version } }"):
        with pytest.raises(Failed) as failed:
            await employee.ask(query)
        assert failed.value.code == "FORBIDDEN"


async def test_quartiles_change_together_with_five_new_values_or_not_at_all(
    client: Client, given: World
) -> None:
    await given.evaluation_plan()
    shops = [await given.merchant(f"店 {number}") for number in range(10)]
    owner, database = client.as_(shops[0].owner.token), given.parts.database
    late = SETTLED + WAITING + timedelta(days=1)
    seen = []
    for number, shop in enumerate(shops):
        await approvals(given, shop, number)
        await make_due(database, late)
        found = quartiles(await owner.ask(SCORE, month="2026-11"))
        seen.append((found.get("SCORE"), found.get("APPROVAL")))
    first, all_ = ((1, 2, 3), (0.1, 0.2, 0.3)), ((2, 4, 7), (0.2, 0.4, 0.7))
    assert seen == [(None, None)] * 4 + [first] * 5 + [all_]


async def test_a_benchmark_waits_for_the_snapshots_that_are_missing(
    client: Client, given: World
) -> None:
    await given.evaluation_plan()
    shops = [await given.merchant(f"店 {number}") for number in range(6)]
    owner, database = client.as_(shops[0].owner.token), given.parts.database
    for number, shop in enumerate(shops[:5], 1):
        await approvals(given, shop, number)
    for at in (SETTLED, SETTLED + timedelta(days=2)):
        await make_due(database, at)
        assert quartiles(await owner.ask(SCORE, month="2026-11")) == {}
    await approvals(given, shops[5], 6)
    await make_due(database, SETTLED + timedelta(days=2))
    assert quartiles(await owner.ask(SCORE, month="2026-11"))["SCORE"] == (2, 3, 5)
