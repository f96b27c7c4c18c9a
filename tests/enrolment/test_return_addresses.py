"""Return addresses: exactly one default while there is any, and none that changes the past."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from database.database import Database
from domain.enrolment import EnrolmentStatus
from jobs.timers import fire_timers
from models.merchant import return_addresses
from models.service_order import service_orders
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ADDRESS, Shop, World

pytestmark = pytest.mark.anyio

LIST = "{ returnAddresses { id isDefault detail } }"


async def defaults(client: Client) -> list[bool]:
    return [one["isDefault"] for one in await client.ask(LIST)]


async def add(client: Client, detail: str = "仓库", **said: Any) -> str:
    payload = await client.do(
        "saveReturnAddress", "returnAddress { id }", address=ADDRESS | {"detail": detail}, **said
    )
    assert payload["refusals"] == []
    return str(payload["returnAddress"]["id"])


@pytest.mark.parametrize("enrolment", [EnrolmentStatus.ENABLED, EnrolmentStatus.REJECTED])
async def test_whatever_is_done_after_whatever_exactly_one_address_is_the_default(
    client: Client, given: World, enrolment: EnrolmentStatus
) -> None:
    shop = await given.merchant(enrolment=enrolment, address=False)
    owner = client.as_(shop.owner.token)
    steps = ("add", "make default", "delete first", "delete default", "delete last")
    kept = 0
    for step in itertools.chain(("add", "add"), *itertools.product(steps, repeat=2)):
        before = await owner.ask(LIST)
        if step == "add":
            await add(owner)
        elif step == "make default" and before:
            last = await add(owner, id=before[-1]["id"], makeDefault=True)
            after = await owner.ask(LIST)
            assert [one["id"] for one in after if one["isDefault"]] == [last]
        elif before:
            [default] = [one for one in before if one["isDefault"]]
            ends = {"delete first": before[0], "delete last": before[-1]}
            chosen = ends.get(step, default)
            stays = chosen is default and enrolment is EnrolmentStatus.ENABLED
            codes = await owner.codes("deleteReturnAddress", id=chosen["id"])
            assert codes == (["DEFAULT_ADDRESS_IN_USE"] if stays else [])
            after = await owner.ask(LIST)
            assert (chosen["id"] in [one["id"] for one in after]) is stays
            kept += stays
        now = await defaults(owner)
        assert now.count(True) == min(len(now), 1)
    assert (kept > 0) is (enrolment is EnrolmentStatus.ENABLED)


async def test_the_default_stays_while_the_merchant_is_enabled(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    [default] = await owner.ask(LIST)
    other = await add(owner)
    refusal = await owner.refused("deleteReturnAddress", id=default["id"])
    assert (refusal["code"], refusal["path"]) == ("DEFAULT_ADDRESS_IN_USE", ["id"])
    assert await owner.codes("deleteReturnAddress", id=other) == []
    other = await add(owner, makeDefault=True)
    assert await owner.codes("deleteReturnAddress", id=default["id"]) == []
    assert await owner.codes("deleteReturnAddress", id=other) == ["DEFAULT_ADDRESS_IN_USE"]


async def test_without_a_default_flag_an_edit_leaves_the_default_where_it_is(
    client: Client, given: World
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    [default] = await owner.ask(LIST)
    other = await add(owner)
    await add(owner, "改过", id=other)
    await add(owner, "也改过", id=default["id"])
    assert await owner.ask(LIST) == [
        {"id": default["id"], "isDefault": True, "detail": "也改过"},
        {"id": other, "isDefault": False, "detail": "改过"},
    ]


async def test_a_foreign_or_unknown_address_is_neither_changed_nor_deleted(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    owner = client.as_(shop.owner.token)
    foreign = ids.encode("ReturnAddress", other.id, other.address_id)
    missing = ids.encode("ReturnAddress", shop.id, 1)
    disguised = ids.encode("ReturnAddress", shop.id, other.address_id)
    for id_ in (foreign, missing, disguised, shop.global_id):
        for codes in (
            await owner.codes("saveReturnAddress", id=id_, address=ADDRESS, makeDefault=True),
            await owner.codes("deleteReturnAddress", id=id_),
        ):
            assert codes == ["NOT_FOUND"]
    assert await defaults(owner) == [True]
    assert await defaults(client.as_(other.owner.token)) == [True]


async def test_a_refused_address_changes_nothing(client: Client, given: World) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    before = await owner.ask(LIST)
    for wrong in ({"districtCode": "440300"}, {"phone": ""}):
        for target in ({}, {"id": before[0]["id"]}):
            said = {"address": ADDRESS | wrong, "makeDefault": True, **target}
            codes = await owner.codes("saveReturnAddress", **said)
            assert codes in (["UNKNOWN_DIVISION"], ["INCOMPLETE_ADDRESS"])
    assert await owner.ask(LIST) == before


@pytest.mark.parametrize(
    ("zip_", "accepted"),
    [
        ("518000", True),
        (None, True),
        ("", True),
        ("5180001", False),
        ("51800", False),
        ("SW1A1A", False),
        ("５１８０００", False),
    ],
)
async def test_a_postal_code_has_six_digits_and_may_be_left_out(
    client: Client, given: World, zip_: str | None, accepted: bool
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    codes = await owner.codes("saveReturnAddress", address=ADDRESS | {"zip": zip_})
    assert codes == ([] if accepted else ["BAD_USER_INPUT"])


async def test_what_a_customer_was_told_never_changes(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    by_person, by_clock = await given.order(shop), await given.order(shop)
    decision: dict[str, Any] = {"approve": {}}
    await owner.do("reviewServiceOrder", id=by_person.id, decision=decision)
    clock.pass_(timedelta(hours=48))
    await fire_timers(given.parts.database, clock.now())
    [default] = await owner.ask(LIST)
    await add(owner, "搬家了", id=default["id"])
    await add(owner, "又一处", makeDefault=True)
    await owner.do("deleteReturnAddress", id=default["id"])
    query = """query($id: ID!) { serviceOrder(id: $id) {
      review { returnAddress { contact phone region detail } }
      timeline { details } } }"""
    for order in (by_person, by_clock):
        found = await owner.ask(query, id=order.id)
        assert found["review"]["returnAddress"] == {
            "contact": "王店长",
            "phone": "13800138000",
            "region": "广东省 深圳市 南山区",
            "detail": "科技园路 1 号",
        }
        assert found["timeline"][-1]["details"]["returnAddress"]["detail"] == "科技园路 1 号"


async def without_address(given: World, clock: StoppedClock) -> Shop:
    """A merchant whose orders are due, and which has nowhere to send them."""
    shop = await given.merchant(address=False)
    await given.application(shop, 2)
    clock.pass_(timedelta(hours=48))
    swept = await fire_timers(given.parts.database, clock.now())
    assert (swept.approved, swept.blocked) == (0, 2)
    return shop


async def test_the_first_address_lets_the_clock_approve_what_it_could_not(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await without_address(given, clock)
    owner = client.as_(shop.owner.token)
    counted = "{ queueSummary { autoApprovalBlocked review { overdue } } }"
    assert await owner.ask(counted) == {"autoApprovalBlocked": 2, "review": {"overdue": 2}}
    await add(owner, "终于有了")
    assert await owner.ask(counted) == {"autoApprovalBlocked": 0, "review": {"overdue": 2}}
    clock.pass_(timedelta(minutes=1))
    assert (await fire_timers(given.parts.database, clock.now())).approved == 2
    query = """{ serviceOrders { nodes { status review { automatic returnAddress { detail } }
      timeline { kind } } } }"""
    assert (await owner.ask(query))["nodes"] == [
        {
            "status": "AWAITING_SHIPMENT",
            "review": {"automatic": True, "returnAddress": {"detail": "终于有了"}},
            "timeline": [
                {"kind": kind}
                for kind in (
                    "SUBMITTED",
                    "AUTO_APPROVAL_BLOCKED",
                    "AUTO_APPROVAL_UNBLOCKED",
                    "AUTO_APPROVED",
                )
            ],
        }
    ] * 2


async def test_the_first_address_unblocks_an_order_that_changes_at_the_same_time(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await without_address(given, clock)
    owner = client.as_(shop.owner.token)
    database = given.parts.database
    other = Database.open(database.writing.url.render_as_string(hide_password=False))
    async with other.write() as connection:
        changed = sa.update(service_orders).values(version=service_orders.c.version + 1)
        await connection.execute(changed.where(service_orders.c.merchant_id == shop.id))
        saving = asyncio.create_task(add(owner))
        await asyncio.sleep(0.3)  # until it has met the rows that are locked
    await saving
    await other.close()
    counted = await owner.ask("{ queueSummary { autoApprovalBlocked } }")
    assert counted == {"autoApprovalBlocked": 0}


async def test_another_merchant_s_first_address_unblocks_nothing(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await without_address(given, clock)
    other = await given.merchant("另一家", address=False)
    await add(client.as_(other.owner.token))
    assert (await fire_timers(given.parts.database, clock.now())).total == 0
    counted = await client.as_(shop.owner.token).ask("{ queueSummary { autoApprovalBlocked } }")
    assert counted == {"autoApprovalBlocked": 2}


async def test_the_database_itself_refuses_a_second_default(given: World) -> None:
    shop = await given.merchant()
    with pytest.raises(sa.exc.IntegrityError):
        await given.return_address(shop.id, is_default=True)
    async with given.parts.database.read() as connection:
        found = await connection.execute(sa.select(sa.func.count()).select_from(return_addresses))
        assert found.scalar_one() == 1
