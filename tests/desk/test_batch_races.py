"""A batch and a single decision at once, each through a server of its own on one database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app import create_app
from database.database import Database
from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE
from parts import Parts
from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

RACES = 10
DECISIVE = {EVENTS[action] for action, rule in LIFECYCLE.items() if rule.decides}
REJECT: dict[str, Any] = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}
GIVE_UP: dict[str, Any] = {"recordGiveUp": {"customerNote": "不退了"}}
RESULTS = """results { done serviceOrder { id }
  refusals { code ... on AlreadyDecided { by { name } decision automatic } } }"""


@pytest.fixture
async def elsewhere(parts: Parts, schema) -> AsyncIterator[Client]:
    """A second server on the same database."""
    url = parts.database.writing.url.render_as_string(hide_password=False)
    database = Database.open(url)
    other = Parts(database, parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(other, runs_clock=False, schema=schema)) as opened:
        yield opened
    await database.close()


@pytest.mark.parametrize("atomic", [False, True])
async def test_of_a_batch_and_a_single_decision_each_order_is_decided_once(
    client: Client, elsewhere: Client, given: World, atomic: bool
) -> None:
    shop = await given.merchant()
    one = client.as_((await given.reviewer(shop, "小A")).token)
    two = elsewhere.as_((await given.reviewer(shop, "小B")).token)
    for race in range(RACES):
        orders = await given.application(shop, 5)
        contested = orders[race % len(orders)]
        batch = one.do(
            "reviewServiceOrders",
            RESULTS,
            ids=[order.id for order in orders],
            decision=REJECT,
            atomic=atomic,
        )
        single = two.do("reviewServiceOrder", id=contested.id, decision=GIVE_UP)
        both = await asyncio.gather(*((batch, single) if race % 2 else (single, batch)))
        payload, answer = both if race % 2 else both[::-1]
        row = await given.row(contested)
        results = {result["serviceOrder"]["id"]: result for result in payload["results"]}
        mine = results.pop(contested.id)
        if row.decided_by == "小A":
            [told] = answer["refusals"]
            assert (told["code"], told["by"]["name"], told["decision"], told["automatic"]) == (
                "ALREADY_DECIDED",
                "小A",
                "REJECT",
                False,
            )
            assert mine["done"]
            assert all(result["done"] for result in results.values())
        else:
            assert answer["refusals"] == []
            told = {"by": {"name": "小B"}, "decision": "RECORD_GIVE_UP", "automatic": False}
            assert mine["refusals"] == [{"code": "ALREADY_DECIDED", **told}]
            assert [result["done"] for result in results.values()] == [not atomic] * 4
        for order in orders:
            decisions = [kind for kind in await given.kinds(order) if kind in DECISIVE]
            held_back = atomic and row.decided_by == "小B" and order is not contested
            assert len(decisions) == (0 if held_back else 1)


async def test_two_atomic_batches_that_overlap_do_not_mix(
    client: Client, elsewhere: Client, given: World
) -> None:
    shop = await given.merchant()
    one = client.as_((await given.reviewer(shop, "小A")).token)
    two = elsewhere.as_((await given.reviewer(shop, "小B")).token)
    for _ in range(RACES):
        orders = await given.application(shop, 6)
        ids = [order.id for order in orders]
        said = {"decision": REJECT, "atomic": True}
        payloads = await asyncio.gather(
            one.do("reviewServiceOrders", RESULTS, ids=ids[:4], **said),
            two.do("reviewServiceOrders", RESULTS, ids=ids[:1:-1], **said),
        )
        done = [[result["done"] for result in payload["results"]] for payload in payloads]
        assert sorted(done) == [[False] * 4, [True] * 4]
        assert all(payload["refusals"] == [] for payload in payloads)
        deciders = [(await given.row(order)).decided_by for order in orders]
        assert deciders in (["小A"] * 4 + [None] * 2, [None] * 2 + ["小B"] * 4)


async def test_one_customer_and_one_reviewer_at_once_end_in_one_of_the_two(
    client: Client, elsewhere: Client, given: World
) -> None:
    shop = await given.merchant()
    reviewer = elsewhere.as_((await given.reviewer(shop)).token)
    customer = client.as_((await given.customer(shop)).token)
    for race in range(RACES):
        order = await given.order(shop)
        pair = [
            customer.codes("cancelServiceOrder", id=order.id),
            reviewer.codes("reviewServiceOrder", id=order.id, decision=REJECT),
        ]
        found = await asyncio.gather(*(pair if race % 2 else pair[::-1]))
        cancelled, rejected = found if race % 2 else found[::-1]
        row = await given.row(order)
        if row.status == "CANCELLED":
            assert (cancelled, rejected) == ([], ["WRONG_STATUS"])
        else:
            assert (cancelled, rejected) == (["WRONG_STATUS"], [])
        assert row.version == 2
