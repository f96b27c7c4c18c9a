"""Two at once for one order, each with a server and connections of its own, on one database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app import create_app
from database.database import Database
from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE
from jobs.timers import SweepResult, fire_timers
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import OrderRef, World

pytestmark = pytest.mark.anyio

RACES = 50
DECISIVE = {EVENTS[action] for action, rule in LIFECYCLE.items() if rule.decides}
APPROVE: dict[str, Any] = {"approve": {}}
REJECT = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}


@pytest.fixture
async def other_parts(parts: Parts) -> AsyncIterator[Parts]:
    """A second server on the same database."""
    url = parts.database.writing.url.render_as_string(hide_password=False)
    database = Database.open(url)
    yield Parts(database, parts.keys, parts.pictures, parts.clock)
    await database.close()


@pytest.fixture
async def other(other_parts: Parts, schema) -> AsyncIterator[Client]:
    async with Client.of(create_app(other_parts, runs_clock=False, schema=schema)) as opened:
        yield opened


async def decide(client: Client, order: OrderRef, decision: dict[str, Any]) -> list[dict[str, Any]]:
    payload = await client.do("reviewServiceOrder", id=order.id, decision=decision)
    return payload["refusals"]


async def decisions(given: World, order: OrderRef) -> int:
    return sum(kind in DECISIVE for kind in await given.kinds(order))


async def test_of_two_reviewers_one_wins_and_the_other_is_told(
    client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    one = client.as_((await given.reviewer(shop, "小A")).token)
    two = other.as_((await given.reviewer(shop, "小B")).token)
    for race in range(RACES):
        order = await given.order(shop)
        pair = [decide(one, order, APPROVE), decide(two, order, REJECT)]
        answers = await asyncio.gather(*(pair if race % 2 else reversed(pair)))
        (lost,) = [refusals for refusals in answers if refusals]
        winner = (await given.row(order)).decided_by
        assert [(told["code"], told["by"]["name"], told["automatic"]) for told in lost] == [
            ("ALREADY_DECIDED", winner, False)
        ]
        assert await decisions(given, order) == 1


async def test_of_a_reviewer_and_the_clock_one_wins(
    client: Client, other_parts: Parts, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    reviewer = client.as_((await given.reviewer(shop)).token)

    async def tick(race: int) -> SweepResult:
        await asyncio.sleep((race % 10) / 1000)  # else the clock, which asks less, mostly wins
        return await fire_timers(other_parts.database, clock.now())

    for race in range(RACES):
        order = await given.order(shop)
        clock.pass_(timedelta(hours=48))
        refusals, swept = await asyncio.gather(decide(reviewer, order, REJECT), tick(race))
        assert await decisions(given, order) == 1
        if swept.approved:
            (told,) = refusals
            assert (told["code"], told["decision"], told["automatic"]) == (
                "ALREADY_DECIDED",
                "AUTO_APPROVE",
                True,
            )
            assert (await given.row(order)).status == "AWAITING_SHIPMENT"
        else:
            assert refusals == []
            assert (await given.row(order)).status == "REJECTED"


async def test_many_workers_approve_each_order_once(
    other_parts: Parts, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    orders = [ref for _ in range(10) for ref in await given.application(shop, items=5)]
    clock.pass_(timedelta(days=5))
    databases = [given.parts.database, other_parts.database]
    swept = await asyncio.gather(*(fire_timers(one, clock.now()) for one in databases * 2))
    assert sum(one.approved for one in swept) == len(orders)
    assert [await decisions(given, order) for order in orders] == [1] * len(orders)


async def test_of_a_withdrawal_and_the_customer_s_shipment_exactly_one_wins(
    client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    reviewer = client.as_((await given.reviewer(shop)).token)
    customer = other.as_((await given.customer(shop, "c-1")).token)
    for race in range(10):
        order = await given.order(shop, customer_ref="c-1")
        assert await decide(reviewer, order, APPROVE) == []
        pair = [
            reviewer.codes("withdrawApproval", id=order.id, reason="点错了"),
            customer.codes("shipServiceOrder", id=order.id, carrier="顺丰", waybill="SF1"),
        ]
        answers = await asyncio.gather(*(pair if race % 2 else reversed(pair)))
        assert sorted(answers) == [[], ["WRONG_STATUS"]]
        assert len(await given.kinds(order)) == 3
