"""Contacts in exports: masked, or revealed with an event on the timeline of each order."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from doctor.examine import examine
from domain.actions import Action
from domain.permissions import Permission
from tests.client import Client
from tests.conftest import StoppedClock
from tests.exports.running import ask, download, rows_of, run_all, run_and_stop, see
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio

CONTACT = ("NUMBER", "CONTACT_NAME", "CONTACT_PHONE", "CONTACT_ADDRESS")
TIMELINE = """query($id: ID!) { serviceOrder(id: $id) { version
  timeline { kind export actor { kind name } customerNote } } }"""


async def exporter(client: Client, given: World, shop: Shop, *more: Permission) -> Client:
    person = await given.employee(
        shop, Permission.EXPORT, Permission.SERVICE_ORDER_READ, *more, name="小D"
    )
    return client.as_(person.token)


async def timeline(client: Client, order: OrderRef) -> Any:
    return await client.ask(TIMELINE, id=order.id)


async def test_contacts_are_masked_for_those_who_may_not_read_them(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    asker = await exporter(client, given, shop)
    export = await ask(asker, *CONTACT)
    await run_all(given.parts)
    export = await see(asker, export)
    assert export["revealsContacts"] is False
    [_, row] = rows_of(await download(asker, export["url"]))
    assert row == [str(order.key), "李**", "138****5678", ""]
    assert (await given.row(order)).version == 1


async def test_a_contact_that_is_shown_is_on_the_timeline_of_its_order(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = [*await given.application(shop, items=2), await given.order(shop, phone="51234567")]
    asker = await exporter(client, given, shop, Permission.CUSTOMER_CONTACT_READ)
    export = await ask(asker, *CONTACT)
    assert export["revealsContacts"] is False
    await run_all(given.parts, reveal_page=2)
    export = await see(asker, export)
    assert export["revealsContacts"] is True
    [_, *rows] = rows_of(await download(asker, export["url"]))
    phones = ["13812345678", "13812345678", "51234567"]
    assert rows == [
        [str(order.key), "李小花", phone, ""] for order, phone in zip(orders, phones, strict=True)
    ]
    for order in orders:
        seen = await timeline(asker, order)
        assert seen["version"] == 2
        assert seen["timeline"][-1] == {
            "kind": "CONTACT_REVEALED",
            "export": export["id"],
            "actor": {"kind": "EMPLOYEE", "name": "小D"},
            "customerNote": None,
        }
        row = await given.row(order)
        assert (row.customer_version, row.customer_updated_at) == (1, given.now)


async def test_customers_do_not_see_that_their_contact_was_exported(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    asker = await exporter(client, given, shop, Permission.CUSTOMER_CONTACT_READ)
    await ask(asker, *CONTACT)
    await run_all(given.parts)
    customer = client.as_((await given.customer(shop)).token)
    seen = await timeline(customer, order)
    assert (seen["version"], [event["kind"] for event in seen["timeline"]]) == (1, ["SUBMITTED"])


async def test_no_event_is_written_for_columns_without_a_contact(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    await ask(client.as_(shop.owner.token), "NUMBER", "CUSTOMER_REF")
    await run_all(given.parts)
    assert (await given.row(order)).version == 1


async def test_an_export_that_is_begun_again_reveals_no_contact_twice(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, items=3)
    asker = client.as_(shop.owner.token)
    export = await ask(asker, *CONTACT)
    await run_and_stop(given.parts, reveal_page=1)
    versions = [(await given.row(order)).version for order in orders]
    assert versions == [2, 1, 1]
    assert (await see(asker, export))["status"] == "QUEUED"
    await run_all(given.parts)
    assert (await see(asker, export))["rowsWritten"] == 3
    assert [(await given.row(order)).version for order in orders] == [2, 2, 2]
    for order in orders:
        kinds = [event["kind"] for event in (await timeline(asker, order))["timeline"]]
        assert kinds == ["SUBMITTED", "CONTACT_REVEALED"]


async def test_two_exports_reveal_a_contact_twice(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    for version in (2, 3):
        await ask(client.as_(shop.owner.token), *CONTACT)
        await run_all(given.parts)
        assert (await given.row(order)).version == version


async def test_an_order_that_changes_meanwhile_keeps_its_events_in_sequence(
    client: Client, given: World, clock: StoppedClock
) -> None:
    """The desk writes notes on the orders while their contacts are exported."""
    shop = await given.merchant()
    orders = await given.application(shop, items=6)
    asker = client.as_(shop.owner.token)
    await ask(asker, *CONTACT)

    async def note(order: OrderRef) -> None:
        for _ in range(3):
            assert await asker.codes("addNote", id=order.id, text="催促") == []

    await asyncio.gather(run_all(given.parts, reveal_page=2), *map(note, orders))
    for order in orders:
        kinds = [event["kind"] for event in (await timeline(asker, order))["timeline"]]
        assert sorted(kinds) == ["CONTACT_REVEALED", "NOTED", "NOTED", "NOTED", "SUBMITTED"]
        assert (await given.row(order)).version == 5


async def test_the_doctor_finds_nothing_wrong_after_contacts_were_exported(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    await given.take(order, Action.REJECT)
    await ask(client.as_(shop.owner.token), *CONTACT)
    clock.pass_(timedelta(minutes=1))
    await run_all(given.parts)
    findings: list[Any] = []
    async with given.parts.database.read() as connection:
        await examine(connection, given.parts.pictures, clock.now(), findings.append)
    assert [finding for finding in findings if not finding.is_note] == []
