"""Personal data of finished orders is erased; events, figures and the rules stay whole."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.forget import forget
from jobs.quality.derive import derive
from jobs.retention import LEAST_WAIT, erase_finished, erase_pictures
from jobs.sequencer import sequence
from models.queries.quality_cases import reset_heads
from models.quality import quality_cases
from models.tables import METADATA
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import World, jpeg
from tests.walking import FINDINGS, PARCEL, Desk

pytestmark = pytest.mark.anyio

MONTH = timedelta(days=31)
NEEDLES = ("李小花", "花小李", "13812345678", "87654321831", "c-1", "YC100200300", "文字")
"""What the customer and the staff wrote: each text has the word in it."""

READ = """query($id: ID!) { serviceOrder(id: $id) {
  personalDataErasedAt version status description satisfaction satisfactionComment
  customer { ref name phone } pictures { id } orderNumber refundable
  application { externalRef customer { name } }
  review { customerNote evidence { id } returnAddress { contact } }
  inbound { carrier waybill freight } receipt { remark packing { finding remark } evidence { id } }
  processing { action customerNote } refunds { amount status failure }
  actions { action allowed blockers { code } }
  timeline { kind customerNote internalNote erasure pictures { id } inbound { carrier waybill }
    actor { kind name } details } } }"""


@dataclass
class Story:
    """A desk with an order that went all the way, by a customer who wrote and sent pictures."""

    desk: Desk
    parts: Parts
    clock: StoppedClock
    order: str
    pictures: list[str]

    @classmethod
    async def play(cls, client: Client, given: World, clock: StoppedClock) -> "Story":
        desk = await Desk.open(client, given, clock)
        uploaded = [
            await by.upload(jpeg(width))
            for by, width in ((desk.customer, 40), (desk.customer, 41), (desk.receiver, 42))
        ]
        first, second, third = (answer["evidence"]["id"] for answer in uploaded)
        [order] = await desk.applied("RETURN")
        await desk.decide(order, {"requestFeedback": {"question": "文字?"}})
        await desk.take(
            desk.customer, "respondToFeedback", order, text="文字", evidenceIds=[first, second]
        )
        await desk.decide(order, {"approve": {"customerNote": "文字"}})
        await desk.take(desk.customer, "shipServiceOrder", order, freight="12.00", **PARCEL)
        findings = FINDINGS | {"packing": {"finding": "INTACT", "remark": "文字"}}
        await desk.take(
            desk.receiver,
            "receiveServiceOrder",
            order,
            **findings,
            remark="文字",
            evidenceIds=[third],
        )
        await desk.reported(await desk.refunded(order, "50.00"), "FAILED", reason="文字")
        await desk.reported(await desk.refunded(order, "189.00"), "SUCCEEDED")
        await desk.take(desk.processor, "addNote", order, text="文字")
        await desk.take(
            desk.customer, "confirmServiceOrder", order, satisfaction=2, comment="文字"
        )
        return cls(desk, given.parts, clock, order, [first, second, third])

    async def read(self, order: str | None = None) -> dict[str, Any]:
        return await self.desk.processor.ask(READ, id=order or self.order)

    async def retain(self, months: int = 24) -> int:
        return await erase_finished(self.parts.database, self.clock.now(), months)

    async def sweep(self) -> int:
        """Let the pictures go that nobody uses."""
        self.clock.pass_(LEAST_WAIT)
        return await erase_pictures(self.parts.retention, self.clock.now())

    async def cases(self) -> list[Any]:
        """The cases of service quality, derived anew from the events."""
        async with self.parts.database.write() as connection:
            await reset_heads(connection)
        await sequence(self.parts.database, self.clock.now())
        await derive(self.parts.database)
        async with self.parts.database.read() as connection:
            rows = await connection.execute(
                sa.select(quality_cases).order_by(*quality_cases.primary_key)
            )
        return rows.all()

    async def stored(self) -> str:
        """Every row of every table."""
        rows: list[str] = []
        async with self.parts.database.read() as connection:
            for table in METADATA.sorted_tables:
                rows += [f"{table.name} {row}" for row in await connection.execute(sa.select(table))]
        return "\n".join(rows)

    async def left(self) -> dict[str, list[str]]:
        """What of the customer is in which rows."""
        rows = (await self.stored()).splitlines()
        return {
            needle: lines
            for needle in NEEDLES
            if (lines := [row for row in rows if needle in row])
        }

    async def check(self) -> None:
        await self.desk.check_doctor()


async def test_nothing_of_a_customer_is_left_after_the_time_of_retention(
    client: Client, given: World, clock: StoppedClock
) -> None:
    story = await Story.play(client, given, clock)
    cases, before = await story.cases(), await story.read()
    assert set(await story.left()) == set(NEEDLES)
    clock.pass_(23 * MONTH)
    assert await story.retain() == 0
    clock.pass_(2 * MONTH)
    assert await story.retain() == 1
    assert await story.retain() == 0, "once"
    assert await story.left() == {}
    after = await story.read()
    print(after)
