"""What the server does where tables are distributed, on a plain PostgreSQL that is said to be so.

The statements are the same as on a cluster; a cluster shows that it takes them.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from database.database import Database
from domain.events import EventKind
from jobs import sequencer
from jobs.delete_keys import delete_expired
from jobs.timers import fire_timers
from models.queries import feed
from models.service_order import events
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import World

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

REJECT = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}
OVERDUE = timedelta(hours=48)


@pytest.fixture
async def database(database_url: str, runs_on: str) -> AsyncIterator[Database]:
    if runs_on == "sqlite":
        pytest.skip("SQLite is of one machine")
    database = Database.open(database_url, distributed=True)
    yield database
    await database.close()


async def approvals(database: Database) -> list[int]:
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(events.c.service_order_id).where(events.c.kind == EventKind.AUTO_APPROVED)
        )
        return sorted(rows.scalars())


async def test_several_workers_approve_the_orders_of_many_merchants_once(
    given: World, clock: StoppedClock
) -> None:
    shops = [await given.merchant(str(number)) for number in range(5)]
    orders = [await given.order(shop) for shop in shops for _ in range(3)]
    database = given.parts.database
    clock.pass_(OVERDUE - timedelta(microseconds=1))
    assert (await fire_timers(database, clock.now())).total == 0
    clock.pass_(timedelta(microseconds=1))
    results = await asyncio.gather(*(fire_timers(database, clock.now()) for _ in range(3)))
    assert sum(result.approved for result in results) == len(orders)
    assert await approvals(database) == sorted(order.key for order in orders)


async def test_an_order_that_changes_during_the_sweep_is_left_out_of_it(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    orders = [await given.order(shop) for _ in range(6)]
    reviewer = client.as_((await given.reviewer(shop)).token)
    clock.pass_(OVERDUE)
    swept, *reviews = await asyncio.gather(
        fire_timers(given.parts.database, clock.now()),
        *(
            reviewer.do(
                "reviewServiceOrder", "serviceOrder { status }", id=order.id, decision=REJECT
            )
            for order in orders[:3]
        ),
    )
    reviewed = [payload for payload in reviews if not payload["refusals"]]
    assert swept.approved + len(reviewed) == len(orders)
    assert len(await approvals(given.parts.database)) == swept.approved


async def test_a_review_under_a_key_is_done_once_and_reaches_both_feeds(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order, person = await given.order(shop), await given.reviewer(shop)
    reviewer = await client.sign_in(person.login)
    for _ in range(2):
        payload = await reviewer.do(
            "reviewServiceOrder",
            "serviceOrder { status version }",
            id=order.id,
            decision=REJECT,
            idempotencyKey="once",
        )
        assert payload["serviceOrder"] == {"status": "REJECTED", "version": 2}
    database = given.parts.database
    assert await sequencer.sequence(database, clock.now()) == 1
    for merchant_id in (shop.id, None):
        async with database.read_prepared() as connection:
            window = await feed.window(connection, merchant_id, after=0, limit=10)
            standing = await feed.standing(connection, merchant_id)
        assert [row.event_key for row in window] == [(shop.id, order.key, 2)]
        assert (standing.position, standing.event) == (1, window[0].identity)
    clock.pass_(timedelta(hours=24))
    assert await delete_expired(database, clock.now()) == 1
