"""Who exports, who sees an export, and what happens when a permission is taken away."""

from typing import Any

import pytest

from database.database import Database
from domain.permissions import DELEGABLE, Permission
from models.accounts import accounts
from tests.client import Client, Failed
from tests.exports.running import ask, download, run_all, see
from tests.given import World

pytestmark = pytest.mark.anyio

EXPORTS, READS = Permission.EXPORT, Permission.SERVICE_ORDER_READ
CONTACTS = Permission.CUSTOMER_CONTACT_READ
REQUEST: dict[str, Any] = {"columns": ["NUMBER"], "format": "CSV"}
QUERIES = ("{ exports { totalCount } }", '{ export(id: "RXhwb3J0OjE6MQ") { id } }')


async def test_without_the_permission_nothing_of_exports_can_be_reached(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    people = [
        await given.employee(shop, *sorted(DELEGABLE - {EXPORTS})),
        await given.connector(shop),
        await given.connector(),
        await given.customer(shop),
        await given.platform(),
    ]
    for person in people:
        asker = client.as_(person.token)
        assert await asker.codes("exportServiceOrders", **REQUEST) == ["FORBIDDEN"]
        assert await asker.codes("cancelExport", id="RXhwb3J0OjE6MQ") == ["FORBIDDEN"]
        for query in QUERIES:
            with pytest.raises(Failed) as failed:
                await asker.ask(query)
            assert failed.value.code == "FORBIDDEN"


async def test_an_export_needs_the_permission_to_read_orders_as_well(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    person = await given.employee(shop, EXPORTS)
    refusal = await client.as_(person.token).refused("exportServiceOrders", **REQUEST)
    assert (refusal["code"], refusal["permission"]) == ("MISSING_PERMISSION", READS)


async def test_another_merchant_s_export_is_not_found(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    export = await ask(client.as_(shop.owner.token))
    stranger = client.as_(other.owner.token)
    assert await see(stranger, export) is None
    assert (await stranger.ask("{ exports { totalCount } }"))["totalCount"] == 0
    refusal = await stranger.refused("cancelExport", id=export["id"])
    assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Export")
    assert await run_all(given.parts) == 1


async def test_a_permission_that_is_taken_away_before_it_runs_fails_the_export(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    for left in ([EXPORTS], [READS]):
        person = await given.employee(shop, EXPORTS, READS)
        export = await ask(client.as_(person.token))
        await owner.do("updateEmployee", id=person.global_id, extraPermissions=left)
        await run_all(given.parts)
        failed = await see(owner, export)
        assert (failed["status"], failed["error"]) == ("FAILED", "PERMISSION_WITHDRAWN")


async def test_an_account_that_is_disabled_fails_the_export(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    person = await given.employee(shop, EXPORTS, READS)
    export = await ask(client.as_(person.token))
    await owner.do("disableEmployee", id=person.global_id)
    await run_all(given.parts)
    assert (await see(owner, export))["error"] == "PERMISSION_WITHDRAWN"


async def _disable(database: Database, account_id: int) -> None:
    async with database.write() as connection:
        await connection.execute(
            accounts.update()
            .where(accounts.c.id == account_id)
            .values(disabled_at=accounts.c.created_at)
        )


async def test_a_permission_that_is_taken_away_while_it_runs_fails_the_export(
    client: Client, given: World
) -> None:
    """While the file is stored, after the last page was read."""
    shop = await given.merchant()
    await given.order(shop)
    owner = client.as_(shop.owner.token)
    person = await given.employee(shop, EXPORTS, READS)
    export = await ask(client.as_(person.token))
    files = given.parts.export_files
    stored: list[str] = []

    class Files:
        async def put(self, merchant_id: int, name: str, file: Any) -> None:
            await files.put(merchant_id, name, file)
            stored.append(name)
            await _disable(given.parts.database, person.id)

        delete = files.delete

    await run_all(given.parts, files=Files())
    failed = await see(owner, export)
    assert (failed["status"], failed["error"], failed["url"]) == (
        "FAILED",
        "PERMISSION_WITHDRAWN",
        None,
    )
    assert await files.size(shop.id, stored[0]) is None


@pytest.mark.parametrize("columns", [["NUMBER"], ["CONTACT_PHONE"]])
async def test_the_address_is_shown_to_those_who_may_read_what_is_in_the_file(
    client: Client, given: World, columns: list[str]
) -> None:
    shop = await given.merchant()
    await given.order(shop)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, *columns)
    await run_all(given.parts)
    held = {
        (EXPORTS,): False,
        (EXPORTS, READS): columns == ["NUMBER"],
        (EXPORTS, CONTACTS): False,
        (EXPORTS, READS, CONTACTS): True,
    }
    for permissions, is_shown in held.items():
        person = client.as_((await given.employee(shop, *permissions)).token)
        seen = await see(person, export)
        assert (seen["url"] is not None) is is_shown, permissions
        if is_shown:
            assert await download(person, seen["url"])
