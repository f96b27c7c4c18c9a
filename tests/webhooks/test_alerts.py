"""Alerts of service quality arrive at the endpoints of the merchant, without the figure."""

import pytest
import sqlalchemy as sa

from domain.quality.cases import Mark
from domain.quality.metrics import VERSION
from jobs.quality.alerts import LONGEST, compare
from models.quality import QualityHead, quality_cases
from models.tables import add
from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import Ledger

pytestmark = pytest.mark.anyio

DELIVERIES = """query($id: ID!) { webhookDeliveries(endpointId: $id, first: 50) {
  nodes { messageId type serviceOrderId status } } }"""
ALERTS = "{ qualityAlerts { nodes { id } } }"


async def compared(desk: Desk) -> None:
    desk.clock.pass_(LONGEST)
    await compare(desk.parts.database, desk.clock.now())


async def test_an_alert_that_is_raised_and_recovers_arrives_twice_with_its_threshold(
    desk: Desk, ledger: Ledger
) -> None:
    endpoint = await desk.endpoint(ledger.url("/all"))
    await desk.endpoint(ledger.url("/approved"), kinds=["APPROVED"])
    other = await desk.given.merchant("京东自营")
    threshold = {"metric": "ON_TIME_REVIEW", "side": "BELOW", "limit": 0.8, "days": 7}
    await desk.client.do("setQualityThresholds", thresholds=[threshold], expectedVersion=0)
    late = int(Mark.BY_PERSON | Mark.APPROVED)
    await desk.given.quality_case(await desk.order(), desk.shop.owner, marks=late)
    async with desk.parts.database.write() as connection:
        for shop in (desk.shop, other):
            head = QualityHead(
                merchant_id=shop.id, position=1, version=VERSION, time_zone="Asia/Shanghai"
            )
            await add(connection, head)
    await compared(desk)
    await desk.work()
    [raised] = ledger.messages
    [alert] = (await desk.client.ask(ALERTS))["nodes"]
    assert raised.content["type"] == "quality_alert.raised"
    assert raised.data == {
        "merchantId": desk.shop.global_id,
        "qualityAlertId": alert["id"],
        "owner": "MERCHANT",
        "metric": "ON_TIME_REVIEW",
        "side": "BELOW",
        "limit": 0.8,
        "days": 7,
    }
    async with desk.parts.database.write() as connection:
        await connection.execute(sa.delete(quality_cases))
    await compared(desk)
    await compared(desk)
    await desk.work(desk.other_worker())
    assert [message.content["type"] for message in ledger.messages] == [
        "quality_alert.raised",
        "quality_alert.recovered",
    ]
    assert ledger.messages[1].data == raised.data
    deliveries = (await desk.client.ask(DELIVERIES, id=endpoint.id))["nodes"]
    assert {delivery["messageId"] for delivery in deliveries} == {
        message.id for message in ledger.messages
    }
    assert {delivery["serviceOrderId"] for delivery in deliveries} == {None}
