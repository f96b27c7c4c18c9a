"""Tokens of a node whose clock differs from that of the node that reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from auth import tokens
from auth.keys import Keys
from tests.client import Client, Failed
from tests.given import PASSWORD, World
from tests.sign_in.signing import Wall, node, sign_in

pytestmark = pytest.mark.anyio

KEYS = Keys(b"k" * 32)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [2, 59])
async def test_who_signs_in_at_a_node_that_is_ahead_is_known_at_the_other(
    client: Client, given: World, schema, ahead: int
) -> None:
    person = await given.employee(await given.merchant())
    async with node(given.parts, schema, wall=Wall(timedelta(seconds=ahead))) as early:
        session = await sign_in(early, person.login, PASSWORD)
        assert session["refusals"] == []
        viewer = await client.as_(session["accessToken"]).ask("{ viewer { name } }")
        assert viewer == {"name": "小A"}


@pytest.mark.parametrize(("ahead", "is_taken"), [(0, True), (2, True), (59, True), (60, True)])
async def test_a_token_from_the_future_is_taken_up_to_a_minute(
    ahead: int, *, is_taken: bool
) -> None:
    token = tokens.issue(KEYS, tokens.Session(session_id=7), NOW + timedelta(seconds=ahead))
    claims, _ = tokens.read(KEYS, token.token, NOW)
    assert (claims == tokens.Session(session_id=7)) is is_taken


async def test_a_token_from_61_seconds_ahead_is_refused(
    client: Client, given: World, schema
) -> None:
    person = await given.employee(await given.merchant())
    token = tokens.issue(KEYS, tokens.Session(session_id=7), NOW + timedelta(seconds=61))
    with pytest.raises(tokens.BadToken):
        tokens.read(KEYS, token.token, NOW)
    async with node(given.parts, schema, wall=Wall(timedelta(seconds=62))) as early:
        session = await sign_in(early, person.login, PASSWORD)
        with pytest.raises(Failed) as failure:
            await client.as_(session["accessToken"]).ask("{ viewer { name } }")
        assert failure.value.code == "UNAUTHENTICATED"


async def test_the_leeway_does_not_lengthen_a_token() -> None:
    token = tokens.issue(KEYS, tokens.Session(session_id=7), NOW)
    tokens.read(KEYS, token.token, token.expires_at - timedelta(seconds=1))
    with pytest.raises(tokens.BadToken):
        tokens.read(KEYS, token.token, token.expires_at)
