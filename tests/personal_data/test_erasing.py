"""Personal data of finished orders is erased; events, figures and the rules stay whole."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from doctor.examine import examine
from doctor.faults import Fault
from doctor.finding import Finding
from domain.exports import CLEANED_AFTER
from forget_command import report
from jobs.forget import forget
from jobs.retention import LEAST_WAIT, erase_finished, erase_pictures
from models.export import exports
from models.quality import quality_cases
from models.queries.quality_cases import reset_heads
from models.tables import METADATA
from parts import Parts
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import World, jpeg
from tests.quality.counting import counting
from tests.walking import FINDINGS, PARCEL, Desk

pytestmark = pytest.mark.anyio

MONTH = timedelta(days=31)
NEEDLES = ("李小花", "13812345678", "87654321831", "c-1", "YC100200300", "文字")
"""What the customer and the staff wrote: each text has the word in it."""

SIBLING = "another order of the application is not finished"

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
    platform: Client
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
        await desk.take(desk.customer, "confirmServiceOrder", order, satisfaction=2, comment="文字")
        platform = client.as_((await given.platform()).token)
        return cls(desk, given.parts, clock, platform, order, [first, second, third])

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
        await counting(self.parts.database)
        async with self.parts.database.write() as connection:
            await reset_heads(connection)
        await counting(self.parts.database)
        async with self.parts.database.read() as connection:
            rows = await connection.execute(
                sa.select(quality_cases).order_by(*quality_cases.primary_key)
            )
        return list(rows)

    async def stored(self) -> str:
        """Every row of every table."""
        rows: list[str] = []
        async with self.parts.database.read() as connection:
            for table in METADATA.sorted_tables:
                rows += [
                    f"{table.name} {row}" for row in await connection.execute(sa.select(table))
                ]
        return "\n".join(rows)

    async def left(self) -> dict[str, list[str]]:
        """What of the customer is in which rows."""
        rows = (await self.stored()).splitlines()
        return {
            needle: lines for needle in NEEDLES if (lines := [row for row in rows if needle in row])
        }

    async def exported(self, status: str, **given: Any) -> None:
        """An export that has come to a status."""
        payload = await self.desk.supervisor.do(
            "exportServiceOrders", "export { id }", columns=["NUMBER"], format="CSV", **given
        )
        assert payload["refusals"] == []
        _, id_ = ids.key_of("Export", payload["export"]["id"])
        async with self.parts.database.write() as connection:
            await connection.execute(
                sa.update(exports).where(exports.c.id == id_).values(status=status, attempt=1)
            )

    async def exports(self) -> list[Any]:
        """The status, the filter and the end of each export."""
        table = exports.c
        async with self.parts.database.read() as connection:
            rows = await connection.execute(
                sa.select(table.status, table.order_filter, table.clean_at).order_by(table.id)
            )
        return [tuple(row) for row in rows]

    async def findings(self) -> list[Finding]:
        findings: list[Finding] = []
        async with self.parts.database.read() as connection:
            await examine(connection, self.parts.pictures, self.clock.now(), findings.append)
        return findings

    async def files(self) -> int:
        """How many of the story's pictures are in the store."""
        hashes = [ids.picture_of(self.desk.shop.id, id_) for id_ in self.pictures]
        merchant = self.desk.shop.id
        found = [await self.parts.pictures.fetch(merchant, sha256) for sha256 in hashes]
        return len([data for data in found if data is not None])


@pytest.fixture
async def story(client: Client, given: World, clock: StoppedClock) -> Story:
    return await Story.play(client, given, clock)


async def test_nothing_of_a_customer_is_left_after_the_time_of_retention(story: Story) -> None:
    cases, before = await story.cases(), await story.read()
    assert set(await story.left()) == set(NEEDLES)
    story.clock.pass_(23 * MONTH)
    assert await story.retain() == 0
    story.clock.pass_(2 * MONTH)
    assert await story.retain() == 1
    assert await story.retain() == 0, "once"
    # The pictures go a little later, from the store too.
    assert await story.files() == 3
    assert (await story.sweep(), await story.sweep()) == (3, 0)
    assert await story.files() == 0
    assert await story.left() == {}
    assert await story.findings() == []
    assert await story.cases() == cases, "the figures stay"
    after = await story.read()
    _check_figures(before, after)
    _check_texts(after)
    # Nothing brings personal data back.
    codes = {blocker["code"] for action in after["actions"] for blocker in action["blockers"]}
    assert "PERSONAL_DATA_ERASED" in codes
    assert not any(action["allowed"] for action in after["actions"])
    processor = story.desk.processor
    assert await processor.codes("addNote", id=story.order, text="好") == ["PERSONAL_DATA_ERASED"]
    shown = await story.desk.supervisor.codes("revealCustomerContact", id=story.order)
    assert shown == ["PERSONAL_DATA_ERASED"]
    await _spoil(story)
    query = '{ serviceOrders(filter: { waybill: "YC100200300" }) { totalCount } }'
    assert await processor.ask(query) == {"totalCount": 0}


