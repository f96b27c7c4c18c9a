"""The sequencer serves all merchants, whatever one of them does."""

import logging

import pytest
import sqlalchemy as sa

from database.connection_limiter import Overloaded
from jobs import sequencer
from jobs.sequencer import AWAY, BUSY, IDLE, Pauses, Turn, sequence
from models.clock import WallClock
from models.feed import feed, feed_heads, in_outbox, platform_feed_heads
from models.journal import sequencing
from models.service_order import ServiceOrderEvent
from models.tables import add
from tests.feed.test_feed import event_of
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio


class Feeds:
    """Merchants with events that wait for their places."""

    def __init__(self, given: World) -> None:
        self.given = given

    async def wait(self, shop: Shop, *orders: OrderRef) -> None:
        """Let an event of each order, which has none in the feed yet, wait."""
        async with self.given.parts.database.write() as connection:
            for order in orders:
                event = ServiceOrderEvent(**event_of(shop, order, self.given))
                await add(connection, event, in_outbox(event))

    async def placed(self, shop: Shop) -> int:
        async with self.given.parts.database.read() as connection:
            count = sa.select(sa.func.count()).where(feed.c.merchant_id == shop.id)
            return int((await connection.execute(count)).scalar_one())


async def test_merchants_take_turns(given: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "MERCHANTS", 2)
    monkeypatch.setattr(sequencer, "AT_ONCE", 3)
    feeds, turn, now = Feeds(given), Turn(), WallClock().now()
    shops = [await given.merchant() for _ in range(4)]
    orders = [await given.application(shop, 8) for shop in shops]
    for number in range(4):
        # All but the last merchant have new events at any time.
        for shop, own in zip(shops[:3], orders, strict=False):
            await feeds.wait(shop, *own[2 * number : 2 * number + 2])
        if number == 0:
            await feeds.wait(shops[3], orders[3][0])
        await sequence(given.parts.database, now, turn)
    *busy, last = [await feeds.placed(shop) for shop in shops]
    assert last == 1
    assert min(busy) >= 4


async def test_a_merchant_whose_rows_do_not_fit_keeps_nobody_waiting(
    given: World, caplog: pytest.LogCaptureFixture
) -> None:
    feeds, database, now = Feeds(given), given.parts.database, WallClock().now()
    shops = [await given.merchant() for _ in range(3)]
    orders = [await given.application(shop, 2) for shop in shops]
    for shop, (first, _) in zip(shops, orders, strict=True):
        await feeds.wait(shop, first)
    assert await sequence(database, now) == 3
    async with database.write() as connection:
        # Its head was restored from a time before its feed was.
        await connection.execute(
            sa.update(feed_heads).where(feed_heads.c.merchant_id == shops[0].id).values(position=0)
        )
    for shop, (_, second) in zip(shops, orders, strict=True):
        await feeds.wait(shop, second)
    with caplog.at_level(logging.ERROR):
        assert await sequence(database, now) == 2
    assert f"merchant {shops[0].id}" in caplog.text
    assert [await feeds.placed(shop) for shop in shops] == [1, 2, 2]


async def test_a_purge_that_comes_late_does_not_take_back_another(given: World) -> None:
    """A process is stopped between reading what is old and deleting it."""
    shop = await given.merchant()
    database, now = given.parts.database, WallClock().now()
    await Feeds(given).wait(shop, *await given.application(shop, 1))
    await sequence(database, now)
    async with database.write() as connection:
        for table in (feed_heads, platform_feed_heads):
            await connection.execute(sa.update(table).values(position=9, purged_to=8))
        assert await sequencing.purge(connection, before=WallClock().now(), limit=9) == 1
        for table in (feed_heads, platform_feed_heads):
            purged = await connection.execute(sa.select(table.c.purged_to))
            assert purged.scalar_one() == 8


async def test_events_come_soon_after_an_outage_however_long_it_was() -> None:
    pauses = Pauses()
    assert max(pauses.after_outage() for _ in range(20)) <= AWAY
    assert max(pauses.after_bug() for _ in range(20)) > AWAY
    assert (pauses.after(3), pauses.after(0)) == (BUSY, IDLE)
    assert pauses.after_outage() < AWAY


async def test_on_citus_the_turn_moves_on_from_a_merchant_who_cannot_be_served(
    given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds, turn, database = Feeds(given), Turn(), given.parts.database
    shop = await given.merchant()
    await feeds.wait(shop, await given.order(shop))

    async def fail(*_: object) -> None:
        raise Overloaded

    monkeypatch.setattr(database.distribution, "is_distributed", True)
    monkeypatch.setattr(sequencer, "_place", fail)
    with pytest.raises(Overloaded):
        await sequence(database, WallClock().now(), turn)
    assert turn.after == shop.id
