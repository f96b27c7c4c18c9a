"""Two at once for something that there can be only one of: one gets it, the other is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from domain.enrolment import EnrolmentStatus
from tests.client import SIGN_IN, Client
from tests.given import ADDRESS, ITEM, PASSWORD, Shop, World
from tests.test_races import other, other_parts

__all__ = ["other", "other_parts"]  # fixtures

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

RACES: Final = 3
APPLICATION: Final[dict[str, Any]] = {
    "orderNumber": "P-1",
    "customerRef": "c-1",
    "customerName": "李小花",
    "customerPhone": "13812345678",
    "items": [ITEM],
}


class Contest:
    """Two servers, and a merchant for whom two ask at once."""

    def __init__(self, given: World, shop: Shop, servers: tuple[Client, Client]) -> None:
        self.given = given
        self.shop = shop
        self.servers = servers

    async def codes(self, token: str, name: str, /, **said: Any) -> list[list[str]]:
        """What each of the two was refused for, the luckier one first."""
        asked = (one.as_(token).codes(name, **said) for one in self.servers)
        return sorted(await asyncio.gather(*asked))


async def a_role_name(contest: Contest, race: int) -> list[list[str]]:
    said = {"name": f"角色{race}", "permissions": []}
    return await contest.codes(contest.shop.owner.token, "createRole", **said)


async def a_role_name_that_reads_the_same(contest: Contest, race: int) -> list[list[str]]:
    owners = [one.as_(contest.shop.owner.token) for one in contest.servers]
    asked = (
        owner.codes("createRole", name=name, permissions=[])
        for owner, name in zip(owners, (f"组A{race}", f"组ａ{race}\u200b"), strict=True)
    )
    return sorted(await asyncio.gather(*asked))


async def a_role_renamed(contest: Contest, race: int) -> list[list[str]]:
    owners = [one.as_(contest.shop.owner.token) for one in contest.servers]
    roles = list(contest.shop.roles.values())[:2]
    asked = (
        owner.codes("updateRole", id=role, name=f"新名{race}")
        for owner, role in zip(owners, roles, strict=True)
    )
    return sorted(await asyncio.gather(*asked))


async def a_login(contest: Contest, race: int) -> list[list[str]]:
    said = {"login": f"xiao-{race}", "password": PASSWORD, "name": "小B"}
    return await contest.codes(contest.shop.owner.token, "createEmployee", **said)


async def a_login_in_two_merchants(contest: Contest, race: int) -> list[list[str]]:
    other_shop = await contest.given.merchant("另一家")
    owners = [contest.shop.owner.token, other_shop.owner.token]
    said = {"login": f"shared-{race}", "password": PASSWORD, "name": "小B"}
    asked = (
        one.as_(token).codes("createEmployee", **said)
        for one, token in zip(contest.servers, owners, strict=True)
    )
    return sorted(await asyncio.gather(*asked))


async def a_main_account(contest: Contest, race: int) -> list[list[str]]:
    platform = await contest.given.platform()
    said = {"login": f"shop-{race}", "password": PASSWORD, "mainAccountName": "店主"}
    return await contest.codes(platform.token, "registerMerchant", name="新店", **said)


async def an_enrolment(contest: Contest, race: int) -> list[list[str]]:
    shop = await contest.given.merchant(f"店{race}", enrolment=EnrolmentStatus.NOT_ENROLLED)
    return await contest.codes(shop.owner.token, "applyForEnrolment", returnAddress=ADDRESS)


async def a_pause_window(contest: Contest, race: int) -> list[list[str]]:
    platform = await contest.given.platform()
    year = 2030 + race
    said = {"startAt": f"{year}-02-01T00:00:00Z", "endAt": f"{year}-02-08T00:00:00Z"}
    return await contest.codes(platform.token, "declarePauseWindow", name="春节", **said)


async def a_session(contest: Contest, race: int) -> list[list[str]]:
    """Not refused: both get the same new pair."""
    login = contest.shop.owner.login
    signed_in = await contest.servers[0].ask(SIGN_IN, login=login, password=PASSWORD)
    asked = (
        one.do("refreshSession", "accessToken refreshToken", refreshToken=signed_in["refreshToken"])
        for one in contest.servers
    )
    one, two = await asyncio.gather(*asked)
    assert one["refreshToken"] == two["refreshToken"]
    return [one["refusals"], two["refusals"]]


async def a_reference(contest: Contest, race: int) -> list[list[str]]:
    """Not refused: both get the same application."""
    storefront = await contest.given.connector(contest.shop)
    asked = (
        one.as_(storefront.token).do(
            "submitApplication", "replayed application { id }", externalRef=f"A-{race}", **said
        )
        for one, said in zip(contest.servers, [APPLICATION] * 2, strict=True)
    )
    one, two = await asyncio.gather(*asked)
    assert one["application"] == two["application"]
    return [[str(replayed)] for replayed in sorted([one["replayed"], two["replayed"]])]


async def a_default_address(contest: Contest, race: int) -> list[list[str]]:
    """Not refused: one of the two is the default in the end."""
    owner = contest.shop.owner.token
    said = {"address": {**ADDRESS, "detail": f"{race} 号"}, "makeDefault": True}
    codes = await contest.codes(owner, "saveReturnAddress", **said)
    found = await contest.servers[0].as_(owner).ask("{ returnAddresses { isDefault } }")
    assert [one["isDefault"] for one in found].count(True) == 1
    return codes


async def a_role_taken_away(contest: Contest, race: int) -> list[list[str]]:
    """Deleted while somebody is given it: they are refused, or lose it again."""
    owners = [one.as_(contest.shop.owner.token) for one in contest.servers]
    made = await owners[0].do("createRole", "role { id }", name=f"短命{race}", permissions=[])
    role = made["role"]["id"]
    said = {"login": f"short-{race}", "password": PASSWORD, "name": "小C", "roleIds": [role]}
    deleted, hired = await asyncio.gather(
        owners[0].codes("deleteRole", id=role), owners[1].codes("createEmployee", **said)
    )
    assert hired in ([], ["NOT_FOUND"])
    return [deleted]


Run = Callable[[Contest, int], Awaitable[list[list[str]]]]
CONTESTS: Final[list[tuple[Run, list[list[str]]]]] = [
    (a_role_name, [[], ["NAME_TAKEN"]]),
    (a_role_name_that_reads_the_same, [[], ["NAME_TAKEN"]]),
    (a_role_renamed, [[], ["NAME_TAKEN"]]),
    (a_login, [[], ["NAME_TAKEN"]]),
    (a_login_in_two_merchants, [[], ["NAME_TAKEN"]]),
    (a_main_account, [[], ["NAME_TAKEN"]]),
    (an_enrolment, [[], ["WRONG_ENROLMENT_STATUS"]]),
    (a_pause_window, [[], ["WINDOW_OVERLAPS"]]),
    (a_session, [[], []]),
    (a_reference, [["False"], ["True"]]),
    (a_default_address, [[], []]),
    (a_role_taken_away, [[]]),
]


@pytest.fixture
async def contest(client: Client, other: Client, given: World) -> Contest:
    return Contest(given, await given.merchant(), (client, other))


@pytest.mark.parametrize(("run", "expected"), CONTESTS, ids=[one.__name__ for one, _ in CONTESTS])
async def test_of_two_at_once_one_gets_it_and_the_other_is_told(
    contest: Contest, run: Run, expected: list[list[str]]
) -> None:
    for race in range(RACES):
        assert await run(contest, race) == expected
