"""What stands in the Authorization header: good, stale, forged, or nothing of ours."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc import jwt

from auth import secrets, tokens
from auth.keys import Keys
from models.accounts import sign_ins
from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

QUERIES = (
    "{ viewer { name } }",
    "{ queueSummary { autoApprovalBlocked } }",
    "mutation { advanceClock(input: {seconds: 1}) { refusals { code } } }",
)


async def answers(client: Client, authorization: str | bytes) -> list[str | None]:
    """For each query the code of its error, or None."""
    said = authorization if isinstance(authorization, bytes) else authorization.encode()
    codes = []
    for query in QUERIES:
        response = await client.http.post(
            "/graphql", json={"query": query}, headers={b"authorization": said}
        )
        assert response.status_code == 200
        errors = response.json().get("errors")
        codes.append(errors[0]["extensions"]["code"] if errors else None)
    return codes


async def is_refused(client: Client, token: str | bytes) -> bool:
    """Refused by every field, a public one and a mutation among them."""
    bearer = b"Bearer " + token if isinstance(token, bytes) else f"Bearer {token}"
    codes = await answers(client, bearer)
    assert codes in ([None] * 3, ["UNAUTHENTICATED"] * 3)
    return codes[0] is not None


def packed(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def session_of(given: World) -> tuple[str, int]:
    """A good token, and the session behind it."""
    person = await given.reviewer(await given.merchant())
    async with given.parts.database.read() as connection:
        found = await connection.execute(
            sa.select(sign_ins.c.id).where(sign_ins.c.account_id == person.id)
        )
        return person.token, found.scalar_one()


async def test_a_token_is_good_until_its_last_second(client: Client, given: World) -> None:
    token, session = await session_of(given)
    keys, now = given.parts.keys, datetime.now(UTC)
    assert not await is_refused(client, token)

    def issued(ago: timedelta) -> str:
        return tokens.issue(keys, tokens.Session(session_id=session), now - ago).token

    assert not await is_refused(client, issued(tokens.ACCESS_WINDOW - timedelta(seconds=30)))
    assert await is_refused(client, issued(tokens.ACCESS_WINDOW))
    assert await is_refused(client, issued(timedelta(days=30)))


async def test_a_token_of_another_key_is_refused(client: Client, given: World) -> None:
    _, session = await session_of(given)
    claims = tokens.Session(session_id=session)
    assert await is_refused(client, tokens.issue(Keys(b"x" * 32), claims, datetime.now(UTC)).token)


async def test_a_token_without_or_with_a_weaker_signature_is_refused(
    client: Client, given: World
) -> None:
    token, _ = await session_of(given)
    header, payload, signature = token.split(".")
    public = str(given.parts.keys.tokens.as_dict(private=False)["x"])
    forged = [
        f"{packed({'alg': alg})}.{payload}."
        for alg in ("none", "None", "NONE", "", "Ed25519", "EdDSA", "HS256")
    ]
    for secret in (public.encode(), base64.urlsafe_b64decode(public + "=")):
        said = f"{packed({'alg': 'HS256', 'typ': 'JWT'})}.{payload}"
        mac = hmac.digest(secret, said.encode(), hashlib.sha256)
        forged.append(f"{said}.{packed(mac)}")
    forged += [f"{header}.{payload}", f"{header}.{payload}.{signature[:-4]}", f".{payload}."]
    for one in forged:
        assert await is_refused(client, one), one
    assert not await is_refused(client, token)


async def test_a_changed_claim_is_refused(client: Client, given: World) -> None:
    token, session = await session_of(given)
    header, payload, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for change in ({"sub": str(session + 1)}, {"exp": said["exp"] + 3600}, {"mid": "1"}):
        assert await is_refused(client, f"{header}.{packed(said | change)}.{signature}")


CLAIMS: list[dict[str, Any]] = [
    {},
    {"sub": "1"},
    {"exp": 2**33},
    {"sub": "one", "exp": 2**33},
    {"sub": "1", "exp": "soon"},
    {"sub": "1", "exp": 1e300},
    {"sub": None, "exp": 2**33},
    {"sub": "9" * 5000, "exp": 2**33},
    {"sub": "c", "exp": 2**33, "mid": "x", "con": "1"},
    {"sub": "c", "exp": 2**33, "mid": "1"},
]


async def test_claims_that_make_no_sense_are_refused_though_signed(
    client: Client, given: World
) -> None:
    key = given.parts.keys.tokens
    for claims in CLAIMS:
        token = jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])
        assert await is_refused(client, token), claims


GARBAGE: list[str | bytes] = [
    "",
    "x",
    "null",
    "undefined",
    ".",
    "..",
    "...",
    "a.b.c",
    "a.b.c.d.e",
    "é.ü.ß".encode(),
    "令牌".encode(),
    b"\xff\xfe.\x80.\x81",
    "." * 10_000,
    f"{packed([])}.e30.",
    f"{packed('x')}.e30.",
    f"{packed(None)}.e30.",
    f"{packed({'alg': 1})}.e30.",
    f"{packed({'alg': {'a': []}})}.e30.",
    f"{packed({'alg': 'Ed25519', 'crit': ['exp'], 'b64': False})}.e30.",
    f"{packed(b'[' * 30_000)}.e30.",
    f"{packed({'alg': 'Ed25519'})}.{packed(b'[' * 30_000)}.AAAA",
    "asc",
    "asc_",
    "asc_1",
    "asc_1_x",
    "asc__x",
    "asc_-1_x",
    f"asc_{2**63 - 1}_x",
    f"asc_{2**63}_x",
    f"asc_{'9' * 5000}_x",
    "asc_１_x".encode(),
]


async def test_garbage_is_refused(client: Client) -> None:
    for token in GARBAGE:
        assert await is_refused(client, token), token[:30]


async def test_a_refresh_token_and_a_password_are_no_access_tokens(
    client: Client, given: World
) -> None:
    person = await given.reviewer(await given.merchant())
    payload = await client.do(
        "signIn", "refreshToken", login=person.login, password="correct-horse"
    )
    assert await is_refused(client, payload["refreshToken"])
    basic = base64.b64encode(f"{person.login}:correct-horse".encode()).decode()
    for authorization in (f"Basic {basic}", person.token, "Bearer", "Token x"):
        assert await answers(client, authorization) == ["UNAUTHENTICATED"] * 3


async def test_the_scheme_is_written_in_any_case(client: Client, given: World) -> None:
    token, _ = await session_of(given)
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert await answers(client, f"{scheme} {token}") == [None] * 3


async def test_without_a_token_there_is_no_viewer_and_no_error(client: Client) -> None:
    assert await client.ask("{ viewer { name } }") is None


async def test_a_connector_needs_its_secret(client: Client, given: World) -> None:
    shop = await given.merchant()
    connector, other = await given.connector(shop), await given.connector(shop)
    _, _, secret = connector.token.split("_", 2)
    shape = "{ viewer { name kind merchant { name } permissions { permission direct } } }"
    assert await client.as_(connector.token).ask(shape) == {
        "name": "商城前台",
        "kind": "CONNECTOR",
        "merchant": {"name": "京北数码"},
        "permissions": [
            {"permission": "APPLICATION_SUBMIT", "direct": True},
            {"permission": "CUSTOMER_ACT", "direct": True},
            {"permission": "REFUND_REPORT", "direct": True},
        ],
    }
    for forged in (
        connector.token[:-1],
        connector.token + "x",
        secrets.token_of(secrets.CONNECTOR, connector.id, secrets.new_secret()),
        secrets.token_of(secrets.CONNECTOR, other.id, secret),
        secrets.token_of(secrets.SESSION, connector.id, secret),
    ):
        assert await is_refused(client, forged)


async def test_a_disabled_connector_and_the_customers_it_acts_for_are_refused_at_once(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    made = await owner.do("createConnector", "connector { id } token", name="商城", scopes=[])
    platform = client.as_((await given.platform()).token)
    await platform.do("grantConnectorScopes", id=made["connector"]["id"], scopes=["CUSTOMER_ACT"])
    issued = await client.as_(made["token"]).do(
        "issueCustomerToken", "accessToken expiresAt", customerRef="c-1"
    )
    customer = client.as_(issued["accessToken"])
    assert await customer.ask("{ viewer { name kind } }") == {"name": "c-1", "kind": "CUSTOMER"}
    lasts = datetime.fromisoformat(issued["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < lasts <= timedelta(minutes=15)
    await owner.do("disableConnector", "done", id=made["connector"]["id"])
    assert await is_refused(client, made["token"])
    assert await is_refused(client, issued["accessToken"])


async def test_a_customer_cannot_become_another_customer(client: Client, given: World) -> None:
    customer = await given.customer(await given.merchant(), "c-1")
    payload = await client.as_(customer.token).do(
        "issueCustomerToken", "accessToken", customerRef="c-2"
    )
    assert [one["code"] for one in payload["refusals"]] == ["NOT_YOURS"]
    assert payload["accessToken"] is None


async def test_a_connector_acts_for_its_own_merchant_s_customers_alone(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    own = client.as_((await given.connector(shop)).token)
    refusal = await own.refused("issueCustomerToken", customerRef="c-1", merchantId=other.global_id)
    assert refusal["code"] == "NOT_FOUND"
    everywhere = client.as_((await given.connector()).token)
    issued = await everywhere.do(
        "issueCustomerToken", "accessToken", customerRef="c-1", merchantId=other.global_id
    )
    viewer = await client.as_(issued["accessToken"]).ask("{ viewer { merchant { id } } }")
    assert viewer == {"merchant": {"id": other.global_id}}
