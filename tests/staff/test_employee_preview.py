"""Previews of disabling and moving an employee, and who holds which permission."""

from typing import Any

import pytest

from domain.permissions import DELEGABLE, Permission
from domain.statuses import Status
from tests.client import Client
from tests.given import World
from tests.house.test_statements import counting

pytestmark = pytest.mark.anyio

PREVIEW = """query($id: ID!, $roleIds: [ID!], $extra: [Permission!]) {
  employeePreview(employeeId: $id, roleIds: $roleIds, extraPermissions: $extra) {
    gains loses refundCeilingBefore refundCeilingAfter orphaned openOrders
    connectors { name loses } } }"""
COVERAGE = "{ coverage { permission holders } }"


async def test_a_preview_of_disabling_says_what_the_employee_their_connectors_and_the_desk_lose(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    settings = await given.employee(
        shop, Permission.SETTINGS_MANAGE, Permission.SERVICE_ORDER_READ, roles=["审核组"]
    )
    await given.reviewer(shop, "小B")
    connector = await owner.do(
        "createConnector", "connector { id }", name="ERP", scopes=["SERVICE_ORDER_READ"]
    )
    id_ = connector["connector"]["id"]
    await owner.do("handOverConnector", id=id_, employeeId=settings.global_id)
    await given.order(shop, assignee_id=settings.id)
    await given.in_status(shop, Status.REJECTED, assignee_id=settings.id)
    preview = await owner.ask(PREVIEW, id=settings.global_id)
    assert preview == {
        "gains": [],
        "loses": ["NOTE", "REVIEW", "SERVICE_ORDER_READ", "SETTINGS_MANAGE"],
        "refundCeilingBefore": "0.00",
        "refundCeilingAfter": "0.00",
        "orphaned": ["SETTINGS_MANAGE"],
        "openOrders": 1,
        "connectors": [{"name": "ERP", "loses": ["SERVICE_ORDER_READ"]}],
    }
    await owner.do("disableEmployee", id=settings.global_id)
    covered = {row["permission"]: row["holders"] for row in await owner.ask(COVERAGE)}
    assert covered["SETTINGS_MANAGE"] == 0


async def test_a_preview_of_a_move_says_what_is_gained_and_lost(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    reviewer = await given.employee(shop, Permission.REFUND, roles=["审核组"])
    moved: dict[str, Any] = {"id": reviewer.global_id, "roleIds": [shop.roles["收货组"]]}
    preview = await owner.ask(PREVIEW, **moved)
    assert (preview["gains"], preview["loses"]) == (["RECEIVE"], ["REVIEW"])
    assert preview["refundCeilingAfter"] is None
    preview = await owner.ask(PREVIEW, **moved, extra=[])
    assert preview["loses"] == ["REFUND", "REVIEW"]
    assert (preview["refundCeilingBefore"], preview["refundCeilingAfter"]) == (None, "0.00")
    assert preview["orphaned"] == ["REFUND", "REVIEW"]


async def test_the_main_account_and_unknown_people_and_roles_have_no_preview(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("别家")
    owner, reviewer = client.as_(shop.owner.token), await given.reviewer(shop)
    for arguments, code in (
        ({"id": shop.owner.global_id}, "MAIN_ACCOUNT_PROTECTED"),
        ({"id": (await given.reviewer(other)).global_id}, "NOT_FOUND"),
        ({"id": reviewer.global_id, "roleIds": [other.roles["审核组"]]}, "NOT_FOUND"),
    ):
        response = await owner.post({"query": PREVIEW, "variables": arguments})
        assert response.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.asked_once
async def test_coverage_counts_the_active_holders_of_each_permission_in_one_statement(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    await given.employee(shop, Permission.REVIEW, roles=["审核组"])
    await given.employee(shop, Permission.EXPORT)
    gone = await given.employee(shop, Permission.QUALITY_READ)
    await owner.do("disableEmployee", id=gone.global_id)
    covered = {row["permission"]: row["holders"] for row in await owner.ask(COVERAGE)}
    assert set(covered) == DELEGABLE
    assert {name: number for name, number in covered.items() if number} == {
        "SERVICE_ORDER_READ": 1,
        "REVIEW": 1,
        "NOTE": 1,
        "EXPORT": 1,
    }
    with counting(given.parts.database.reading) as statements:
        await owner.ask(COVERAGE)
    assert len([text for text in statements if text.startswith("SELECT employee.id")]) == 1
