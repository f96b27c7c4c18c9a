"""Many decide at the same time: it goes together, and each is told what came of theirs."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa

from database.driver_connection import LISTENERS, StatementEvent
from domain.events import EventKind
from domain.statuses import Status
from models.service_order import service_orders
from tests.client import Client
from tests.given import OrderRef, Person, World
from tests.statements import unnamed

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

MANY: Final = 40
PATIENCE_S: Final = 30
NUMBER: Final = "query($id: ID!) { serviceOrder(id: $id) { number status assignee { name } } }"
APPROVED: Final = "serviceOrder { id status version }"


@pytest.fixture
def told() -> Iterator[Counter[str]]:
    """How often the driver was asked what."""
    found: Counter[str] = Counter()

    def note(one: StatementEvent) -> None:
        if one.statement.startswith("WITH"):
            found["changes"] += 1
        elif "AS fact_0" in one.statement:
            found["orders"] += 1
        elif "FROM sign_in" in one.statement:
            found["viewers"] += 1
            return
        # Who runs what goes together is no task of a request, so that nobody else looks at it.
        found["unnamed"] += bool(unnamed(one.statement))

    LISTENERS.append(note)
    yield found
    LISTENERS.remove(note)


async def shops(given: World, count: int) -> list[tuple[Person, OrderRef]]:
    """Reviewers of so many shops, each with an order to review."""
    found = []
    for _ in range(count):
        shop = await given.merchant()
        found.append((await given.reviewer(shop), await given.order(shop)))
    return found


async def approve(client: Client, who: Person, order: OrderRef) -> Any:
    desk = client.as_(who.token)
    return await desk.do("reviewServiceOrder", APPROVED, id=order.id, decision={"approve": {}})


async def test_decisions_of_many_shops_go_together(
    client: Client, given: World, told: Counter[str]
) -> None:
    asked = await shops(given, MANY)
    payloads = await asyncio.gather(*(approve(client, *one) for one in asked))
    for (_, order), payload in zip(asked, payloads, strict=True):
        expected = {"id": order.id, "status": "AWAITING_SHIPMENT", "version": 2}
        assert payload == {"serviceOrder": expected, "refusals": []}
        assert await given.kinds(order) == [EventKind.SUBMITTED, EventKind.APPROVED]
    if not given.parts.database.is_sqlite:
        assert all(told[what] < MANY / 2 for what in ("changes", "orders", "viewers"))
    assert told["unnamed"] == 0


async def test_of_many_who_decide_on_one_order_one_does(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    people = [await given.reviewer(shop, f"审核{n}") for n in range(12)]
    payloads = await asyncio.gather(*(approve(client, one, order) for one in people))
    codes = Counter(refusal["code"] for one in payloads for refusal in one["refusals"])
    assert codes == {"ALREADY_DECIDED": 11}
    assert await given.kinds(order) == [EventKind.SUBMITTED, EventKind.APPROVED]


async def test_an_order_that_somebody_is_at_keeps_no_other(client: Client, given: World) -> None:
    database = given.parts.database
    if database.is_sqlite:
        pytest.skip("SQLite has one who writes at a time")
    asked = await shops(given, 10)
    held = asked[4][1]
    lock = sa.select(service_orders.c.id).where(
        service_orders.c.merchant_id == held.merchant_id,
        service_orders.c.id == held.key,
    )
    async with asyncio.timeout(PATIENCE_S):
        async with database.write_unlimited() as connection:
            await connection.execute(lock.with_for_update())
            deciding = [asyncio.create_task(approve(client, *one)) for one in asked]
            others = [*deciding[:4], *deciding[5:]]
            await asyncio.wait(others)
            assert not deciding[4].done()
        payloads = await asyncio.gather(*deciding)
    assert [one["refusals"] for one in payloads] == [[]] * 10
    assert {(await given.row(order)).status for _, order in asked} == {Status.AWAITING_SHIPMENT}


async def test_who_may_not_see_an_order_does_not_see_it_among_others(
    client: Client, given: World
) -> None:
    asked = await shops(given, MANY)
    others = [*asked[1:], asked[0]]
    pairs = [(who, order) for (who, _), (_, order) in zip(asked, others, strict=True)]

    async def seen(who: Person, order: OrderRef) -> Any:
        return await client.as_(who.token).ask(NUMBER, id=order.id)

    for _ in range(2):  # the second time it is planned
        own = await asyncio.gather(*(seen(*one) for one in asked))
        strange = await asyncio.gather(*(seen(*one) for one in pairs))
        assert [one["number"] for one in own] == [str(order.key) for _, order in asked]
        assert strange == [None] * MANY
