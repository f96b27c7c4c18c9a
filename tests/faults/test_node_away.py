"""What clients see while a machine of a cluster is away, and that nothing is lost when it is back.

The machine is cut for one database: the coordinator has a wrong address for it, and its sessions
are killed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from jobs import sequencer
from jobs.quality.alerts import compare
from jobs.quality.derive import derive
from jobs.timers import fire_timers, next_due
from jobs.webhooks.expand import expand
from models.feed import feed
from models.queries import deliveries, exports, old_deliveries, quality_snapshots
from models.queries.presence import read_present
from models.service_order import events
from tests.client import Client, Failed
from tests.cluster import nodes_of
from tests.given import OrderRef, Person, Shop, World

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

QUEUE = "{ serviceOrders { nodes { id status } } }"
REJECT = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}
ORDERS = 6
_NOWHERE = 1
"""A port at which nobody listens."""
_MOVE = sa.text("UPDATE pg_dist_node SET nodeport = :there WHERE nodeport = :here")
_KILL = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
_NODE_OF = sa.text(
    """
    SELECT pg_dist_node.nodeport
    FROM pg_dist_placement JOIN pg_dist_node USING (groupid)
    WHERE shardid = get_shard_id_for_distribution_column('merchant', CAST(:id AS bigint))
    """
)


@dataclass(frozen=True)
class Desk:
    """A merchant, the machine of its rows, and somebody who reviews its orders."""

    shop: Shop
    port: int
    reviewer: Person
    orders: list[OrderRef]


@pytest.fixture
async def desks(given: World, runs_on: str) -> list[Desk]:
    """Two merchants on two machines."""
    if runs_on != "citus":
        pytest.skip("the database is of one machine")
    database, by_port = given.parts.database, dict[int, Desk]()
    for number in count():
        shop = await given.merchant(f"商家 {number}")
        async with database.read() as connection:
            port = (await connection.execute(_NODE_OF, {"id": shop.id})).scalar_one()
        if port in by_port:
            continue
        orders = [await given.order(shop) for _ in range(ORDERS)]
        by_port[port] = Desk(shop, port, await given.reviewer(shop), orders)
        if len(by_port) == len({node.port for node in await nodes_of(database_url(given))}) - 1:
            return list(by_port.values())
    raise AssertionError


def database_url(given: World) -> str:
    return given.parts.database.writing.url.render_as_string(hide_password=False)


@asynccontextmanager
async def away(given: World, port: int) -> AsyncIterator[None]:
    """Cut a machine off, and let it come back."""
    url = make_url(database_url(given))
    [node] = [node for node in await nodes_of(database_url(given)) if node.port == port]
    await _run(url, _MOVE, here=port, there=_NOWHERE)
    await _run(node.set(database="postgres"), _KILL, name=url.database)
    try:
        yield
    finally:
        await _run(url, _MOVE, here=_NOWHERE, there=port)


async def _run(url: sa.URL, statement: sa.TextClause, **parameters: object) -> None:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(statement, parameters)
    await engine.dispose()


async def test_merchants_of_the_other_machines_sign_in_read_and_decide(
    client: Client, given: World, desks: list[Desk]
) -> None:
    cut, live = desks[:2]
    async with away(given, cut.port):
        reviewer = await client.sign_in(live.reviewer.login)
        assert len((await reviewer.ask(QUEUE))["nodes"]) == ORDERS
        payload = await reviewer.do(
            "reviewServiceOrder",
            "serviceOrder { status }",
            id=live.orders[0].id,
            decision=REJECT,
            idempotencyKey="once",
        )
        assert payload["serviceOrder"] == {"status": "REJECTED"}
        with pytest.raises(Failed) as failed:
            await client.as_(cut.reviewer.token).ask(QUEUE)
        assert failed.value.code == "UNAVAILABLE"
        assert failed.value.extensions["missing"] == "MERCHANTS_OF_A_MACHINE"
        ready = await client.http.get("/readyz")
        assert ready.status_code == 200
    assert len((await client.as_(cut.reviewer.token).ask(QUEUE))["nodes"]) == ORDERS


async def test_a_machine_that_goes_and_comes_back_loses_doubles_and_hastens_nothing(
    client: Client, given: World, desks: list[Desk]
) -> None:
    reviews = [
        asyncio.create_task(review(client.as_(desk.reviewer.token), order))
        for desk in desks
        for order in desk.orders
    ]
    for _ in range(2):
        async with away(given, desks[0].port):
            await asyncio.sleep(0.1)
    await asyncio.gather(*reviews)
    database = given.parts.database
    assert (await fire_timers(database, given.now)).total == 0  # nothing is due
    while await sequencer.sequence(database, given.now):
        pass
    for desk in desks:
        keys = sorted(order.key for order in desk.orders)
        # The world's orders were not placed in the feed when they were made.
        assert await stored(given, desk, events) == [(key, n) for key in keys for n in (1, 2)]
        assert await stored(given, desk, feed) == [(key, 2) for key in keys]


async def test_the_jobs_go_on_for_the_merchants_of_the_other_machines(
    given: World, desks: list[Desk]
) -> None:
    cut, live = desks[:2]
    database, later = given.parts.database, given.now + timedelta(days=10)
    async with away(given, cut.port):
        assert await next_due(database) is not None
        assert (await fire_timers(database, later)).approved == ORDERS * (len(desks) - 1)
        assert await sequencer.sequence(database, given.now) == ORDERS * (len(desks) - 1)
        assert await stored(given, live, feed) == [(key, 2) for key in sorted(keys_of(live))]
        for look in looks(later):
            await read_present(database, look)
        while await derive(database):
            pass
        await compare(database, later)
        await expand(database, later)
    assert (await fire_timers(database, later)).approved == ORDERS
    while await sequencer.sequence(database, given.now):
        pass
    for desk in desks:
        assert await stored(given, desk, feed) == [(key, 2) for key in sorted(keys_of(desk))]


def looks(now: datetime) -> Sequence[Callable[[AsyncConnection], Awaitable[object]]]:
    """What jobs that begin work of their own ask over all merchants."""
    return (
        partial(deliveries.find_due, now=now, failing=False, most=1),
        old_deliveries.find_endpoints,
        partial(exports.find_waiting, now=now, limit=1),
        partial(exports.find_to_clean, now=now, limit=1),
        partial(
            quality_snapshots.find_candidates,
            month="2026-10",
            version=1,
            created_before=now,
            after=0,
            most=1,
        ),
    )


def keys_of(desk: Desk) -> list[int]:
    return [order.key for order in desk.orders]


async def stored(given: World, desk: Desk, table: sa.Table) -> list[tuple[int, int]]:
    """The keys of the merchant's events in a table."""
    async with given.parts.database.read() as connection:
        rows = await connection.execute(
            sa.select(table.c.service_order_id, table.c.sequence).where(
                table.c.merchant_id == desk.shop.id
            )
        )
        return sorted((order_id, sequence) for order_id, sequence in rows)


async def review(client: Client, order: OrderRef) -> None:
    """Reject the order, however often it takes, under one key."""
    while True:
        try:
            payload = await client.do(
                "reviewServiceOrder",
                id=order.id,
                decision=REJECT,
                idempotencyKey=f"review-{order.key}",
            )
        except Failed as failed:
            if failed.code not in {"UNAVAILABLE", "OVERLOADED"}:
                raise
            await asyncio.sleep(0.05)
        else:
            assert payload["refusals"] == []
            return