async def _spoil(story: Story) -> None:
    """What comes back into an erased order, the doctor finds."""
    statements = (
        "UPDATE service_order SET description = 'x'",
        "UPDATE service_order_event SET internal_note = 'x' WHERE kind = 'NOTED'",
        "UPDATE application SET customer_ref = 'x'",
        "UPDATE refund SET failure = 'x'",
    )
    async with story.parts.database.writing.connect() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))
        findings: list[Finding] = []
        await examine(connection, story.parts.pictures, story.clock.now(), findings.append)
        await connection.rollback()
    left = {finding.detail for finding in findings if finding.fault is Fault.PERSONAL_DATA_LEFT}
    assert left == {
        "description, event 11: internal_note",
        "application: customer_ref",
        "refund: failure",
    }


def _check_figures(before: dict[str, Any], after: dict[str, Any]) -> None:
    """What tells of no customer is as it was."""
    same = ("status", "satisfaction", "orderNumber", "refundable")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    kinds = [event["kind"] for event in before["timeline"]]
    assert [event["kind"] for event in after["timeline"]] == [*kinds, "PERSONAL_DATA_ERASED"]
    assert after["version"] == before["version"] + 1
    assert after["inbound"] == before["inbound"] | {"waybill": None}
    assert after["review"]["returnAddress"] == before["review"]["returnAddress"]
    amounts = [(refund["amount"], refund["status"]) for refund in before["refunds"]]
    assert [(refund["amount"], refund["status"]) for refund in after["refunds"]] == amounts


def _check_texts(order: dict[str, Any]) -> None:
    """What told of the customer is null or empty, and the order says since when."""
    assert order["personalDataErasedAt"] is not None
    assert order["customer"] == {"ref": "", "name": "", "phone": ""}
    assert (order["description"], order["pictures"], order["satisfactionComment"]) == ("", [], None)
    assert order["review"]["customerNote"] is None
    assert order["review"]["evidence"] == order["receipt"]["evidence"] == []
    assert order["receipt"]["packing"] == {"finding": "INTACT", "remark": None}
    assert order["processing"] == {"action": "REFUND", "customerNote": None}
    assert {refund["failure"] for refund in order["refunds"]} == {None}
    last = order["timeline"][-1]
    assert (last["erasure"], last["actor"]["kind"]) == ("RETENTION", "SYSTEM")
    for event in order["timeline"]:
        assert (event["customerNote"], event["internalNote"]) == (None, None)
        assert event["pictures"] == []
        assert event["actor"]["name"] or event["actor"]["kind"] == "CUSTOMER"


async def test_a_customer_is_forgotten_at_once_and_what_is_not_finished_is_said(
    story: Story,
) -> None:
    desk, parts, now = story.desk, story.parts, story.clock.now
    open_, sibling = await desk.applied("RETURN", "RETURN")
    await desk.decide(sibling, {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "文字"}})
    escalated = await desk.pending()
    await desk.decide(
        escalated, {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "文字"}}
    )
    again = {"reason": "文字", "idempotencyKey": "k-1"}
    await desk.take(desk.customer, "escalateServiceOrder", escalated, **again)
    await story.exported("DONE", filter={"customerRef": "c-1"})
    await story.exported("RUNNING", filter={"customerRef": "c-1"})
    await story.exported("QUEUED", filter={"customerRef": "c-1"})
    await story.exported("RUNNING")
    number = {
        name: ids.key_of("ServiceOrder", name)[1]
        for name in (story.order, open_, sibling, escalated)
    }
    merchant = f"merchant {desk.shop.id}:"
    before = await story.stored()

    async def lines(*, dry_run: bool = False) -> list[str]:
        results = await forget(parts.database, "c-1", merchant_id=None, now=now(), is_trial=dry_run)
        return report(results, dry_run=dry_run)

    assert await lines(dry_run=True) == [
        f"{merchant} orders would be erased: {number[story.order]}",
        f"{merchant} passed over, {SIBLING}: {number[sibling]}",
        f"{merchant} passed over, waiting for a ruling of the platform: {number[escalated]}",
        f"{merchant} passed over, not finished: {number[open_]}",
        f"{merchant} pictures that no other order uses would be deleted: up to 3",
    ]
    assert await story.stored() == before, "a dry run changes nothing"
    said = await lines()
    assert await story.exports() == [
        ("DONE", None, now()),
        ("FAILED", None, now() + CLEANED_AFTER),
        ("FAILED", None, now() + CLEANED_AFTER),
        ("QUEUED", None, None),
    ]
    assert said[0] == f"{merchant} orders erased: {number[story.order]}"
    assert (await story.read())["timeline"][-1]["erasure"] == "REQUEST"
    assert (await story.read(sibling))["personalDataErasedAt"] is None
    # Again: what was passed over still is, and what was erased is not told of.
    assert [line for line in await lines() if "orders erased" in line] == []
    await desk.decide(open_, {"recordGiveUp": {"customerNote": "文字"}})
    ruling = {"uphold": {"text": "文字"}}
    assert await story.platform.codes("ruleOnServiceOrder", id=escalated, ruling=ruling) == []
    await forget(parts.database, "c-1", merchant_id=desk.shop.id, now=now())
    query = "query($id: ID!) { serviceOrder(id: $id) { ruling { text by { name } } } }"
    seen = await desk.processor.ask(query, id=escalated)
    assert seen["ruling"] == {"text": "", "by": {"name": "平台小王"}}
    await story.sweep()
    assert await story.left() == {}
    assert await story.findings() == []
    assert await lines() == ["Nothing of this customer is stored."]
