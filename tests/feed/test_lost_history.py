"""Streams while the database gets another history: a failover can lose the latest commits."""

import pytest
import sqlalchemy as sa

from execution.streams import StreamEnded
from models.clock import WallClock
from models.feed import feed, feed_heads
from tests.client import Client
from tests.feed.test_feed import note
from tests.feed.test_subscriptions import EVENTS
from tests.given import OrderRef, World
from tests.streams import Streams

pytestmark = pytest.mark.anyio


async def replace_last(given: World, merchant_id: int, position: int, *orders: OrderRef) -> None:
    """Lose the event at the position, the last one, and give it and the next to other events."""
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.delete(feed).where(feed.c.merchant_id == merchant_id, feed.c.position == position)
        )
        for number, order in enumerate(orders):
            row = {
                "merchant_id": merchant_id,
                "position": position + number,
                "platform_position": position + number,
                "service_order_id": order.key,
                "sequence": 1,
                "placed_at": WallClock().now(),
            }
            await connection.execute(sa.insert(feed).values(row))
        await connection.execute(
            sa.update(feed_heads)
            .where(feed_heads.c.merchant_id == merchant_id)
            .values(position=position - 1 + len(orders))
        )


@pytest.mark.parametrize("others", [0, 1, 3])
async def test_a_stream_whose_last_event_was_lost_ends_instead_of_skipping_what_took_its_place(
    client: Client, given: World, streams: Streams, others: int
) -> None:
    shop = await given.merchant()
    owner, orders = client.as_(shop.owner.token), await given.application(shop, 4)
    async with streams.open(shop.owner.token, EVENTS) as stream:
        (first,) = await streams.started(stream)
        await note(owner, orders[0])
        await first
        await replace_last(given, shop.id, 1, *orders[1 : 1 + others])
        if others == 1:
            await note(owner, orders[0])  # only now is there anything to read
        with pytest.raises(StreamEnded) as ended:
            await stream.next()
    assert ended.value.code == "CURSOR_EXPIRED"
