"""Roles: who may hold what through them, and what changing one does."""

from typing import Any

import pytest

from domain.permissions import DELEGABLE, MAIN_ACCOUNT, Permission
from domain.roles import STARTER_ROLES
from tests.client import Client, Failed
from tests.given import PASSWORD, World

pytestmark = pytest.mark.anyio

ROLES = "{ roles { id name permissions } }"
FORBIDDEN_FRUIT = sorted(set(Permission) - DELEGABLE)


async def roles(client: Client) -> dict[str, list[str]]:
    return {role["name"]: role["permissions"] for role in await client.ask(ROLES)}


async def made(client: Client, name: str, *permissions: str) -> str:
    payload = await client.do("createRole", "role { id }", name=name, permissions=permissions)
    assert payload["refusals"] == []
    return str(payload["role"]["id"])


async def test_a_new_merchant_starts_with_the_five_groups_and_may_change_each(
    client: Client, given: World
) -> None:
    platform = client.as_((await given.platform()).token)
    await platform.do(
        "registerMerchant", name="新店", login="boss", password=PASSWORD, mainAccountName="店主"
    )
    owner = await client.sign_in("boss")
    assert await roles(owner) == {role.name: sorted(role.permissions) for role in STARTER_ROLES} | {
        "售后主管": sorted(DELEGABLE)
    }
    for at, role in enumerate(await owner.ask(ROLES)):
        changed = await owner.do(
            "updateRole", "role { name permissions }", id=role["id"], name=f"组{at}", permissions=[]
        )
        assert changed["role"] == {"name": f"组{at}", "permissions": []}
        payload = await owner.do("deleteRole", "done deletedId", id=role["id"])
        assert payload == {"done": True, "deletedId": role["id"], "refusals": []}
    assert await roles(owner) == {}


async def test_what_is_left_out_of_an_update_stays(client: Client, given: World) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    id_ = await made(owner, "夜班", "REVIEW", "NOTE")
    for change, expected in (
        ({"name": "早班"}, {"name": "早班", "permissions": ["NOTE", "REVIEW"]}),
        ({"permissions": ["EXPORT"]}, {"name": "早班", "permissions": ["EXPORT"]}),
        ({}, {"name": "早班", "permissions": ["EXPORT"]}),
        ({"name": None, "permissions": None}, {"name": "早班", "permissions": ["EXPORT"]}),
    ):
        payload = await owner.do("updateRole", "role { name permissions }", id=id_, **change)
        assert payload["role"] == expected


@pytest.mark.parametrize("permission", FORBIDDEN_FRUIT)
async def test_what_is_not_for_staff_is_granted_by_no_way(
    client: Client, given: World, permission: Permission
) -> None:
    shop = await given.merchant()
    person = await given.employee(shop)
    owner = client.as_(shop.owner.token)
    granting: list[tuple[str, dict[str, Any]]] = [
        ("createRole", {"name": "新", "permissions": ["NOTE", permission]}),
        ("updateRole", {"id": shop.roles["只读"], "permissions": [permission]}),
        (
            "createEmployee",
            {
                "login": "new",
                "password": PASSWORD,
                "name": "新人",
                "extraPermissions": [permission],
            },
        ),
        ("updateEmployee", {"id": person.global_id, "extraPermissions": [permission]}),
    ]
    for name, said in granting:
        refusal = await owner.refused(name, **said)
        assert (refusal["code"], refusal["permissions"]) == ("NOT_DELEGABLE", [permission])
    assert "新" not in await roles(owner)
    assert (await client.as_(person.token).ask("{ viewer { permissions { permission } } }"))[
        "permissions"
    ] == []


async def test_nobody_but_the_main_account_manages_staff_whatever_else_they_hold(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    deputy = await given.employee(shop, *sorted(DELEGABLE), roles=["售后主管"])
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("createRole", {"name": "新", "permissions": []}),
        ("updateRole", {"id": shop.roles["只读"], "permissions": ["REVIEW"]}),
        ("deleteRole", {"id": shop.roles["只读"]}),
        ("updateEmployee", {"id": deputy.global_id, "extraPermissions": ["REFUND"]}),
        ("disableEmployee", {"id": shop.owner.global_id}),
    ]
    for name, said in attempts:
        with pytest.raises(Failed) as failure:
            await client.as_(deputy.token).do(name, **said)
        assert failure.value.extensions == {"code": "FORBIDDEN", "requires": "STAFF_MANAGE"}


