"""Assigning, claiming and disabling at once, each with a server and connections of its own."""

import asyncio
from collections import Counter
from typing import Any, Final

import pytest
import sqlalchemy as sa

from models.service_order import events, service_orders
from tests.client import Client, Failed
from tests.given import OrderRef, Person, World
from tests.test_races import other, other_parts

__all__ = ["other", "other_parts"]  # fixtures

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

RACES: Final = 4
ORDERS: Final = 12


async def assign(client: Client, orders: list[OrderRef], assignee: Person) -> list[str]:
    """The ids of the orders that were assigned."""
    shape = "results { done serviceOrder { id } refusals { code } }"
    asked = {"ids": [order.id for order in orders], "assigneeId": assignee.global_id}
    payload = await client.do("assignServiceOrders", shape, **asked)
    assert payload["refusals"] == []
    for result in payload["results"]:
        assert [refusal["code"] for refusal in result["refusals"]] in ([], ["ALREADY_ASSIGNED"])
    return [result["serviceOrder"]["id"] for result in payload["results"] if result["done"]]


async def claim(client: Client, count: int = ORDERS) -> Any:
    asked = {"queue": "REVIEW", "count": count}
    return await client.do("claimServiceOrders", "serviceOrders { id }", **asked)


async def held(given: World) -> Counter[int | None]:
    """How many orders each has; each event has to have been written once for each version."""
    async with given.parts.database.read() as connection:
        rows = (await connection.execute(sa.select(service_orders))).all()
        counts = await connection.execute(
            sa.select(events.c.service_order_id, sa.func.count()).group_by(
                events.c.service_order_id
            )
        )
        assert {row.id: row.version for row in rows} == dict(map(tuple, counts))
    return Counter(row.assignee_id for row in rows)


@pytest.mark.parametrize("race", range(RACES))
async def test_of_two_who_claim_an_order_one_has_it_and_the_other_is_told(
    race: int, client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    people = [await given.reviewer(shop, name) for name in ("小A", "小B")]
    orders = await given.application(shop, 3)
    asked = [
        assign(server.as_(person.token), orders, person)
        for server, person in zip((client, other), people, strict=True)
    ]
    answers = await asyncio.gather(*(asked if race % 2 else reversed(asked)))
    assert sorted(map(len, answers)) == [0, 3]
    assert sorted((await held(given)).values()) == [3]


@pytest.mark.parametrize("race", range(RACES))
async def test_claiming_and_assigning_at_once_leave_each_order_to_one(
    race: int, client: Client, other: Client, given: World
) -> None:
    """The supervisor may take an order that was just claimed, and nobody claims what is taken."""
    shop = await given.merchant()
    claimer, colleague = await given.reviewer(shop, "小A"), await given.reviewer(shop, "小B")
    orders = await given.application(shop, ORDERS)
    named = orders[race % 4 :: 2]
    claimed, assigned = await asyncio.gather(
        claim(client.as_(claimer.token), ORDERS // 2),
        assign(other.as_(shop.owner.token), named, colleague),
    )
    assert len(assigned) == len(named)
    counts = await held(given)
    assert counts[colleague.id] == len(assigned)
    claims = {order["id"] for order in claimed["serviceOrders"]}
    assert counts[claimer.id] == len(claims - set(assigned))
    assert counts.total() == ORDERS


@pytest.mark.parametrize("race", range(RACES))
async def test_whoever_is_disabled_while_they_claim_has_no_orders_afterwards(
    race: int, client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    person = await given.reviewer(shop)
    await given.application(shop, ORDERS)
    claimed, told = list[str](), list[str]()

    async def claim_until_disabled() -> None:
        while not told:
            try:
                payload = await claim(other.as_(person.token), 1)
            except Failed as failed:
                told.extend(failed.codes)
            else:
                told.extend(refusal["code"] for refusal in payload["refusals"])
                claimed.extend(order["id"] for order in payload["serviceOrders"])

    async def disable() -> Any:
        await asyncio.sleep(race / 200)
        return await client.as_(shop.owner.token).do(
            "disableEmployee", "freed", id=person.global_id
        )

    _, payload = await asyncio.gather(claim_until_disabled(), disable())
    assert payload["refusals"] == []
    assert told in (["ASSIGNEE_DISABLED"], ["UNAUTHENTICATED"])
    assert payload["freed"] == len(claimed)
    assert await held(given) == {None: ORDERS}


async def test_an_order_that_somebody_holds_is_left_out_of_a_claim(
    client: Client, given: World
) -> None:
    database = given.parts.database
    if database.is_sqlite:
        pytest.skip("a writing transaction on SQLite holds every order")
    shop = await given.merchant()
    first, *rest = await given.application(shop, 3)
    reviewer = client.as_((await given.reviewer(shop)).token)
    async with database.write() as connection:
        await connection.execute(
            sa.select(service_orders.c.id)
            .where(service_orders.c.merchant_id == shop.id, service_orders.c.id == first.key)
            .with_for_update()
        )
        payload = await asyncio.wait_for(claim(reviewer), timeout=30)
    assert [order["id"] for order in payload["serviceOrders"]] == [order.id for order in rest]
