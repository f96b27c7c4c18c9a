"""Signing in with a password, staying signed in, and signing out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from auth import secrets
from models.accounts import sign_ins
from tests.client import Client, Failed
from tests.given import PASSWORD, World

pytestmark = pytest.mark.anyio

SHAPE = "accessToken refreshToken expiresAt viewer { name kind }"
NOBODY = {"accessToken": None, "refreshToken": None, "expiresAt": None, "viewer": None}


async def attempt(client: Client, login: str, password: str) -> Any:
    return await client.do("signIn", SHAPE, login=login, password=password)


async def failed(client: Client, login: str, password: str) -> str:
    payload = await attempt(client, login, password)
    assert {name: payload[name] for name in NOBODY} == NOBODY
    [refusal] = payload["refusals"]
    return str(refusal["code"])


async def refreshed(client: Client, token: str) -> Any:
    return await client.do("refreshSession", SHAPE, refreshToken=token)


async def is_signed_in(client: Client, token: str) -> bool:
    """Whether the token is good, for a read and for a mutation alike."""
    answers = [
        (await client.as_(token).post({"query": query})).json()
        for query in (
            "{ viewer { name } }",
            "mutation { advanceClock(input: {seconds: 1}) { refusals { code } } }",
        )
    ]
    codes = [[one["extensions"]["code"] for one in said.get("errors", [])] for said in answers]
    assert codes in ([[], []], [["UNAUTHENTICATED"], ["UNAUTHENTICATED"]])
    return codes[0] == []


async def test_the_right_password_gives_a_session_of_fifteen_minutes(
    client: Client, given: World
) -> None:
    person = await given.employee(await given.merchant())
    before = datetime.now(UTC)
    payload = await attempt(client, person.login, PASSWORD)
    assert payload["refusals"] == []
    assert payload["viewer"] == {"name": "小A", "kind": "EMPLOYEE"}
    lasts = datetime.fromisoformat(payload["expiresAt"]) - before
    assert timedelta(minutes=14, seconds=58) < lasts < timedelta(minutes=15, seconds=2)
    assert await is_signed_in(client, payload["accessToken"])


async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    client: Client, given: World
) -> None:
    person = await given.employee(await given.merchant())
    wrong = await attempt(client, person.login, "wrong-password")
    unknown = await attempt(client, "no-such-login", "wrong-password")
    assert wrong == unknown
    assert [one["code"] for one in wrong["refusals"]] == ["INVALID_CREDENTIALS"]


async def test_a_password_is_no_pattern_and_no_prefix(client: Client, given: World) -> None:
    person = await given.employee(await given.merchant())
    for close in (PASSWORD[:-1], PASSWORD + "x", PASSWORD.upper(), "%", "*"):
        assert await failed(client, person.login, close) == "INVALID_CREDENTIALS"


async def test_that_an_account_is_disabled_is_told_to_those_who_know_its_password_alone(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    person = await given.employee(shop)
    await client.as_(shop.owner.token).do("disableEmployee", id=person.global_id)
    assert await failed(client, person.login, "wrong-password") == "INVALID_CREDENTIALS"
    assert await failed(client, person.login, PASSWORD) == "ACCOUNT_DISABLED"


async def test_a_refresh_gives_a_new_pair_and_the_old_access_token_lives_on(
    client: Client, given: World
) -> None:
    person = await given.employee(await given.merchant())
    first = await attempt(client, person.login, PASSWORD)
    second = await refreshed(client, first["refreshToken"])
    assert second["refusals"] == []
    assert second["viewer"] == first["viewer"]
    assert second["refreshToken"] != first["refreshToken"]
    assert await is_signed_in(client, second["accessToken"])
    third = await refreshed(client, second["refreshToken"])
    assert third["refusals"] == []
    assert await is_signed_in(client, first["accessToken"])


async def test_signing_out_ends_both_tokens_at_once(client: Client, given: World) -> None:
    person = await given.employee(await given.merchant())
    session = await attempt(client, person.login, PASSWORD)
    other = await attempt(client, person.login, PASSWORD)
    assert await is_signed_in(client, session["accessToken"])
    done = await client.as_(session["accessToken"]).ask("mutation { signOut { done } }")
    assert done == {"done": True}
    assert not await is_signed_in(client, session["accessToken"])
    late = await refreshed(client, session["refreshToken"])
    assert [one["code"] for one in late["refusals"]] == ["SESSION_ENDED"]
    assert await is_signed_in(client, other["accessToken"])


async def test_what_follows_a_sign_out_in_the_same_request_is_asked_by_nobody(
    client: Client, given: World
) -> None:
    person = await given.reviewer(await given.merchant())
    query = "mutation { signOut { done } again: signOut { done } }"
    with pytest.raises(Failed) as failure:
        await client.as_(person.token).ask_all(query)
    assert failure.value.codes == ["UNAUTHENTICATED"]


async def test_a_session_that_is_not_refreshed_for_thirty_days_ends(
    client: Client, given: World
) -> None:
    person = await given.employee(await given.merchant())
    session = await attempt(client, person.login, PASSWORD)
    opened = secrets.open_token(secrets.SESSION, session["refreshToken"])
    assert opened is not None

    async def expire(by: timedelta) -> None:
        async with given.parts.database.write() as connection:
            await connection.execute(
                sa.update(sign_ins)
                .where(sign_ins.c.id == opened.id)
                .values(expires_at=datetime.now(UTC) + by)
            )

    await expire(timedelta(seconds=-1))
    late = await refreshed(client, session["refreshToken"])
    assert [one["code"] for one in late["refusals"]] == ["SESSION_ENDED"]
    await expire(timedelta(minutes=1))
    assert (await refreshed(client, session["refreshToken"]))["refusals"] == []


async def test_what_never_was_a_refresh_token_refreshes_nothing(client: Client) -> None:
    for token in [
        "x",
        "asr",
        "asr__",
        "asr_1_",
        "asr_-1_x",
        "asr_1_x",
        "asr_９_x",
        f"asr_{2**63}_x",
        f"asr_{'9' * 200}_x",
        "asc_1_x",
        "eyJhbGciOiJub25lIn0.e30.",
    ]:
        payload = await refreshed(client, token)
        assert [one["code"] for one in payload["refusals"]] == ["SESSION_ENDED"], token
        assert payload["accessToken"] is None


async def test_a_disabled_account_cannot_refresh(client: Client, given: World) -> None:
    shop = await given.merchant()
    person = await given.employee(shop)
    session = await attempt(client, person.login, PASSWORD)
    await client.as_(shop.owner.token).do("disableEmployee", id=person.global_id)
    assert not await is_signed_in(client, session["accessToken"])
    payload = await refreshed(client, session["refreshToken"])
    assert [one["code"] for one in payload["refusals"]] == ["SESSION_ENDED"]


async def test_a_connector_has_no_session_to_sign_out_of(client: Client, given: World) -> None:
    shop = await given.merchant()
    query = "mutation { signOut { done refusals { code } } }"
    for person in (await given.connector(shop), await given.customer(shop)):
        payload = await client.as_(person.token).ask(query)
        assert payload == {"done": False, "refusals": [{"code": "NOT_YOURS"}]}
        assert await is_signed_in(client, person.token)
