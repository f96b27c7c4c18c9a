"""Employees: hiring, what they may do and through what, and ending it at once."""

from typing import Any

import pytest

from domain.permissions import MAIN_ACCOUNT, Permission
from tests.client import Client, Failed
from tests.given import PASSWORD, World

pytestmark = pytest.mark.anyio

NEW = {"login": "new", "password": PASSWORD, "name": "新人"}
VIEWER = """{ viewer { name kind merchant { name }
  permissions { permission throughRoles direct } } }"""


async def test_an_employee_may_do_nothing_by_default(client: Client, given: World) -> None:
    shop = await given.merchant()
    shape = "employee { name login isMainAccount roles { name } extraPermissions disabledAt }"
    hired = await client.as_(shop.owner.token).do("createEmployee", shape, **NEW)
    assert hired["employee"] == {
        "name": "新人",
        "login": "new",
        "isMainAccount": False,
        "roles": [],
        "extraPermissions": [],
        "disabledAt": None,
    }
    employee = await client.sign_in("new")
    assert await employee.ask(VIEWER) == {
        "name": "新人",
        "kind": "EMPLOYEE",
        "merchant": {"name": "京北数码"},
        "permissions": [],
    }


async def test_the_viewer_sees_through_what_each_permission_is_held(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    person = await given.employee(
        shop, Permission.NOTE, Permission.REFUND, roles=["审核组", "收货组"]
    )
    held = await client.as_(person.token).ask(VIEWER)
    assert held["permissions"] == [
        {
            "permission": "SERVICE_ORDER_READ",
            "throughRoles": ["审核组", "收货组"],
            "direct": False,
        },
        {"permission": "REVIEW", "throughRoles": ["审核组"], "direct": False},
        {"permission": "RECEIVE", "throughRoles": ["收货组"], "direct": False},
        {"permission": "REFUND", "throughRoles": [], "direct": True},
        {"permission": "NOTE", "throughRoles": ["审核组", "收货组"], "direct": True},
    ]
    owner = await client.as_(shop.owner.token).ask(VIEWER)
    assert owner["kind"] == "MAIN_ACCOUNT"
    assert {one["permission"] for one in owner["permissions"]} == MAIN_ACCOUNT
    assert all(one["direct"] and not one["throughRoles"] for one in owner["permissions"])


async def test_a_login_is_unique_over_the_whole_platform(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    platform = await given.platform()
    owner = client.as_(shop.owner.token)
    for taken in (other.owner.login, shop.owner.login, platform.login, f" {other.owner.login} "):
        refusal = await owner.refused("createEmployee", **NEW | {"login": taken})
        assert (refusal["code"], refusal["path"]) == ("NAME_TAKEN", ["login"])
        refusal = await client.as_(platform.token).refused(
            "registerMerchant", name="新店", login=taken, password=PASSWORD, mainAccountName="店主"
        )
        assert (refusal["code"], refusal["name"]) == ("NAME_TAKEN", taken.strip())
    people = await owner.ask("{ employees { totalCount } }")
    assert people == {"totalCount": 1}


async def test_two_people_cannot_be_hired_under_one_login(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    assert await client.as_(shop.owner.token).codes("createEmployee", **NEW) == []
    assert await client.as_(other.owner.token).codes("createEmployee", **NEW) == ["NAME_TAKEN"]
    assert (await (await client.sign_in("new")).ask(VIEWER))["merchant"] == {"name": "京北数码"}


@pytest.mark.parametrize(("length", "code"), [(7, "BAD_USER_INPUT"), (8, None), (128, None)])
async def test_a_password_has_eight_characters_at_least(
    client: Client, given: World, length: int, code: str | None
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    password = ("密码由人选定不必复杂" * 13)[:length]
    codes = await owner.codes("createEmployee", **NEW | {"password": password})
    assert codes == ([code] if code else [])
    if not code:
        await client.sign_in("new", password)


async def test_disabling_ends_every_session_at_the_next_read_and_the_next_mutation(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    person = await given.reviewer(shop)
    owner = client.as_(shop.owner.token)
    elsewhere = await client.sign_in(person.login)
    for session in (client.as_(person.token), elsewhere):
        assert (await session.ask(VIEWER))["name"] == "小A"
        assert await session.codes("addNote", id=order.id, text="好") == []
    disabled = await owner.do("disableEmployee", "employee { disabledAt }", id=person.global_id)
    since = disabled["employee"]["disabledAt"]
    assert since == given.now.isoformat()
    for session in (client.as_(person.token), elsewhere):
        with pytest.raises(Failed) as failure:
            await session.ask(VIEWER)
        assert failure.value.codes == ["UNAUTHENTICATED"]
        assert await session.codes("addNote", id=order.id, text="好") == ["UNAUTHENTICATED"]
    # A second time changes nothing. Enabled again, the old sessions stay ended.
    again = await owner.do("disableEmployee", "employee { disabledAt }", id=person.global_id)
    assert again["employee"]["disabledAt"] == since
    enabled = await owner.do("enableEmployee", "employee { disabledAt }", id=person.global_id)
    assert enabled["employee"]["disabledAt"] is None
    assert await elsewhere.codes("addNote", id=order.id, text="好") == ["UNAUTHENTICATED"]
    again_in = await client.sign_in(person.login)
    assert await again_in.codes("addNote", id=order.id, text="好") == []


async def test_the_main_account_is_neither_disabled_nor_restricted(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    id_ = shop.owner.global_id
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("disableEmployee", {}),
        ("updateEmployee", {"roleIds": [shop.roles["只读"]]}),
        ("updateEmployee", {"roleIds": []}),
        ("updateEmployee", {"extraPermissions": []}),
        ("updateEmployee", {"extraPermissions": ["REVIEW"]}),
    ]
    for name, change in attempts:
        assert await owner.codes(name, id=id_, **change) == ["MAIN_ACCOUNT_PROTECTED"]
    renamed = await owner.do("updateEmployee", "employee { name }", id=id_, name="新店主")
    assert renamed["employee"] == {"name": "新店主"}
    viewer = await owner.ask(VIEWER)
    assert viewer["name"] == "新店主"
    assert {one["permission"] for one in viewer["permissions"]} == MAIN_ACCOUNT


async def test_what_is_left_out_of_an_update_stays(client: Client, given: World) -> None:
    shop = await given.merchant()
    person = await given.employee(shop, Permission.EXPORT, roles=["只读"])
    owner = client.as_(shop.owner.token)
    shape = "employee { name roles { name } extraPermissions }"
    before = {"name": "小A", "roles": [{"name": "只读"}], "extraPermissions": ["EXPORT"]}
    changes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {}),
        ({"name": "小B"}, {"name": "小B"}),
        ({"roleIds": []}, {"roles": []}),
        (
            {"roleIds": [shop.roles["审核组"], shop.roles["只读"], shop.roles["只读"]]},
            {"roles": [{"name": "只读"}, {"name": "审核组"}]},
        ),
        ({"extraPermissions": ["REFUND", "REFUND"]}, {"extraPermissions": ["REFUND"]}),
        ({"extraPermissions": []}, {"extraPermissions": []}),
    ]
    expected = before
    for change, effect in changes:
        expected = expected | effect
        payload = await owner.do("updateEmployee", shape, id=person.global_id, **change)
        assert payload["employee"] == expected


async def test_an_extra_permission_holds_at_the_next_mutation_and_is_gone_at_the_next(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    person = await given.employee(shop)
    owner, employee = client.as_(shop.owner.token), client.as_(person.token)
    for at, extra in enumerate(([], ["NOTE"], [], ["NOTE"])):
        await owner.do("updateEmployee", id=person.global_id, extraPermissions=extra)
        codes = await employee.codes("addNote", id=order.id, text=str(at))
        assert codes == ([] if extra else ["FORBIDDEN"])


async def test_a_foreign_employee_is_not_found(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    stranger = await given.reviewer(other)
    owner = client.as_(shop.owner.token)
    for name in ("updateEmployee", "disableEmployee", "enableEmployee"):
        refusal = await owner.refused(name, id=stranger.global_id)
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Employee")
    assert (await client.as_(stranger.token).ask(VIEWER))["name"] == "小A"


async def test_employees_are_paged_in_the_order_they_came(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    await given.reviewer(other)
    came = [shop.owner, *[await given.employee(shop) for _ in range(4)]]
    owner = client.as_(shop.owner.token)
    query = """query($after: String) { employees(first: 2, after: $after) {
      totalCount nodes { id } pageInfo { endCursor hasNextPage } } }"""
    found, after = [], None
    for more in (True, True, False):
        page = await owner.ask(query, after=after)
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasNextPage"] is more
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert found == [person.global_id for person in came]
