"""Platform accounts with single permissions, made, limited and disabled through the API."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from domain.permissions import PLATFORM, Permission
from models.accounts import accounts
from models.staff_event import platform_account_events
from resolvers.platform.first_account import NotTheFirst, create_first_account
from schema import ids
from tests.client import Client
from tests.given import PASSWORD, Person, World
from tests.house.test_plans import Plans, watching
from tests.test_races import other, other_parts

__all__ = ["other", "other_parts"]  # fixtures

pytestmark = pytest.mark.anyio

MANAGE = Permission.PLATFORM_ACCOUNT_MANAGE
ACCOUNT = "account { id name login permissions disabledAt }"
NEW = {"login": "calendar", "password": PASSWORD, "name": "小历"}
HISTORY = """query($accountId: ID) { platformAccountHistory(accountId: $accountId) {
  nodes { sequence kind subject actor { name } granted withdrawn changed } } }"""


def id_of(person: Person) -> str:
    return ids.encode("PlatformAccount", person.id)


async def create(client: Client, *permissions: str, **changes: Any) -> dict[str, Any]:
    said = NEW | {"permissions": permissions} | changes
    account: dict[str, Any] = (await client.do("createPlatformAccount", ACCOUNT, **said))["account"]
    return account


async def test_an_account_is_made_with_single_permissions_and_does_only_those(
    client: Client, given: World
) -> None:
    manager = client.as_((await given.platform()).token)
    account = await create(manager, "CALENDAR_MANAGE")
    assert account["permissions"] == ["CALENDAR_MANAGE"]
    assert (account["login"], account["name"]) == ("calendar", "小历")
    signed_in = await client.sign_in("calendar")
    assert await signed_in.codes("createPlatformAccount", **NEW, permissions=[]) == ["FORBIDDEN"]
    viewer = await signed_in.ask("{ viewer { kind permissions { permission } } }")
    assert viewer == {"kind": "PLATFORM", "permissions": [{"permission": "CALENDAR_MANAGE"}]}
    listed = await manager.ask("{ platformAccounts { nodes { login } } }")
    assert {node["login"] for node in listed["nodes"]} == {"calendar", "user-1"}


async def test_nobody_grants_what_they_do_not_hold_or_what_is_not_the_platform_s(
    client: Client, given: World
) -> None:
    limited = client.as_((await given.platform(MANAGE, Permission.INTERVENE)).token)
    account = await create(limited, "INTERVENE")
    refusal = await limited.refused(
        "updatePlatformAccount", id=account["id"], permissions=["INTERVENE", "CALENDAR_MANAGE"]
    )
    assert (refusal["code"], refusal["permissions"]) == ("PERMISSION_NOT_HELD", ["CALENDAR_MANAGE"])
    again = NEW | {"login": "other"}
    for permission, code in (("MERCHANT_READ", "PERMISSION_NOT_HELD"), ("REVIEW", "NOT_DELEGABLE")):
        codes = await limited.codes("createPlatformAccount", **again, permissions=[permission])
        assert codes == [code]
    codes = await limited.codes("createPlatformAccount", **NEW, permissions=[])
    assert codes == ["NAME_TAKEN"]


async def test_a_password_of_somebody_who_may_more_is_not_reset(
    client: Client, given: World
) -> None:
    above = await given.platform()
    limited = client.as_((await given.platform(MANAGE)).token)
    refusal = await limited.refused("resetPlatformPassword", id=id_of(above), password=PASSWORD)
    assert refusal["code"] == "PERMISSION_NOT_HELD"
    assert set(refusal["permissions"]) == PLATFORM - {MANAGE}


async def test_sessions_end_at_once_when_an_account_is_disabled_limited_or_reset(
    client: Client, given: World
) -> None:
    manager = client.as_((await given.platform()).token)
    account = await create(manager, "CALENDAR_MANAGE", "INTERVENE")
    kept = await client.sign_in("calendar")
    await manager.do("updatePlatformAccount", id=account["id"], name="小历二")
    assert (await kept.ask("{ viewer { name } }"))["name"] == "小历二"
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("updatePlatformAccount", {"permissions": ["INTERVENE"]}),
        ("resetPlatformPassword", {"password": "another-horse"}),
        ("disablePlatformAccount", {}),
    )
    password = PASSWORD
    for name, changes in steps:
        signed_in = await client.sign_in("calendar", password)
        assert await manager.codes(name, id=account["id"], **changes) == []
        response = await signed_in.post({"query": "{ viewer { name } }"})
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", name
        password = changes.get("password", password)
    codes = await client.codes("signIn", login="calendar", password=password)
    assert codes == ["ACCOUNT_DISABLED"]
    assert await manager.codes("disablePlatformAccount", id=account["id"]) == []
    assert await manager.codes("updatePlatformAccount", id=account["id"], name="x") == ["NOT_FOUND"]


async def test_the_last_account_that_manages_the_others_is_neither_disabled_nor_limited(
    client: Client, given: World
) -> None:
    person = await given.platform()
    manager = client.as_(person.token)
    await create(manager, "INTERVENE")
    for name, changes in (
        ("disablePlatformAccount", {}),
        ("updatePlatformAccount", {"permissions": ["INTERVENE"]}),
    ):
        codes = await manager.codes(name, id=id_of(person), **changes)
        assert codes == ["LAST_ACCOUNT_MANAGER"]
    await create(manager, MANAGE, login="second")
    codes = await manager.codes("disablePlatformAccount", id=id_of(person))
    assert codes == []


async def test_an_account_of_a_merchant_is_no_platform_account(
    client: Client, given: World
) -> None:
    manager = client.as_((await given.platform()).token)
    shop = await given.merchant()
    for name, said in (
        ("updatePlatformAccount", {"permissions": ["INTERVENE"]}),
        ("disablePlatformAccount", {}),
        ("resetPlatformPassword", {"password": PASSWORD}),
    ):
        assert await manager.codes(name, id=id_of(shop.owner), **said) == ["NOT_FOUND"]


@pytest.mark.asked_once
async def test_two_who_disable_each_other_at_once_leave_one(
    client: Client, other: Client, given: World
) -> None:
    """The loser is told that they may not do this any more, or that their session has ended."""
    for _ in range(3):
        first, second = await given.platform(), await given.platform()
        done = await asyncio.gather(
            client.as_(first.token).codes("disablePlatformAccount", id=id_of(second)),
            other.as_(second.token).codes("disablePlatformAccount", id=id_of(first)),
        )
        won, lost = sorted(done)
        assert won == []
        assert lost in (["MISSING_PERMISSION"], ["UNAUTHENTICATED"])
        async with given.parts.database.read() as connection:
            active = await connection.scalars(
                sa.select(accounts.c.id).where(
                    accounts.c.id.in_([first.id, second.id]), accounts.c.disabled_at.is_(None)
                )
            )
            assert len(active.all()) == 1


@pytest.mark.asked_once
async def test_the_last_two_who_limit_each_other_at_once_leave_one_manager(
    client: Client, other: Client, given: World
) -> None:
    first, second = await given.platform(MANAGE), await given.platform(MANAGE)
    done = await asyncio.gather(
        client.as_(first.token).codes("updatePlatformAccount", id=id_of(second), permissions=[]),
        other.as_(second.token).codes("updatePlatformAccount", id=id_of(first), permissions=[]),
    )
    won, lost = sorted(done)
    assert won == []
    assert lost in (["MISSING_PERMISSION"], ["UNAUTHENTICATED"])


async def test_each_change_leaves_one_entry_and_none_has_a_password(
    client: Client, given: World
) -> None:
    manager = client.as_((await given.platform()).token)
    account = await create(manager, "INTERVENE", "CALENDAR_MANAGE")
    id_ = account["id"]
    await manager.do("updatePlatformAccount", id=id_, permissions=["INTERVENE"])
    await manager.do("updatePlatformAccount", id=id_, permissions=["INTERVENE"])
    await manager.do("resetPlatformPassword", id=id_, password="another-horse")
    await manager.do("disablePlatformAccount", id=id_)
    await manager.do("disablePlatformAccount", id=id_)
    nodes = (await manager.ask(HISTORY, accountId=id_))["nodes"]
    assert [(node["sequence"], node["kind"]) for node in reversed(nodes)] == [
        (1, "ACCOUNT_CREATED"),
        (2, "ACCOUNT_CHANGED"),
        (3, "PASSWORD_RESET"),
        (4, "ACCOUNT_DISABLED"),
    ]
    assert {node["actor"]["name"] for node in nodes} == {"平台小王"}
    assert nodes[2]["withdrawn"] == ["CALENDAR_MANAGE"]
    assert nodes[3]["granted"] == ["CALENDAR_MANAGE", "INTERVENE"]
    async with given.parts.database.read() as connection:
        rows = str((await connection.execute(sa.select(platform_account_events))).all())
    assert PASSWORD not in rows
    assert "another-horse" not in rows
    assert "argon2" not in rows


async def test_pages_of_accounts_and_of_their_history_come_from_an_index(
    client: Client, given: World
) -> None:
    manager = client.as_((await given.platform()).token)
    account = await create(manager, "INTERVENE")
    plans = Plans(given.parts.database)
    for query, variables, table in (
        ("{ platformAccounts(first: 5) { nodes { login } } }", {}, "account."),
        (HISTORY, {}, "platform_account_event"),
        (HISTORY, {"accountId": account["id"]}, "platform_account_event"),
    ):
        with watching(plans.database.reading) as statements:
            await manager.ask(query, **variables)
        pages = [sent for sent in statements if table in sent.text and "LIMIT" in sent.text]
        assert pages
        for page in pages:
            steps = await plans.steps(page)
            # SQLite says so when it follows an index of these rows alone, or the rows' own order.
            scans = ("SCAN account USING INDEX ix_account_platform", "SCAN platform_account_event")
            assert [step for step in steps if step not in scans] == []


async def test_the_command_makes_the_first_account_and_no_other(given: World) -> None:
    said: dict[str, Any] = {"name": "管理员", "password_hash": "-", "now": given.now}
    async with given.parts.database.write() as connection:
        await create_first_account(connection, login="first", **said)
    with pytest.raises(NotTheFirst):
        async with given.parts.database.write() as connection:
            await create_first_account(connection, login="second", **said)
    async with given.parts.database.read() as connection:
        rows = await connection.execute(sa.select(accounts.c.login, accounts.c.permissions))
        assert rows.all() == [("first", sorted(PLATFORM))]
