"""Changing one's password, codes for new passwords, and the passwords that are refused."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import create_app
from domain.passwords import is_common
from domain.permissions import PLATFORM, Permission
from models.accounts import accounts, password_resets
from models.staff_event import platform_account_events, staff_events
from resolvers.accounts.reset_codes import RESET_WINDOW
from resolvers.sign_in import sign_in
from schema import ids
from tests.client import Client
from tests.given import PASSWORD, World
from tests.sign_in.signing import Wall, at, code, node
from tests.test_races import other, other_parts

__all__ = ["other", "other_parts"]  # fixtures

pytestmark = pytest.mark.anyio

NEW = "a longer sentence"
NEWER = "another long sentence"
RESET = "code expiresAt"
SESSIONS = "{ sessions { nodes { isCurrent } } }"


async def is_signed_in(client: Client) -> bool:
    answer = await client.post({"query": "{ viewer { name } }"})
    return "errors" not in answer.json()


async def history(owner: Client) -> list[tuple[str, str, str]]:
    query = "{ staffHistory { nodes { kind subject actor { name kind } changed } } }"
    nodes = (await owner.ask(query))["nodes"]
    return [(node["kind"], node["subject"], node["actor"]["name"]) for node in reversed(nodes)]


async def test_a_new_password_ends_the_other_sessions_and_the_old_password(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    person = await given.employee(shop)
    here, elsewhere = [await client.sign_in(person.login) for _ in range(2)]
    for current, new, refused in (
        ("wrong-password", NEW, ["INVALID_CREDENTIALS"]),
        (PASSWORD, PASSWORD, ["PASSWORD_UNCHANGED"]),
        (PASSWORD, "Password2026!", ["COMMON_PASSWORD"]),
        (PASSWORD, "七个字符的密码", ["BAD_USER_INPUT"]),
    ):
        codes = await here.codes("changePassword", currentPassword=current, newPassword=new)
        assert codes == refused, new
    assert await is_signed_in(elsewhere)
    assert await here.codes("changePassword", currentPassword=PASSWORD, newPassword=NEW) == []
    assert await is_signed_in(here)
    assert not await is_signed_in(elsewhere)
    assert not await is_signed_in(client.as_(person.token))
    assert await code(client, person.login, PASSWORD) == "INVALID_CREDENTIALS"
    assert await code(client, person.login, NEW) is None
    told = await history(client.as_(shop.owner.token))
    assert told == [("PASSWORD_CHANGED", "小A", "小A")]


async def test_an_employee_gets_a_new_password_with_a_code_that_works_once(
    client: Client, given: World, caplog: pytest.LogCaptureFixture
) -> None:
    shop, stranger = await given.merchant(), await given.merchant("别家")
    person = await given.employee(shop)
    owner = client.as_(shop.owner.token)
    before = await client.sign_in(person.login)
    replaced = await owner.do("issueEmployeePasswordReset", RESET, id=person.global_id)
    issued = await owner.do("issueEmployeePasswordReset", RESET, id=person.global_id)
    assert len(issued["code"].replace("-", "")) == 16
    assert await is_signed_in(before)  # nothing has changed yet
    said = {"login": person.login, "newPassword": NEW}
    for wrong in (
        {"code": replaced["code"]},
        {"code": "0000-0000-0000-0000"},
        {"code": issued["code"], "login": "no-such-login"},
        {"code": issued["code"], "login": stranger.owner.login},
    ):
        assert await client.codes("redeemPasswordReset", **said | wrong) == ["INVALID_RESET_CODE"]
    common = said | {"code": issued["code"], "newPassword": "1qaz2wsx"}
    assert await client.codes("redeemPasswordReset", **common) == ["COMMON_PASSWORD"]
    typed = said | {"code": issued["code"].lower().replace("-", " ").replace("0", "o")}
    assert await client.codes("redeemPasswordReset", **typed) == []
    assert await client.codes("redeemPasswordReset", **typed) == ["INVALID_RESET_CODE"]
    assert not await is_signed_in(before)
    assert await code(client, person.login, PASSWORD) == "INVALID_CREDENTIALS"
    assert await code(client, person.login, NEW) is None
    assert await history(owner) == [
        *[("PASSWORD_RESET_ISSUED", "小A", "店主")] * 2,
        ("PASSWORD_RESET", "小A", "小A"),
    ]
    foreign = client.as_(stranger.owner.token)
    assert await foreign.codes("issueEmployeePasswordReset", id=person.global_id) == ["NOT_FOUND"]
    own = await owner.codes("issueEmployeePasswordReset", id=shop.owner.global_id)
    assert own == ["MAIN_ACCOUNT_PROTECTED"]
    async with given.parts.database.read() as connection:
        kept = [
            str((await connection.execute(sa.select(table))).all())
            for table in (password_resets, staff_events, accounts)
        ]
    for secret in (issued["code"], issued["code"].replace("-", ""), NEW):
        assert secret not in "".join(kept) + caplog.text
    assert person.login not in caplog.text


async def test_a_code_expires_after_a_day_and_with_a_change_of_the_password(
    given: World, schema
) -> None:
    wall = Wall()
    async with node(given.parts, schema, wall=wall) as client:
        shop = await given.merchant()
        person = await given.employee(shop)
        owner = client.as_(shop.owner.token)
        said = {"login": person.login, "newPassword": NEW}

        async def issued() -> dict[str, str]:
            reset = await owner.do("issueEmployeePasswordReset", RESET, id=person.global_id)
            return said | {"code": reset["code"]}

        late, in_time = await issued(), await issued()
        wall.ahead = RESET_WINDOW - timedelta(minutes=1)
        owner = await client.sign_in(shop.owner.login)
        assert await client.codes("redeemPasswordReset", **late) == ["INVALID_RESET_CODE"]
        assert await client.codes("redeemPasswordReset", **in_time) == []
        late = await issued()
        wall.ahead += RESET_WINDOW + timedelta(seconds=1)
        assert await client.codes("redeemPasswordReset", **late) == ["INVALID_RESET_CODE"]
        owner = await client.sign_in(shop.owner.login)
        ended = await issued()
        own = await client.sign_in(person.login, NEW)
        assert await own.codes("changePassword", currentPassword=NEW, newPassword=NEWER) == []
        assert await client.codes("redeemPasswordReset", **ended) == ["INVALID_RESET_CODE"]
        ended = await issued()
        await owner.do("disableEmployee", id=person.global_id)
        assert await client.codes("redeemPasswordReset", **ended) == ["ACCOUNT_DISABLED"]


async def test_the_platform_issues_codes_for_main_accounts_and_for_its_own(
    client: Client, given: World
) -> None:
    shop, manager = await given.merchant(), await given.platform()
    platform = client.as_(manager.token)
    issued = await platform.do("issueMainAccountPasswordReset", RESET, merchantId=shop.global_id)
    said = {"login": shop.owner.login, "code": issued["code"], "newPassword": NEW}
    assert await client.codes("redeemPasswordReset", **said) == []
    owner = await client.sign_in(shop.owner.login, NEW)
    assert await history(owner) == [
        ("PASSWORD_RESET_ISSUED", "店主", "平台小王"),
        ("PASSWORD_RESET", "店主", "店主"),
    ]
    nobody = ids.encode("Merchant", 1)
    codes = await platform.codes("issueMainAccountPasswordReset", merchantId=nobody)
    assert codes == ["NOT_FOUND"]
    limited = client.as_((await given.platform(Permission.PLATFORM_ACCOUNT_MANAGE)).token)
    above = ids.encode("PlatformAccount", manager.id)
    refusal = await limited.refused("issuePlatformPasswordReset", id=above)
    assert set(refusal["permissions"]) == PLATFORM - {Permission.PLATFORM_ACCOUNT_MANAGE}
    assert await platform.codes("issuePlatformPasswordReset", id=above) == ["NOT_YOURS"]
    codes = await platform.codes("resetPlatformPassword", id=above, password=NEW)
    assert codes == ["NOT_YOURS"]
    equal = client.as_((await given.platform()).token)
    issued = await equal.do("issuePlatformPasswordReset", RESET, id=above)
    said = {"login": manager.login, "code": issued["code"], "newPassword": NEW}
    assert await client.codes("redeemPasswordReset", **said) == []
    signed_in = await client.sign_in(manager.login, NEW)
    await signed_in.do("changePassword", currentPassword=NEW, newPassword=NEWER)
    assert not await is_signed_in(platform)
    async with given.parts.database.read() as connection:
        kinds = await connection.scalars(
            sa.select(platform_account_events.c.kind).order_by(platform_account_events.c.sequence)
        )
        assert kinds.all() == ["PASSWORD_RESET_ISSUED", "PASSWORD_RESET", "PASSWORD_CHANGED"]


async def test_every_way_to_a_new_password_refuses_common_ones_and_the_login(
    client: Client, given: World
) -> None:
    shop, manager = await given.merchant(), await given.platform()
    platform, owner = client.as_(manager.token), client.as_(shop.owner.token)
    person = await given.employee(shop)
    login = "shop-clerk"
    below = ids.encode("PlatformAccount", (await given.platform()).id)
    ways: tuple[tuple[Client, str, str, dict[str, Any]], ...] = (
        (owner, "createEmployee", "password", {"login": login, "name": "新"}),
        (platform, "createPlatformAccount", "password", {"login": login, "name": "新"}),
        (platform, "registerMerchant", "password", {"login": login, "name": "新"}),
        (platform, "resetPlatformPassword", "password", {"id": below}),
        (client.as_(person.token), "changePassword", "newPassword", {"currentPassword": PASSWORD}),
        (client, "redeemPasswordReset", "newPassword", {"login": login, "code": "x"}),
    )
    more: dict[str, dict[str, Any]] = {
        "createPlatformAccount": {"permissions": []},
        "registerMerchant": {"mainAccountName": "新"},
    }
    for asking, name, field, said in ways:
        for password in ("12345678", *([login] if "login" in said and "code" not in said else [])):
            refusal = await asking.refused(name, **said, **more.get(name, {}), **{field: password})
            assert (refusal["code"], refusal["path"]) == ("COMMON_PASSWORD", [field]), name


@pytest.mark.asked_once
async def test_old_passwords_and_codes_are_limited_as_sign_ins_are(given: World, schema) -> None:
    """The counts are shared: whoever failed ten times with a code has no sign-in left either."""
    app = create_app(given.parts, runs_clock=False, schema=schema)
    shop = await given.merchant()
    person = await given.employee(shop)
    async with at(app, "192.0.2.1") as client, at(app, "192.0.2.2") as thief:
        owner = await client.sign_in(shop.owner.login)
        issued = await owner.do("issueEmployeePasswordReset", RESET, id=person.global_id)
        said = {"login": person.login, "newPassword": NEW}
        stolen = thief.as_(person.token)
        wrong = {"currentPassword": "wrong-password", "newPassword": NEW}
        for _ in range(5):
            assert await stolen.codes("changePassword", **wrong) == ["INVALID_CREDENTIALS"]
            codes = await thief.codes("redeemPasswordReset", **said, code="x")
            assert codes == ["INVALID_RESET_CODE"]
        right = {"currentPassword": PASSWORD, "newPassword": NEW}
        assert await stolen.codes("changePassword", **right) == ["TOO_MANY_ATTEMPTS"]
        codes = await thief.codes("redeemPasswordReset", **said, code=issued["code"])
        assert codes == ["TOO_MANY_ATTEMPTS"]
        assert await code(thief, person.login, PASSWORD) == "TOO_MANY_ATTEMPTS"
        assert await client.codes("redeemPasswordReset", **said, code=issued["code"]) == []


async def test_an_operation_tries_one_password_by_whatever_field(
    client: Client, given: World
) -> None:
    person = await given.employee(await given.merchant())
    change = 'changePassword(input: {currentPassword: "a", newPassword: "b"}) { done }'
    redeem = 'redeemPasswordReset(input: {login: "x", code: "y", newPassword: "z"}) { done }'
    signing = 'signIn(input: {login: "x", password: "y"}) { accessToken }'
    for fields in ((change, f"b: {change}"), (change, signing), (redeem, signing)):
        answer = await client.as_(person.token).post(
            {"query": f"mutation {{ {' '.join(fields)} }}"}
        )
        assert answer.json()["errors"][0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"


@pytest.mark.asked_once
async def test_of_two_who_use_a_code_or_a_password_at_once_one_wins(
    client: Client, other: Client, given: World
) -> None:
    shop = await given.merchant()
    for _ in range(2):
        person = await given.employee(shop)
        owner = client.as_(shop.owner.token)
        issued = await owner.do("issueEmployeePasswordReset", RESET, id=person.global_id)
        said = {"login": person.login, "code": issued["code"]}
        done = await asyncio.gather(
            client.codes("redeemPasswordReset", **said, newPassword=NEW),
            other.codes("redeemPasswordReset", **said, newPassword=NEWER),
        )
        assert sorted(done) == [[], ["INVALID_RESET_CODE"]]
        password = (NEW, NEWER)[done.index([])]
        signed_in = [await client.sign_in(person.login, password) for _ in range(2)]
        done = await asyncio.gather(
            signed_in[0].codes("changePassword", currentPassword=password, newPassword=PASSWORD),
            other.as_(signed_in[1].token).codes(
                "changePassword", currentPassword=password, newPassword="a third sentence"
            ),
        )
        won, lost = sorted(done)
        assert won == []
        assert lost in (["INVALID_CREDENTIALS"], ["UNAUTHENTICATED"])
        kept = (PASSWORD, "a third sentence")[done.index([])]
        assert await code(client, person.login, kept) is None


@pytest.mark.asked_once
async def test_the_old_password_begins_no_session_that_outlives_its_change(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await given.employee(await given.merchant())
    own = await client.sign_in(person.login, PASSWORD)
    begin = sign_in.begin_session

    async def begin_late(*arguments: Any, **more: Any) -> Any:
        change = {"currentPassword": PASSWORD, "newPassword": NEW}
        assert await own.codes("changePassword", **change) == []
        return await begin(*arguments, **more)

    monkeypatch.setattr(sign_in, "begin_session", begin_late)
    assert await code(client, person.login, PASSWORD) == "INVALID_CREDENTIALS"
    assert [row["isCurrent"] for row in (await own.ask(SESSIONS))["nodes"]] == [True]


@pytest.mark.parametrize(
    "password",
    [
        *("password", "PassWord", "password123", "P@ssw0rd", "12345678", "87654321", "aaaaaaaa"),
        *(
            "qwertyui",
            "poiuytrewq",
            "abababab",
            "abcabcabc",
            "5201314520",
            "woaini1314",
            "zzzzzzzzz",
        ),
        *("Admin@2026!", "!!letmein!!", "aftersales1", "一一一一一一一一", "iloveyou"),
    ],
)
def test_what_people_type_without_thought_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        *(
            "correct-horse",
            "aftersales-demo",
            "password of my cat",
            "我的密码是八个字",
            "x" * 7 + "y",
        ),
        *("qwertyuiasdf", "1984-2026-1999", "Tr0ub4dor&3", "abcdefgx"),
    ],
)
def test_what_takes_a_thought_is_not(password: str) -> None:
    assert not is_common(password)