async def test_a_name_is_unique_in_a_merchant_and_two_merchants_may_share_one(
    client: Client, given: World
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    neighbour = client.as_((await given.merchant("另一家")).owner.token)
    id_ = await made(owner, "夜班")
    refusal = await owner.refused("createRole", name="夜班", permissions=[])
    assert (refusal["code"], refusal["name"], refusal["path"]) == ("NAME_TAKEN", "夜班", ["name"])
    assert await owner.codes("createRole", name=" 夜班 ", permissions=[]) == ["NAME_TAKEN"]
    assert await owner.codes("updateRole", id=id_, name="审核组") == ["NAME_TAKEN"]
    assert await owner.codes("updateRole", id=id_, name="夜班") == []
    assert await neighbour.codes("createRole", name="夜班", permissions=[]) == []
    assert await owner.codes("deleteRole", id=id_) == []
    assert await owner.codes("createRole", name="夜班", permissions=[]) == []


async def test_deleting_a_role_takes_it_from_everybody_and_leaves_their_other_ones(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    both = await given.employee(shop, Permission.EXPORT, roles=["审核组", "收货组"])
    one = await given.reviewer(shop)
    assert await owner.codes("deleteRole", id=shop.roles["审核组"]) == []
    mine = "{ viewer { permissions { permission throughRoles direct } } }"
    assert await client.as_(one.token).ask(mine) == {"permissions": []}
    group = {"throughRoles": ["收货组"], "direct": False}
    assert (await client.as_(both.token).ask(mine))["permissions"] == [
        {"permission": "SERVICE_ORDER_READ", **group},
        {"permission": "RECEIVE", **group},
        {"permission": "NOTE", **group},
        {"permission": "EXPORT", "throughRoles": [], "direct": True},
    ]
    people = await owner.ask("{ employees { nodes { login roles { name } } } }")
    assert {node["login"]: node["roles"] for node in people["nodes"]} == {
        shop.owner.login: [],
        both.login: [{"name": "收货组"}],
        one.login: [],
    }


async def test_a_foreign_role_is_not_found_by_any_way(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    owner = client.as_(shop.owner.token)
    foreign = other.roles["审核组"]
    person = await given.employee(shop)
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("updateRole", {"id": foreign, "name": "我的"}),
        ("deleteRole", {"id": foreign}),
        ("updateEmployee", {"id": person.global_id, "roleIds": [foreign]}),
        (
            "createEmployee",
            {"login": "new", "password": PASSWORD, "name": "新", "roleIds": [foreign]},
        ),
    ]
    for name, said in attempts:
        refusal = await owner.refused(name, **said)
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Role")
    with pytest.raises(Failed) as failure:
        await owner.ask("query($id: ID!) { rolePreview(roleId: $id) { orphaned } }", id=foreign)
    assert failure.value.code == "NOT_FOUND"
    assert "审核组" in await roles(client.as_(other.owner.token))


async def test_a_changed_role_holds_for_the_next_read_and_the_next_mutation(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner, person = client.as_(shop.owner.token), await given.employee(shop, roles=["只读"])
    employee = client.as_(person.token)
    read = "query($id: ID!) { serviceOrder(id: $id) { status } }"
    assert await employee.ask(read, id=order.id) == {"status": "PENDING_REVIEW"}
    assert await employee.codes("addNote", id=order.id, text="一") == ["FORBIDDEN"]
    await owner.do("updateRole", id=shop.roles["只读"], permissions=["SERVICE_ORDER_READ", "NOTE"])
    assert await employee.codes("addNote", id=order.id, text="二") == []
    await owner.do("updateRole", id=shop.roles["只读"], permissions=["NOTE"])
    assert await employee.codes("addNote", id=order.id, text="三") == []
    with pytest.raises(Failed) as failure:
        await employee.ask(read, id=order.id)
    assert failure.value.code == "FORBIDDEN"
    await owner.do("updateRole", id=shop.roles["只读"], permissions=[])
    assert await employee.codes("addNote", id=order.id, text="四") == ["FORBIDDEN"]


async def test_the_catalogue_explains_every_permission_in_both_languages(
    client: Client,
) -> None:
    shape = (
        "{ permissions { permission holder holders name description"
        " nameZh nameEn descriptionZh descriptionEn } }"
    )
    catalogue = await client.ask(shape)
    assert [line["permission"] for line in catalogue] == [one.value for one in Permission]
    for line in catalogue:
        assert (line["name"], line["description"]) == (line["nameEn"], line["descriptionEn"])
        assert any("一" <= character <= "鿿" for character in line["nameZh"])
        assert any("一" <= character <= "鿿" for character in line["descriptionZh"])
        assert line["nameEn"].isascii()
        assert line["descriptionEn"].isascii()
    holders = {line["permission"]: line["holder"] for line in catalogue}
    also = {line["permission"] for line in catalogue if line["holders"][1:] == ["STAFF"]}
    assert {name for name, holder in holders.items() if holder == "STAFF"} | also == DELEGABLE
    assert {name for name, holder in holders.items() if holder == "MAIN_ACCOUNT"} == (
        MAIN_ACCOUNT - DELEGABLE
    )
    assert {name for name, holder in holders.items() if holder == "CONNECTOR"} == {
        "APPLICATION_SUBMIT",
        "CUSTOMER_ACT",
        "REFUND_REPORT",
    }
