"""Refresh tokens: lost answers, two tabs, and copies."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from auth import refresh_tokens, secrets
from database.database import Database
from models.accounts import sign_ins
from tests.client import Client
from tests.given import PASSWORD, World
from tests.sign_in.signing import Wall, node, refresh_code, refreshed, sign_in

pytestmark = pytest.mark.anyio

AFTER_THE_WINDOW = refresh_tokens.REPEAT_WINDOW + timedelta(seconds=1)


async def session(client: Client, given: World) -> Any:
    person = await given.employee(await given.merchant())
    return await sign_in(client, person.login, PASSWORD)


async def works(client: Client, pair: Any) -> bool:
    answer = await client.as_(pair["accessToken"]).post({"query": "{ viewer { name } }"})
    return "errors" not in answer.json()


async def test_an_answer_that_was_lost_is_given_again_within_thirty_seconds(
    given: World, schema
) -> None:
    wall = Wall()
    async with node(given.parts, schema, wall=wall) as client:
        first = await session(client, given)
        lost = await refreshed(client, first["refreshToken"])
        assert lost["refusals"] == []
        wall.ahead = refresh_tokens.REPEAT_WINDOW - timedelta(seconds=5)
        again = await refreshed(client, first["refreshToken"])
        assert again == lost
        assert await works(client, again)
        third = await refreshed(client, again["refreshToken"])
        assert third["refusals"] == []
        assert third["refreshToken"] not in (first["refreshToken"], again["refreshToken"])


async def test_two_tabs_that_refresh_together_both_go_on(client: Client, given: World) -> None:
    first = await session(client, given)
    one, other = await asyncio.gather(*[refreshed(client, first["refreshToken"]) for _ in range(2)])
    assert one == other
    assert one["refusals"] == []
    # And again, one after the other, the second of them with a token that is two behind.
    newest = await refreshed(client, one["refreshToken"])
    assert await refreshed(client, first["refreshToken"]) == newest
    for pair in (one, newest):
        assert await works(client, pair)


@pytest.mark.asked_once
async def test_twenty_refreshes_at_once_give_one_pair(client: Client, given: World) -> None:
    first = await session(client, given)
    pairs = await asyncio.gather(*[refreshed(client, first["refreshToken"]) for _ in range(20)])
    assert {pair["refreshToken"] for pair in pairs} != {None}
    assert len({(pair["refreshToken"], pair["accessToken"]) for pair in pairs}) == 1


async def test_a_copied_token_ends_the_session_after_the_window(given: World, schema) -> None:
    wall = Wall()
    async with node(given.parts, schema, wall=wall) as client:
        person = await given.employee(await given.merchant())
        first = await sign_in(client, person.login, PASSWORD)
        second = await refreshed(client, first["refreshToken"])
        elsewhere = await sign_in(client, person.login, PASSWORD)
        wall.ahead = AFTER_THE_WINDOW
        stolen = await refreshed(client, first["refreshToken"])
        assert [one["code"] for one in stolen["refusals"]] == ["SESSION_ENDED"]
        assert stolen["accessToken"] is None
        # Both pairs are dead at once; the other session of the same account is not.
        assert not await works(client, first)
        assert not await works(client, second)
        assert await refresh_code(client, second["refreshToken"]) == "SESSION_ENDED"
        assert await works(client, elsewhere)


async def test_any_older_token_ends_the_session_and_not_the_last_one_alone(
    given: World, schema
) -> None:
    wall = Wall()
    async with node(given.parts, schema, wall=wall) as client:
        pairs = [await session(client, given)]
        for _ in range(4):
            wall.ahead += AFTER_THE_WINDOW
            pairs.append(await refreshed(client, pairs[-1]["refreshToken"]))
        assert await refresh_code(client, pairs[0]["refreshToken"]) == "SESSION_ENDED"
        assert not await works(client, pairs[-1])


async def test_a_made_up_secret_for_somebodys_session_ends_nothing(
    client: Client, given: World
) -> None:
    first = await session(client, given)
    opened = secrets.open_token(secrets.SESSION, first["refreshToken"])
    assert opened is not None
    _, _, signature = opened.secret.partition(".")
    other = refresh_tokens.issue(given.parts.keys, opened.id + 1, 1).rpartition(".")[2]
    for secret in (
        secrets.new_secret(),
        "x",
        f"0.{signature}",
        f"2.{signature}",
        f"-1.{signature}",
        f"1.{signature[:-1]}",
        f"1.{other}",
        f"{'9' * 40}.{signature}",
        "1.é",
    ):
        token = secrets.token_of(secrets.SESSION, opened.id, secret)
        assert await refresh_code(client, token) == "SESSION_ENDED", secret
    assert await works(client, first)
    assert await refresh_code(client, first["refreshToken"]) is None


async def test_a_session_from_before_tokens_were_derived_goes_on(given: World, schema) -> None:
    wall, secret = Wall(), secrets.new_secret()
    async with node(given.parts, schema, wall=wall) as client:
        first = await session(client, given)
        opened = secrets.open_token(secrets.SESSION, first["refreshToken"])
        assert opened is not None
        async with given.parts.database.write() as connection:
            await connection.execute(
                sa.update(sign_ins)
                .where(sign_ins.c.id == opened.id)
                .values(generation=0, secret_hash=secrets.hashed(secret))
            )
        made_up = secrets.token_of(secrets.SESSION, opened.id, secrets.new_secret())
        assert await refresh_code(client, made_up) == "SESSION_ENDED"
        old = secrets.token_of(secrets.SESSION, opened.id, secret)
        pair = await refreshed(client, old)
        assert pair["refusals"] == []
        assert await refreshed(client, old) == pair
        wall.ahead = AFTER_THE_WINDOW
        assert await refresh_code(client, made_up) == "SESSION_ENDED"
        assert await works(client, pair)
        assert await refresh_code(client, old) == "SESSION_ENDED"
        assert not await works(client, pair)


async def test_a_token_that_is_ahead_of_a_restored_backup_goes_on(
    client: Client, given: World
) -> None:
    first = await session(client, given)
    second = await refreshed(client, first["refreshToken"])
    opened = secrets.open_token(secrets.SESSION, first["refreshToken"])
    assert opened is not None
    async with given.parts.database.write() as connection:
        restored = sa.update(sign_ins).where(sign_ins.c.id == opened.id)
        await connection.execute(restored.values(generation=1, rotated_at=[]))
    third = await refreshed(client, second["refreshToken"])
    assert third["refusals"] == []
    assert third["refreshToken"] != second["refreshToken"]


async def test_no_secret_of_a_refresh_token_is_in_the_database(
    client: Client, given: World
) -> None:
    first = await session(client, given)
    second = await refreshed(client, first["refreshToken"])
    async with given.parts.database.read() as connection:
        rows = str((await connection.execute(sa.select(sign_ins))).all())
    for pair in (first, second):
        assert pair["refreshToken"].rpartition(".")[2] not in rows


def test_rotations_are_remembered_as_long_as_the_window_and_no_longer() -> None:
    now = datetime.now(UTC)
    many: list[str] = []
    for at in range(20):
        many = refresh_tokens.rotated(many, now + timedelta(seconds=at))
    assert len(many) == refresh_tokens.MAX_ROTATIONS
    later = refresh_tokens.rotated(many, now + timedelta(minutes=1))
    assert later == [(now + timedelta(minutes=1)).isoformat()]


@pytest.mark.asked_once
async def test_two_processes_that_refresh_at_once_give_one_pair(
    given: World, schema, database_url: str
) -> None:
    other = Database.open(database_url)
    async with (
        node(given.parts, schema) as one,
        node(given.parts, schema, database=other) as two,
    ):
        first = await session(one, given)
        for _ in range(3):
            pairs = await asyncio.gather(
                *[refreshed(client, first["refreshToken"]) for client in (one, two) * 5]
            )
            assert [pair["refusals"] for pair in pairs] == [[]] * 10
            assert len({(pair["refreshToken"], pair["accessToken"]) for pair in pairs}) == 1
            first = pairs[0]
    await other.close()
