"""Several processes claim from one queue until it is empty: every order has one assignee."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final, NamedTuple

import pytest
import sqlalchemy as sa

from database.database import Database
from domain.events import EventKind
from models.application import applications
from models.service_order import events, service_orders
from tests.contender import CLAIM
from tests.given import OrderRef, Person, Shop, World
from tests.test_races_of_processes import Contender, answers, contenders

pytestmark = pytest.mark.anyio


class Scale(NamedTuple):
    """How many processes claim how many orders, so many at a time."""

    processes: int
    orders: int
    at_once: int


SCALES: Final = {"short": Scale(4, 400, 5), "long": Scale(8, 10_000, 10)}
BETWEEN_SAMPLES_S: Final = 0.005
_WAITING: Final = sa.text(
    # Extending a file is no wait for somebody else's transaction.
    "SELECT wait_event, count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock' AND wait_event <> 'extend' GROUP BY wait_event"
)


async def fill(given: World, shop: Shop, count: int) -> list[str]:
    """A queue of so many orders; their numbers, the most urgent first."""
    [order] = await given.application(shop)
    async with given.parts.database.write() as connection:
        row = (await connection.execute(_of(service_orders, order))).mappings().one()
        event = (await connection.execute(_of(events, order))).mappings().one()
        keys = [order.key + place for place in range(1, count)]
        due = {key: row["clock_due_at"] + timedelta(seconds=key - order.key) for key in keys}
        copies = [{**row, "id": key, "clock_due_at": due[key]} for key in keys]
        await connection.execute(sa.insert(service_orders), copies)
        await connection.execute(
            sa.insert(events), [{**event, "service_order_id": key} for key in keys]
        )
    return [str(key) for key in (order.key, *keys)]


def _of(table: sa.Table, order: OrderRef) -> sa.Select[Any]:
    key = table.c.id if table is service_orders else table.c.service_order_id
    return sa.select(table).where(table.c.merchant_id == order.merchant_id, key == order.key)


@asynccontextmanager
async def sampling(database: Database) -> AsyncIterator[Counter[str]]:
    """Count the sessions that wait for a lock, and the samples."""
    seen, stop = Counter[str](), asyncio.Event()

    async def sample() -> None:
        while not stop.is_set() and not database.is_sqlite:
            async with database.read() as connection:
                for event, waiting in await connection.execute(_WAITING):
                    seen[event] += waiting
            seen["samples"] += 1
            await asyncio.sleep(BETWEEN_SAMPLES_S)

    async with asyncio.TaskGroup() as group:
        group.create_task(sample())
        yield seen
        stop.set()


async def race(processes: Sequence[Contender], count: int) -> list[Any]:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(json.dumps(count) + "\n")
        process.stdin.flush()
    return await answers(processes)


async def test_processes_that_empty_a_queue_never_get_the_same_order_and_never_wait(
    given: World,
    database_url: str,
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    scale = SCALES[pytestconfig.getoption("--faults")]
    shop = await given.merchant()
    people = [await given.reviewer(shop, f"小{at}") for at in range(scale.processes)]
    numbers = await fill(given, shop, scale.orders)
    with contenders(database_url, [(CLAIM, person.token) for person in people]) as processes:
        assert await answers(processes) == ["ready"] * scale.processes
        start = time.perf_counter()
        async with sampling(given.parts.database) as waits:
            told = await race(processes, scale.at_once)
        took = time.perf_counter() - start

    urgency = {number: place for place, number in enumerate(numbers)}
    claimed = dict[str, int]()
    for person, answer in zip(people, told, strict=True):
        for claim in answer["claims"]:
            places = [urgency[number] for number in claim]
            assert places == sorted(places), "an answer begins with the most urgent order"
            assert not claimed.keys() & set(claim), "two people were given the same order"
            claimed |= dict.fromkeys(claim, person.id)
    assert claimed.keys() == set(numbers)
    await check(given, claimed, people)
    samples = waits.pop("samples", 0)
    assert waits == {}, "somebody waited for a lock"
    longest = max(answer["longest"] for answer in told)
    shares = sorted(sum(map(len, answer["claims"])) for answer in told)
    record_property(
        "told",
        f"{scale.processes} processes claimed {scale.orders} orders in {took:.1f} s, from"
        f" {shares[0]} to {shares[-1]} each, the longest answer {longest * 1000:.0f} ms;"
        f" {samples} samples, nobody waited for a lock",
    )


async def check(given: World, claimed: dict[str, int], people: Sequence[Person]) -> None:
    """Every order has the assignee that was told of it, and one event that says the same."""
    async with given.parts.database.read() as connection:
        rows = await connection.execute(
            sa.select(service_orders.c.id, service_orders.c.assignee_id, service_orders.c.version)
        )
        assert {str(row.id): (row.assignee_id, row.version) for row in rows} == {
            number: (assignee, 2) for number, assignee in claimed.items()
        }
        claims = await connection.execute(
            sa.select(events.c.service_order_id, events.c.actor_id, events.c.details).where(
                events.c.kind == EventKind.CLAIMED
            )
        )
        listed = [(str(row.service_order_id), row.actor_id, row.details) for row in claims]
        assert await connection.scalar(sa.select(sa.func.count()).select_from(applications)) == 1
    names = {person.id: f"小{at}" for at, person in enumerate(people)}
    assert sorted(listed, key=lambda event: event[0]) == sorted(
        (
            (number, id_, {"assigneeId": str(id_), "assignee": names[id_]})
            for number, id_ in claimed.items()
        ),
        key=lambda event: event[0],
    )
