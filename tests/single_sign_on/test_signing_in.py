"""Single sign-on at a real provider: settings, links, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from oidc_provider_mock import User
from strawberry import Schema

from app import create_app
from domain.permissions import Permission
from models.accounts import accounts
from models.single_sign_on import identities, identity_providers
from models.staff import employees
from outgoing.policy import Policy
from tests.client import Client
from tests.given import PASSWORD, Person, Shop, World
from tests.single_sign_on.provider import REDIRECT_URI, Provider

pytestmark = [
    pytest.mark.anyio,
    # The provider's own library tells its authors what to change.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

SECRET = "client-secret-of-the-desk"
SETTINGS = "singleSignOn { issuer clientId hasClientSecret redirectUris linkByEmail version }"
SESSION = "accessToken refreshToken deviceToken viewer { id name kind }"
BEGUN = "authorizationUrl transaction"


@pytest.fixture(scope="module")
def provider() -> Any:
    users = [
        User(sub="a", claims={"email": "a@shop.example", "email_verified": True}),
        User(sub="b", claims={"email": "b@shop.example", "email_verified": False}),
    ]
    with Provider.serving(*users) as serving:
        yield serving


@pytest.fixture
async def client(given: World, schema: Schema) -> AsyncIterator[Client]:
    """A client of a server that may call this machine."""
    given.parts = replace(given.parts, outgoing_policy=Policy(inside=True))
    async with Client.of(create_app(given.parts, runs_clock=False, schema=schema)) as client:
        yield client


async def set_up(owner: Client, provider: Provider, version: int = 0, **changes: Any) -> Any:
    said = {
        "issuer": provider.issuer,
        "clientId": "desk",
        "clientSecret": SECRET,
        "redirectUris": [REDIRECT_URI],
        "expectedVersion": version,
        "currentPassword": PASSWORD,
    }
    return await owner.do("setSingleSignOn", SETTINGS, **said | changes)


async def sign_in(
    client: Client, provider: Provider, shop: Shop | None, subject: str, **more: Any
) -> dict[str, str]:
    """Begin, and sign in at the provider. Returns the input that ends it."""
    merchant = {} if shop is None else {"merchantId": shop.global_id}
    begun = await client.do("beginSingleSignOn", BEGUN, redirectUri=REDIRECT_URI, **merchant)
    assert begun["refusals"] == []
    back = await provider.sign_in(begun["authorizationUrl"], subject)
    return {"transaction": begun["transaction"], **back, **more}


async def linking(
    client: Client, provider: Provider, shop: Shop | None, subject: str
) -> dict[str, str]:
    """The same for ``linkSingleSignOn``."""
    return await sign_in(client, provider, shop, subject, currentPassword=PASSWORD)


async def hired(given: World, shop: Shop, login: str, name: str) -> Person:
    person = await given.employee(shop, name=name)
    async with given.parts.database.write() as connection:
        for table in (accounts, employees):
            change = sa.update(table).where(table.c.id == person.id).values(login=login)
            await connection.execute(change)
    return person


async def test_a_person_links_an_identity_and_signs_in_with_it(
    client: Client, given: World, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    shop = await given.merchant()
    person = await given.employee(shop)
    owner, own = client.as_(shop.owner.token), client.as_(person.token)
    guessed = await set_up(owner, provider, currentPassword="guessed")
    assert guessed["refusals"][0]["code"] == "INVALID_CREDENTIALS"
    provider.requests.clear()  # those of the same test on another database
    set_ = await set_up(owner, provider)
    assert set_["singleSignOn"] == {
        "issuer": provider.issuer,
        "clientId": "desk",
        "hasClientSecret": True,
        "redirectUris": [REDIRECT_URI],
        "linkByEmail": False,
        "version": 1,
    }
    stranger = await sign_in(client, provider, shop, "a")
    assert await client.codes("completeSingleSignOn", **stranger) == ["IDENTITY_NOT_LINKED"]
    ended = await linking(own, provider, shop, "a")
    guessed = ended | {"currentPassword": "guessed"}
    assert await own.codes("linkSingleSignOn", **guessed) == ["INVALID_CREDENTIALS"]
    assert await own.codes("linkSingleSignOn", **ended) == []
    assert await own.codes("linkSingleSignOn", **ended) == ["SINGLE_SIGN_ON_FAILED"]  # once
    assert provider.headers[-1].startswith("Basic ")

    begun = await client.do(
        "beginSingleSignOn", BEGUN, redirectUri=REDIRECT_URI, merchantId=shop.global_id
    )
    asked = parse_qs(urlsplit(begun["authorizationUrl"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email"]
    back = await provider.sign_in(begun["authorizationUrl"], "a")
    said = {"transaction": begun["transaction"], **back, "label": "前台"}
    # What came from another provider goes to none: the code stays good.
    mixed_up = said | {"issuer": "https://elsewhere.example.com"}
    assert await client.codes("completeSingleSignOn", **mixed_up) == ["SINGLE_SIGN_ON_FAILED"]
    said["issuer"] = provider.issuer
    session = await client.do("completeSingleSignOn", SESSION, **said)
    assert provider.is_challenge(begun["authorizationUrl"])
    assert session["viewer"] == {"id": person.global_id, "name": "小A", "kind": "EMPLOYEE"}
    signed_in = client.as_(session["accessToken"])
    [first, _] = (await signed_in.ask("{ sessions { nodes { label } } }"))["nodes"]
    assert first == {"label": "前台"}
    # The provider was asked for its configuration and its keys once.
    assert len([path for path in provider.requests if "well-known" in path]) == 1
    assert len([path for path in provider.requests if "jwks" in path]) == 1

    for _ in range(2):
        assert await own.ask("mutation { unlinkSingleSignOn { done } }") == {"done": True}
    ended = await sign_in(client, provider, shop, "a")
    assert await client.codes("completeSingleSignOn", **ended) == ["IDENTITY_NOT_LINKED"]
    ended = await linking(own, provider, shop, "a")
    assert await own.codes("linkSingleSignOn", **ended) == []

    colleague = client.as_((await given.employee(shop)).token)
    taken = await linking(colleague, provider, shop, "a")
    assert await colleague.codes("linkSingleSignOn", **taken) == ["IDENTITY_TAKEN"]
    await owner.do("disableEmployee", id=person.global_id)
    ended = await sign_in(client, provider, shop, "a")
    assert await client.codes("completeSingleSignOn", **ended) == ["ACCOUNT_DISABLED"]
    history = await owner.ask("{ staffHistory { nodes { kind subject actor { name } } } }")
    assert [(row["kind"], row["subject"]) for row in reversed(history["nodes"])] == [
        ("SINGLE_SIGN_ON_CHANGED", "店主"),
        ("IDENTITY_LINKED", "小A"),
        ("IDENTITY_UNLINKED", "小A"),
        ("IDENTITY_LINKED", "小A"),
        ("EMPLOYEE_DISABLED", "小A"),
    ]
    async with given.parts.database.read() as connection:
        rows = str((await connection.execute(sa.select(identity_providers))).all())
    for secret in (SECRET, begun["transaction"], back["code"]):
        assert secret not in rows + caplog.text


async def test_a_reset_removes_the_link_which_a_thief_may_have_made(
    client: Client, given: World, provider: Provider
) -> None:
    shop = await given.merchant()
    person = await given.employee(shop)
    owner, own = client.as_(shop.owner.token), client.as_(person.token)
    await set_up(owner, provider)
    ended = await linking(own, provider, shop, "a")
    assert await own.codes("linkSingleSignOn", **ended) == []
    reset = await owner.do("issueEmployeePasswordReset", "code", id=person.global_id)
    redeemed = {"login": person.login, "code": reset["code"], "newPassword": "another sentence"}
    assert await client.codes("redeemPasswordReset", **redeemed) == []
    ended = await sign_in(client, provider, shop, "a")
    assert await client.codes("completeSingleSignOn", **ended) == ["IDENTITY_NOT_LINKED"]
    history = await owner.ask("{ staffHistory(first: 2) { nodes { kind } } }")
    kinds = {row["kind"] for row in history["nodes"]}
    assert kinds == {"PASSWORD_RESET", "IDENTITY_UNLINKED"}


async def test_a_verified_address_links_the_account_with_that_login_and_no_other(
    client: Client, given: World, provider: Provider
) -> None:
    shop, other = await given.merchant(), await given.merchant("别家")
    person = await hired(given, shop, "a@shop.example", "小安")
    await hired(given, shop, "b@shop.example", "小白")
    owner, foreign = client.as_(shop.owner.token), client.as_(other.owner.token)
    await set_up(owner, provider)
    await set_up(foreign, provider, linkByEmail=True)
    # Not set; not that merchant's; not verified.
    for whose, subject in ((shop, "a"), (other, "a")):
        ended = await sign_in(client, provider, whose, subject)
        assert await client.codes("completeSingleSignOn", **ended) == ["IDENTITY_NOT_LINKED"]
    changed = await set_up(owner, provider, 1, linkByEmail=True, clientSecret=None)
    assert changed["singleSignOn"]["hasClientSecret"]
    ended = await sign_in(client, provider, shop, "b")
    assert await client.codes("completeSingleSignOn", **ended) == ["IDENTITY_NOT_LINKED"]
    at_once = [await sign_in(client, provider, shop, "a") for _ in range(2)]
    sessions = await asyncio.gather(
        *[client.do("completeSingleSignOn", SESSION, **ended) for ended in at_once]
    )
    assert [session["viewer"]["id"] for session in sessions] == [person.global_id] * 2
    async with given.parts.database.read() as connection:
        rows = (await connection.execute(sa.select(identities))).all()
    assert [(row.account_id, row.subject) for row in rows] == [(person.id, "a")]
    # Another secret of another client is not what was kept.
    moved = await set_up(owner, provider, 2, clientId="other", clientSecret=None)
    assert not moved["singleSignOn"]["hasClientSecret"]
    assert (await set_up(owner, provider, 2))["refusals"][0]["code"] == "SINGLE_SIGN_ON_CHANGED"
    assert await owner.codes("removeSingleSignOn", expectedVersion=3) == []
    assert await owner.ask("{ singleSignOn { version } }") is None
    ended = {"redirectUri": REDIRECT_URI, "merchantId": shop.global_id}
    assert await client.codes("beginSingleSignOn", **ended) == ["NO_SINGLE_SIGN_ON"]
    await client.sign_in("a@shop.example", PASSWORD)


async def test_what_does_not_fit_is_refused_and_counted(
    client: Client, given: World, provider: Provider
) -> None:
    shop, other = await given.merchant(), await given.merchant("别家")
    owner = client.as_(shop.owner.token)
    await set_up(owner, provider)
    await set_up(client.as_(other.owner.token), provider)
    await client.sign_in(shop.owner.login)
    bad = {"redirectUri": f"{REDIRECT_URI}/elsewhere", "merchantId": shop.global_id}
    assert await client.codes("beginSingleSignOn", **bad) == ["REDIRECT_URI_NOT_ALLOWED"]
    good, second = [await sign_in(client, provider, shop, "a") for _ in range(2)]
    foreign = await linking(client, provider, other, "a")
    assert await owner.codes("linkSingleSignOn", **foreign) == ["SINGLE_SIGN_ON_FAILED"]
    for wrong in (
        {"state": second["state"]},
        {"transaction": good["transaction"][:-1]},
        {"transaction": second["transaction"], "state": second["state"]},  # another nonce
        {"code": "made-up"},
    ):
        codes = await client.codes("completeSingleSignOn", **good | wrong)
        assert codes == ["SINGLE_SIGN_ON_FAILED"], wrong
    for issuer in (f"{provider.issuer}/", "http://localhost:1", "http://10.0.0.1"):
        refused = await set_up(owner, provider, 1, issuer=issuer)
        [refusal] = refused["refusals"]
        assert (refusal["code"], refusal["path"]) == ("IDENTITY_PROVIDER_FAILED", ["issuer"])
    codes = []
    for _ in range(40):
        codes = await client.codes("completeSingleSignOn", **second | {"state": "x"})
        if codes == ["TOO_MANY_ATTEMPTS"]:
            break
    assert codes == ["TOO_MANY_ATTEMPTS"]
    await client.sign_in(shop.owner.login)  # known places go on


async def test_the_platform_has_its_own_which_only_those_set_who_may_everything(
    client: Client, given: World, provider: Provider
) -> None:
    manager, limited = (
        await given.platform(),
        await given.platform(Permission.PLATFORM_ACCOUNT_MANAGE),
    )
    refused = await set_up(client.as_(limited.token), provider)
    assert refused["refusals"][0]["code"] == "PERMISSION_NOT_HELD"
    await set_up(client.as_(manager.token), provider)
    own = client.as_(limited.token)
    assert await own.codes("linkSingleSignOn", **await linking(own, provider, None, "p")) == []
    ended = await sign_in(client, provider, None, "p")
    session = await client.do("completeSingleSignOn", SESSION, **ended)
    assert session["viewer"]["kind"] == "PLATFORM"
