"""Many orders taken one step on at once: all of them as they were read, or none."""

from datetime import timedelta

import pytest

from domain.actions import Action
from domain.actors import SYSTEM
from domain.statuses import Status
from models.journal.change import Change
from models.journal.sets import ConcurrentChange, record_all, step_batch
from models.queries.service_orders import find_many
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import World

pytestmark = pytest.mark.anyio


async def test_an_order_that_was_decided_since_it_was_read_undoes_the_whole_set(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 3)
    database = given.parts.database
    clock.pass_(timedelta(hours=48))
    async with database.read() as connection:
        read = await find_many(connection, shop.id, [order.key for order in orders])
    batch = step_batch(
        [(order, Change()) for order in read.values()],
        Action.AUTO_APPROVE,
        SYSTEM,
        now=given.now,
        pauses=(),
    )
    decision = {"recordGiveUp": {"customerNote": "不退了"}}
    owner = client.as_(shop.owner.token)
    assert await owner.codes("reviewServiceOrder", id=orders[1].id, decision=decision) == []
    with pytest.raises(ConcurrentChange):
        async with database.write() as connection:
            await record_all(connection, batch)
    rows = [await given.row(order) for order in orders]
    assert [row.status for row in rows] == [
        Status.PENDING_REVIEW,
        Status.CANCELLED,
        Status.PENDING_REVIEW,
    ]
    assert [len(await given.kinds(order)) for order in orders] == [1, 2, 1]
