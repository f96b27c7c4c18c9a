"""Many refund one purchase line at once: never more than was paid, and each outcome once."""

import asyncio
from collections import Counter
from typing import Any, Final

import pytest
import sqlalchemy as sa

from domain.desk.refunds import RefundStatus
from domain.statuses import Status
from models.refund import refunds
from tests.client import Client
from tests.given import OrderRef, World
from tests.test_races import other, other_parts

__all__ = ["other", "other_parts"]  # fixtures

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

RACES: Final = 5
PAID: Final = 10_000
LINE: Final[dict[str, Any]] = {"order_number": "P-1", "sku": "SKU-1", "paid_amount": PAID}


async def total(given: World, merchant_id: int) -> int:
    """The sum of a merchant's refunds that did not fail."""
    async with given.parts.database.read() as connection:
        rows = await connection.execute(
            sa.select(sa.func.sum(refunds.c.amount)).where(
                refunds.c.merchant_id == merchant_id, refunds.c.status != RefundStatus.FAILED
            )
        )
        return int(rows.scalar_one() or 0)


async def refund(client: Client, order: OrderRef, amount: str) -> Any:
    said = {"id": order.id, "amount": amount, "method": "BALANCE"}
    return await client.do("refundServiceOrder", "refund { id }", **said)


def codes(payload: Any) -> list[str]:
    return [refusal["code"] for refusal in payload["refusals"]]


@pytest.mark.parametrize("race", range(RACES))
async def test_the_refunds_of_a_line_never_exceed_what_was_paid(
    race: int, client: Client, other: Client, given: World
) -> None:
    """Four orders of one line, and two servers on each: of eight refunds three fit."""
    shop = await given.merchant()
    orders = [await given.in_status(shop, Status.AWAITING_PROCESSING, **LINE) for _ in range(4)]
    asked = [
        refund(server.as_(shop.owner.token), order, "30.00")
        for order in orders
        for server in (client, other)
    ]
    answers = await asyncio.gather(*(asked if race % 2 else reversed(asked)))
    assert Counter(code for answer in answers for code in codes(answer)) == {"REFUND_TOO_LARGE": 5}
    assert await total(given, shop.id) == 9_000
    assert sum([(await given.row(order)).pending_refunds for order in orders]) == 3


@pytest.mark.parametrize("race", range(RACES))
async def test_a_split_refund_that_races_meets_the_ceiling(
    race: int, client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = [await given.in_status(shop, Status.AWAITING_PROCESSING, **LINE) for _ in range(3)]
    person = await given.employee(shop)
    said = {"id": person.global_id, "extraPermissions": ["REFUND"], "refundCeiling": "50.00"}
    assert await client.as_(shop.owner.token).codes("updateEmployee", **said) == []
    servers = (client, other)
    answers = await asyncio.gather(
        *(
            refund(servers[(at + race) % 2].as_(person.token), order, "30.00")
            for at, order in enumerate(orders)
        )
    )
    assert sorted(map(codes, answers)) == [[], *[["REFUND_ABOVE_CEILING"]] * 2]
    assert await total(given, shop.id) == 3_000


@pytest.mark.parametrize("race", range(RACES))
async def test_of_two_outcomes_one_is_taken_and_the_other_refused(
    race: int, client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.in_status(shop, Status.AWAITING_PROCESSING, **LINE)
    owner = client.as_(shop.owner.token)
    refund_id = (await refund(owner, order, "30.00"))["refund"]["id"]
    asked = [
        server.as_(shop.owner.token).do("reportRefund", id=refund_id, outcome=outcome)
        for server in (client, other)
        for outcome in ("SUCCEEDED", "FAILED")
    ]
    answers = await asyncio.gather(*(asked if race % 2 else reversed(asked)))
    assert sorted(map(codes, answers)) == [[], [], *[["REFUND_ALREADY_REPORTED"]] * 2]
    assert (await given.row(order)).pending_refunds == 0
    assert len(await given.kinds(order)) == 3


@pytest.mark.parametrize("race", range(RACES))
async def test_a_refund_that_fails_meanwhile_frees_its_amount_once(
    race: int, client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    one, two = [await given.in_status(shop, Status.AWAITING_PROCESSING, **LINE) for _ in range(2)]
    owner = client.as_(shop.owner.token)
    first = (await refund(owner, one, "100.00"))["refund"]["id"]
    report = other.as_(shop.owner.token).do("reportRefund", id=first, outcome="FAILED")
    pair = [report, refund(owner, two, "100.00")]
    await asyncio.gather(*(pair if race % 2 else reversed(pair)))
    await refund(owner, two, "100.00")
    assert await total(given, shop.id) == PAID
