"""Names of people and roles: they show something, in one line, and no two roles read the same."""

import pytest

from tests.client import Client, Failed
from tests.given import PASSWORD, World

pytestmark = pytest.mark.anyio

SAME = [
    "审核组\u200b",
    "\u200b审核组",
    "审\u00ad核组",
    " 审核组\u3000",
    "审核\u2060组",
    "审核组\ufeff",
]


async def test_no_role_gets_a_name_that_reads_like_another(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    assert "审核组" in shop.roles
    for name in SAME:
        assert await owner.codes("createRole", name=name, permissions=[]) == ["NAME_TAKEN"]
        assert await owner.codes("updateRole", id=shop.roles["收货组"], name=name) == ["NAME_TAKEN"]
        assert await owner.codes("updateRole", id=shop.roles["审核组"], name=name) == []
    assert await owner.codes("createRole", name="VIP组", permissions=[]) == []
    assert await owner.codes("createRole", name="ｖｉｐ组", permissions=[]) == ["NAME_TAKEN"]


@pytest.mark.parametrize("name", ["\u200b", "\u2800", "\u3164", "\u00ad", " \u200b\u00ad", "\n"])
async def test_a_name_that_shows_nothing_is_empty(client: Client, given: World, name: str) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    with pytest.raises(Failed) as failure:
        await owner.do("createRole", name=name, permissions=[])
    assert failure.value.extensions == {"code": "BAD_USER_INPUT", "argument": ["name"]}


async def test_a_name_is_one_line_and_turns_no_text_around(client: Client, given: World) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    said = {"login": "xiao-x", "password": PASSWORD}
    for name in ("小\u202eA", "小\nA", "小\u2028A", "小\u2066A"):
        with pytest.raises(Failed) as failure:
            await owner.do("createEmployee", name=name, **said)
        assert failure.value.extensions == {"code": "BAD_USER_INPUT", "argument": ["name"]}
    made = await owner.do("createEmployee", "employee { name }", name=" 小\u200b \u3000A\n", **said)
    assert made["employee"] == {"name": "小 A"}


async def test_a_login_and_a_password_are_not_changed_silently(
    client: Client, given: World
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    with pytest.raises(Failed):
        await owner.do("createEmployee", login="xiao\u200b", password=PASSWORD, name="小A")
    password = "pass\u200bword  1"
    assert await owner.codes("createEmployee", login="xiao", password=password, name="小A") == []
    await client.sign_in("xiao", password)
