"""The staff history: each change leaves one entry, which says who changed what, and replays."""

from typing import Any

import pytest
import sqlalchemy as sa

from doctor import staff_history
from models.staff_event import staff_events
from tests.client import Client
from tests.given import PASSWORD, Shop, World
from tests.house.test_plans import Plans, watching

pytestmark = pytest.mark.anyio

HISTORY = """query($employeeId: ID, $roleId: ID, $first: Int, $after: String) {
  staffHistory(employeeId: $employeeId, roleId: $roleId, first: $first, after: $after) {
    nodes { sequence kind subject actor { kind name } changed granted withdrawn
      before { name roles permissions refundCeiling disabled employees }
      after { name login roles permissions refundCeiling disabled } }
    pageInfo { endCursor hasNextPage } } }"""
EMPLOYEE = {"login": "xiao-b", "password": PASSWORD, "name": "小B"}


async def history(client: Client, **arguments: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await client.ask(HISTORY, **arguments))["nodes"]
    return nodes


async def kinds(client: Client, **arguments: Any) -> list[str]:
    return [node["kind"] for node in await history(client, **arguments)]


async def a_busy_day(owner: Client, shop: Shop) -> tuple[str, str]:
    """Every mutation of staff once, with what changes nothing in between; the ids of both."""
    role = (
        await owner.do("createRole", "role { id }", name="退款组", permissions=["REFUND", "NOTE"])
    )["role"]["id"]
    employee = (
        await owner.do(
            "createEmployee",
            "employee { id }",
            **EMPLOYEE,
            roleIds=[role],
            extraPermissions=["EXPORT"],
        )
    )["employee"]["id"]
    await owner.do("updateRole", id=role, permissions=["REFUND"], refundCeiling="50.00")
    await owner.do("updateRole", id=role, name="退款组")
    await owner.do(
        "updateEmployee",
        id=employee,
        name="大B",
        roleIds=[role, shop.roles["审核组"]],
        extraPermissions=["QUALITY_READ"],
    )
    for name in ("disableEmployee", "disableEmployee", "enableEmployee", "enableEmployee"):
        await owner.do(name, id=employee)
    await owner.do("deleteRole", id=role)
    return employee, role


async def test_every_change_of_staff_leaves_one_entry_and_what_changes_nothing_leaves_none(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    employee, role = await a_busy_day(owner, shop)
    entries = await history(owner)
    assert [(entry["sequence"], entry["kind"]) for entry in reversed(entries)] == [
        (1, "ROLE_CREATED"),
        (2, "EMPLOYEE_CREATED"),
        (3, "ROLE_CHANGED"),
        (4, "EMPLOYEE_CHANGED"),
        (5, "EMPLOYEE_DISABLED"),
        (6, "EMPLOYEE_ENABLED"),
        (7, "ROLE_DELETED"),
    ]
    assert {entry["actor"]["name"] for entry in entries} == {"店主"}
    by_kind = {entry["kind"]: entry for entry in entries}
    assert by_kind["EMPLOYEE_CREATED"]["after"]["login"] == "xiao-b"
    changed = by_kind["EMPLOYEE_CHANGED"]
    assert changed["changed"] == ["NAME", "PERMISSIONS", "ROLES"]
    assert (changed["granted"], changed["withdrawn"]) == (["QUALITY_READ"], ["EXPORT"])
    assert (changed["before"]["name"], changed["after"]["name"]) == ("小B", "大B")
    assert changed["before"]["roles"] == ["退款组"]
    assert sorted(changed["after"]["roles"]) == ["审核组", "退款组"]
    limited = by_kind["ROLE_CHANGED"]
    assert limited["withdrawn"] == ["NOTE"]
    assert limited["after"]["refundCeiling"] == "50.00"
    assert limited["changed"] == ["PERMISSIONS", "REFUND_CEILING"]
    assert by_kind["ROLE_DELETED"]["before"]["employees"] == ["大B"]
    assert await kinds(owner, roleId=role) == ["ROLE_DELETED", "ROLE_CHANGED", "ROLE_CREATED"]
    assert await kinds(owner, employeeId=employee) == [
        "EMPLOYEE_ENABLED",
        "EMPLOYEE_DISABLED",
        "EMPLOYEE_CHANGED",
        "EMPLOYEE_CREATED",
    ]


async def test_the_history_replays_to_the_present_staff_and_a_difference_is_found(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    await a_busy_day(client.as_(shop.owner.token), shop)
    async with given.parts.database.read() as connection:
        assert [one async for one in staff_history.examine(connection, shop.id)] == []
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.text("UPDATE employee SET extra_permissions = '[]' WHERE login = 'xiao-b'")
        )
    async with given.parts.database.read() as connection:
        [finding] = [one async for one in staff_history.examine(connection, shop.id)]
    assert finding.detail is not None
    assert finding.detail.endswith("PERMISSIONS")


async def test_a_refused_change_leaves_no_entry(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    assert await owner.codes("createRole", name="审核组", permissions=[]) == ["NAME_TAKEN"]
    assert await owner.codes("disableEmployee", id=shop.owner.global_id) == [
        "MAIN_ACCOUNT_PROTECTED"
    ]
    assert await history(owner) == []


async def test_no_password_is_in_the_history(client: Client, given: World) -> None:
    shop = await given.merchant()
    await client.as_(shop.owner.token).do("createEmployee", **EMPLOYEE)
    async with given.parts.database.read() as connection:
        rows = (await connection.execute(sa.select(staff_events))).all()
    assert rows
    assert PASSWORD not in str(rows)
    assert "argon2" not in str(rows)


async def test_another_merchant_s_history_is_not_seen(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("别家")
    employee, _ = await a_busy_day(client.as_(shop.owner.token), shop)
    stranger = client.as_(other.owner.token)
    assert await history(stranger) == []
    response = await stranger.post({"query": HISTORY, "variables": {"employeeId": employee}})
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_pages_of_the_history_come_from_an_index(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    employee, role = await a_busy_day(owner, shop)
    first = await owner.ask(HISTORY, first=2)
    assert first["pageInfo"]["hasNextPage"] is True
    after = first["pageInfo"]["endCursor"]
    assert [node["sequence"] for node in await history(owner, first=2, after=after)] == [5, 4]
    plans = Plans(given.parts.database)
    for arguments in ({}, {"employeeId": employee}, {"roleId": role}, {"after": after}):
        with watching(plans.database.reading) as statements:
            await history(owner, first=2, **arguments)
        pages = [sent for sent in statements if "staff_event" in sent.text]
        assert pages
        for page in pages:
            assert await plans.steps(page) == [], page.text


async def test_the_history_of_a_merchant_begins_with_its_registration(
    client: Client, given: World
) -> None:
    platform = client.as_((await given.platform()).token)
    said = {"name": "新店", "login": "boss", "password": PASSWORD, "mainAccountName": "老板"}
    await platform.do("registerMerchant", **said)
    entries = await history(await client.sign_in("boss"))
    assert [entry["kind"] for entry in entries] == [*["ROLE_CREATED"] * 5, "EMPLOYEE_CREATED"]
    assert {entry["actor"]["kind"] for entry in entries} == {"PLATFORM"}
