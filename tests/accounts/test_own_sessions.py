"""The sessions of an account: listed with their devices, ended one by one or all, and kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth import refresh_tokens
from models.accounts import MAX_USER_AGENT
from tests.client import Client
from tests.given import PASSWORD, World
from tests.house.test_plans import Plans, watching
from tests.sign_in.signing import Wall, node, refresh_code, refreshed, sign_in

pytestmark = pytest.mark.anyio

SESSIONS = """query($first: Int, $after: String) { sessions(first: $first, after: $after) {
  nodes { id label userAgent createdAt lastUsedAt expiresAt isCurrent }
  pageInfo { hasNextPage endCursor } totalCount } }"""
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"


class Stopped(Wall):
    """The real time of the beginning: what a slow machine takes does not count."""

    def __init__(self) -> None:
        super().__init__()
        self.began_at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.began_at + self.ahead


async def signed_in(client: Client, login: str, label: str | None, agent: str) -> Client:
    client.http.headers["user-agent"] = agent
    given: dict[str, Any] = {} if label is None else {"label": label}
    session = await client.do("signIn", "accessToken", login=login, password=PASSWORD, **given)
    return client.as_(session["accessToken"])


async def works(client: Client) -> bool:
    answer = await client.post({"query": "{ viewer { name } }"})
    return "errors" not in answer.json()


async def test_own_sessions_are_listed_and_ended_one_by_one_or_all(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    person, colleague = await given.employee(shop), await given.employee(shop)
    foreign = client.as_(colleague.token)
    phone = await signed_in(client, person.login, " 前台 iPhone ", "App/1\u202e\x7f " + "x" * 500)
    laptop = await signed_in(client, person.login, None, BROWSER)
    tablet = await signed_in(client, person.login, "平板", "")
    page = await laptop.ask(SESSIONS)
    assert [
        (row["label"], row["userAgent"], row["isCurrent"], row["lastUsedAt"] == row["createdAt"])
        for row in page["nodes"]
    ] == [
        ("平板", None, False, True),
        (None, BROWSER, True, True),
        ("前台 iPhone", ("App/1 " + "x" * 500)[:MAX_USER_AGENT], False, True),
        (None, None, False, True),  # the session that the fixture wrote
    ]
    assert page["totalCount"] == 4
    first = await laptop.ask(SESSIONS, first=3)
    rest = await laptop.ask(SESSIONS, first=3, after=first["pageInfo"]["endCursor"])
    assert [*first["nodes"], *rest["nodes"]] == page["nodes"]

    ids = [row["id"] for row in page["nodes"]]
    assert await foreign.codes("endSession", id=ids[0]) == ["NOT_FOUND"]
    for _ in range(2):  # again, after a lost answer
        assert await laptop.codes("endSession", id=ids[2]) == []
    assert [await works(device) for device in (phone, laptop, tablet)] == [False, True, True]
    assert await laptop.codes("endSession", id=ids[1]) == []
    assert not await works(laptop)

    again = await client.sign_in(person.login)
    assert (await again.do("endSessions", "ended"))["ended"] == 2
    assert [await works(device) for device in (tablet, again, foreign)] == [False, True, True]
    assert (await again.do("endSessions", "ended", includeCurrent=True))["ended"] == 1
    assert not await works(again)

    connector = client.as_((await given.connector(shop)).token)
    assert (await connector.ask(SESSIONS))["nodes"] == []
    assert await connector.codes("endSessions") == ["NOT_YOURS"]
    assert await connector.codes("endSession", id=ids[0]) == ["NOT_YOURS"]
    codes = await connector.codes(
        "changePassword", currentPassword=PASSWORD, newPassword="a longer sentence"
    )
    assert codes == ["NOT_YOURS"]


@pytest.mark.asked_once
async def test_requests_write_no_last_use_and_a_refresh_writes_it(given: World, schema) -> None:
    wall = Wall()
    async with node(given.parts, schema, wall=wall) as client:
        person = await given.employee(await given.merchant())
        pair = await sign_in(client, person.login, PASSWORD)
        wall.ahead = timedelta(minutes=10)
        signed = client.as_(pair["accessToken"])
        plans = Plans(given.parts.database)
        with watching(plans.database.writing) as written:
            [row, _] = (await signed.ask(SESSIONS))["nodes"]
        assert [sent for sent in written if "UPDATE" in sent.text] == []
        assert row["lastUsedAt"] == row["createdAt"]
        await refreshed(client, pair["refreshToken"])
        [row, _] = (await signed.ask(SESSIONS))["nodes"]
        used_at = datetime.fromisoformat(row["lastUsedAt"])
        assert abs(used_at - wall.now()) < timedelta(minutes=1)
        with watching(plans.database.reading) as statements:
            await signed.ask(SESSIONS, first=2)
        [page] = [sent for sent in statements if "user_agent" in sent.text]
        assert await plans.steps(page) == []


async def test_two_tabs_refresh_for_an_hour_and_nobody_is_signed_out(given: World, schema) -> None:
    """The tabs share a store, as those of one browser do, and refresh as they please."""
    wall = Stopped()
    async with node(given.parts, schema, wall=wall) as client:
        person = await given.employee(await given.merchant())
        stored = await sign_in(client, person.login, PASSWORD)
        start = stored["refreshToken"]
        for second in range(20):  # pages that are loaded again and again, answers kept or lost
            wall.ahead = timedelta(seconds=second * 1.5)
            answer = await refreshed(client, stored["refreshToken"])
            assert answer["refusals"] == []
            assert await refresh_code(client, start) is None  # the tab that slept
            if second % 3:
                stored = answer
        for minute in range(1, 60, 7):
            wall.ahead = timedelta(minutes=minute)
            # Both tabs wake with the token that they read; one answer comes late.
            answers = [await refreshed(client, stored["refreshToken"]) for _ in range(2)]
            assert answers[0]["refusals"] == []
            assert answers[0] == answers[1]
            wall.ahead += timedelta(seconds=25)
            assert await refreshed(client, stored["refreshToken"]) == answers[0]
            assert await works(client.as_(answers[1]["accessToken"]))
            stored = answers[1]
        wall.ahead += timedelta(seconds=31)
        newest = await refreshed(client, stored["refreshToken"])
        wall.ahead += timedelta(seconds=31)
        # A copy of an old token still ends the session.
        assert await refresh_code(client, stored["refreshToken"]) == "SESSION_ENDED"
        assert await refresh_code(client, newest["refreshToken"]) == "SESSION_ENDED"


@pytest.mark.parametrize("every", [timedelta(seconds=seconds) for seconds in (0.01, 1, 4.9, 5, 7)])
def test_however_often_a_session_is_refreshed_it_knows_every_token_of_the_window(
    every: timedelta,
) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    rotated_at: list[str] = []
    rotations: list[datetime] = []
    for _ in range(100):
        now += every
        if not refresh_tokens.is_settling(rotated_at, now):
            rotated_at = refresh_tokens.rotated(rotated_at, now)
            rotations.append(now)
        for behind, at in enumerate(reversed(rotations), 1):
            is_recent = now - at <= refresh_tokens.REPEAT_WINDOW
            assert refresh_tokens.was_just_exchanged(behind, rotated_at, now) == is_recent
