"""What a change of a role would do, before it is done."""

from typing import Any

import pytest

from domain.permissions import DELEGABLE, Permission
from tests.client import Client
from tests.given import Person, Shop, World

pytestmark = pytest.mark.anyio

PREVIEW = """query($roleId: ID!, $permissions: [Permission!]) {
  rolePreview(roleId: $roleId, permissions: $permissions) {
    effects { employeeId name gains loses } orphaned } }"""
DELETION = """query($roleId: ID!) {
  rolePreview(roleId: $roleId) { effects { employeeId name gains loses } orphaned } }"""


async def preview(
    client: Client, shop: Shop, role: str, *permissions: Permission
) -> dict[str, Any]:
    owner = client.as_(shop.owner.token)
    return await owner.ask(PREVIEW, roleId=shop.roles[role], permissions=permissions)


def effect(person: Person, gains: list[str], loses: list[str]) -> dict[str, Any]:
    return {"employeeId": person.global_id, "name": "小A", "gains": gains, "loses": loses}


async def test_those_who_hold_it_otherwise_lose_nothing(client: Client, given: World) -> None:
    shop = await given.merchant()
    plain = await given.reviewer(shop)
    twice = await given.employee(shop, roles=["审核组", "收货组"])
    extra = await given.employee(shop, Permission.REVIEW, roles=["审核组"])
    await given.employee(shop, roles=["只读"])
    found = await preview(client, shop, "审核组", Permission.SERVICE_ORDER_READ, Permission.RECEIVE)
    assert found["effects"] == [
        effect(plain, ["RECEIVE"], ["NOTE", "REVIEW"]),
        effect(twice, [], ["REVIEW"]),
        effect(extra, ["RECEIVE"], ["NOTE"]),
    ]
    assert found["orphaned"] == []


async def test_a_permission_that_nobody_would_hold_any_more_is_named(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    reviewer = await given.reviewer(shop)
    found = await preview(client, shop, "审核组", Permission.SERVICE_ORDER_READ)
    assert found["effects"] == [effect(reviewer, [], ["NOTE", "REVIEW"])]
    assert found["orphaned"] == ["NOTE", "REVIEW"]
    # Another holder, and nothing would be orphaned; a disabled one does not count.
    other = await given.employee(shop, Permission.NOTE, Permission.REVIEW)
    found = await preview(client, shop, "审核组", Permission.SERVICE_ORDER_READ)
    assert found["orphaned"] == []
    await client.as_(shop.owner.token).do("disableEmployee", id=other.global_id)
    found = await preview(client, shop, "审核组", Permission.SERVICE_ORDER_READ)
    assert found["orphaned"] == ["NOTE", "REVIEW"]
    assert found["effects"] == [effect(reviewer, [], ["NOTE", "REVIEW"])]


async def test_a_deletion_is_previewed_by_leaving_the_permissions_out(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    reader = await given.employee(shop, roles=["只读"])
    owner = client.as_(shop.owner.token)
    loses = ["QUALITY_READ", "SERVICE_ORDER_READ"]
    expected = {"effects": [effect(reader, [], loses)], "orphaned": loses}
    assert await owner.ask(DELETION, roleId=shop.roles["只读"]) == expected
    assert await preview(client, shop, "只读") == expected


async def test_the_preview_says_exactly_what_then_happens(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    people = [
        await given.reviewer(shop),
        await given.employee(shop, Permission.PROCESS, roles=["审核组", "处理组"]),
        await given.employee(shop, Permission.NOTE),
    ]

    async def held() -> dict[str, set[str]]:
        return {
            person.global_id: {
                one["permission"]
                for one in (
                    await client.as_(person.token).ask("{ viewer { permissions { permission } } }")
                )["permissions"]
            }
            for person in people
        }

    for after in ([Permission.REVIEW], sorted(DELEGABLE), [Permission.EXPORT], []):
        before = await held()
        found = await preview(client, shop, "审核组", *after)
        assert await held() == before
        await owner.do("updateRole", id=shop.roles["审核组"], permissions=after)
        now = await held()
        said = {one["employeeId"]: one for one in found["effects"]}
        for id_, permissions in now.items():
            effect_ = said.get(id_, {"gains": [], "loses": []})
            assert effect_["gains"] == sorted(permissions - before[id_])
            assert effect_["loses"] == sorted(before[id_] - permissions)
        gone = set().union(*before.values()) - set().union(*now.values())
        assert found["orphaned"] == sorted(gone)
