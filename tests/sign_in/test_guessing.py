"""Guessing passwords: who has to wait, and who does not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import create_app
from auth import attempts
from auth.attempts import MAX_AT_KNOWN_PLACE, MAX_AT_PLACE, MAX_OF_LOGIN, MAX_OF_PLACE, WINDOW
from models.accounts import throttles
from tests.client import Client
from tests.given import PASSWORD, Person, World
from tests.sign_in.signing import Wall, at, code, node, sign_in

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

HOME, OFFICE, STRANGER = "192.0.2.1", "192.0.2.2", "203.0.113.9"
WRONG, WAIT = "INVALID_CREDENTIALS", "TOO_MANY_ATTEMPTS"


@pytest.fixture
async def person(given: World) -> Person:
    return await given.employee(await given.merchant())


@pytest.fixture
async def desk(given: World, schema) -> AsyncIterator["Desk"]:
    async with AsyncExitStack() as stack:
        yield Desk(create_app(given.parts, runs_clock=False, schema=schema), stack)


class Desk:
    """One process, reached from anywhere."""

    def __init__(self, app, stack: AsyncExitStack) -> None:
        self._app = app
        self._stack = stack

    async def from_(self, address: str) -> Client:
        return await self._stack.enter_async_context(at(self._app, address))


async def guess(client: Client, login: str, times: int) -> Counter[str | None]:
    return Counter([await code(client, login, f"guess-{one}") for one in range(times)])


# Per login and place


async def test_after_ten_failures_even_the_right_password_waits_at_that_place(
    desk: Desk, person: Person, given: World
) -> None:
    stranger = await desk.from_(STRANGER)
    before = datetime.now(UTC)
    assert await guess(stranger, person.login, MAX_AT_PLACE) == {WRONG: MAX_AT_PLACE}
    [refusal] = (await sign_in(stranger, person.login, PASSWORD))["refusals"]
    assert refusal["code"] == WAIT
    assert refusal["retryable"] is True
    wait = datetime.fromisoformat(refusal["retryAt"]) - before
    assert timedelta() <= wait - WINDOW < timedelta(minutes=1)
    # The same again, though nothing is looked up now.
    [again] = (await sign_in(stranger, person.login, PASSWORD))["refusals"]
    assert again["retryAt"] == refusal["retryAt"]
    # Others there are not made to wait, and a login that does not exist is treated alike.
    other = await given.employee(await given.merchant("另一家"))
    assert await code(stranger, other.login, PASSWORD) is None
    tried = await guess(stranger, "no-such-login", MAX_AT_PLACE + 2)
    assert tried == {WRONG: MAX_AT_PLACE, WAIT: 2}


async def test_a_stranger_locks_nobody_out_elsewhere(desk: Desk, person: Person) -> None:
    stranger, home = await desk.from_(STRANGER), await desk.from_(HOME)
    await guess(stranger, person.login, 2 * MAX_AT_PLACE)
    assert await code(home, person.login, PASSWORD) is None


async def test_a_stranger_next_door_does_not_lock_out_whoever_signed_in_there_before(
    desk: Desk, person: Person
) -> None:
    home = await desk.from_(HOME)
    assert await code(home, person.login, PASSWORD) is None
    await guess(home, person.login, MAX_AT_PLACE + 5)
    assert await code(home, person.login, PASSWORD) is None
    assert await guess(home, person.login, MAX_AT_KNOWN_PLACE + 1) == {
        WRONG: MAX_AT_KNOWN_PLACE,
        WAIT: 1,
    }


async def test_a_device_with_its_token_gets_in_whatever_strangers_do(
    desk: Desk, person: Person
) -> None:
    home, office = await desk.from_(HOME), await desk.from_(OFFICE)
    device = (await sign_in(home, person.login, PASSWORD))["deviceToken"]
    for place in (home, office):
        tried = await guess(place, person.login, MAX_AT_KNOWN_PLACE + 1)
        assert tried[WAIT]
        assert await code(place, person.login, PASSWORD, "x") == WAIT
        signed_in = await sign_in(place, person.login, PASSWORD, device)
        assert signed_in["refusals"] == []
        assert signed_in["deviceToken"] == device


async def test_a_device_token_is_good_for_ten_guesses_and_for_its_own_account_alone(
    desk: Desk, person: Person, given: World
) -> None:
    other = await given.employee(await given.merchant("另一家"))
    home, stranger = await desk.from_(HOME), await desk.from_(STRANGER)
    device = (await sign_in(home, person.login, PASSWORD))["deviceToken"]
    codes = Counter(
        [await code(stranger, person.login, f"guess-{one}", device) for one in range(12)]
    )
    assert codes == {WRONG: attempts.MAX_OF_DEVICE, WAIT: 2}
    assert await code(home, person.login, PASSWORD) is None
    # With another login it is no token at all.
    codes = Counter(
        [await code(stranger, other.login, f"guess-{one}", device) for one in range(12)]
    )
    assert codes == {WRONG: MAX_AT_PLACE, WAIT: 2}
    for forged in (device[:-1], device + "x", device.replace("_", "-"), "asd_1_x.y", "asd_1_"):
        assert await code(stranger, other.login, PASSWORD, forged) == WAIT


async def test_nine_failures_are_forgotten_at_the_first_success(
    desk: Desk, person: Person, given: World
) -> None:
    home = await desk.from_(HOME)
    for _ in range(2):
        tried = await guess(home, person.login, MAX_AT_PLACE - 1)
        assert tried == {WRONG: MAX_AT_PLACE - 1}
        await given.parts.attempts.store()
        assert await code(home, person.login, PASSWORD) is None


# Over many logins, and over many places


async def test_a_spray_over_two_hundred_logins_from_one_place_is_slowed(
    desk: Desk, person: Person, given: World
) -> None:
    colleague = await given.employee(await given.merchant("另一家"))
    home = await desk.from_(HOME)
    assert await code(home, colleague.login, PASSWORD) is None
    tried = Counter([await code(home, f"login-{one}", "password-1") for one in range(200)])
    assert tried == {WRONG: MAX_OF_PLACE, WAIT: 200 - MAX_OF_PLACE}
    assert await code(home, person.login, PASSWORD) == WAIT
    # Whoever signed in there before is not held up, nor anybody elsewhere.
    assert await code(home, colleague.login, PASSWORD) is None
    assert await code(await desk.from_(OFFICE), person.login, PASSWORD) is None


async def test_a_spray_side_by_side_goes_no_further(desk: Desk) -> None:
    home = await desk.from_(HOME)
    codes = await asyncio.gather(*[code(home, f"login-{at}", "password-1") for at in range(60)])
    # Two passwords are looked at at a time: the second may begin before the first has failed.
    assert MAX_OF_PLACE <= codes.count(WRONG) <= MAX_OF_PLACE + 1
    assert codes.count(WRONG) + codes.count(WAIT) == len(codes)


async def test_the_addresses_of_one_ipv6_network_are_one_place(desk: Desk, person: Person) -> None:
    for at_ in range(MAX_AT_PLACE):
        client = await desk.from_(f"2001:db8:1:2::{at_:x}")
        assert await code(client, person.login, "guess") == WRONG
    same = await desk.from_("2001:db8:1:2:ffff::1")
    other = await desk.from_("2001:db8:1:3::1")
    assert await code(same, person.login, PASSWORD) == WAIT
    assert await code(other, person.login, PASSWORD) is None


async def test_guesses_from_everywhere_make_new_places_wait_and_known_ones_not(
    desk: Desk, person: Person
) -> None:
    home = await desk.from_(HOME)
    assert await code(home, person.login, PASSWORD) is None
    for one in range(MAX_OF_LOGIN):
        client = await desk.from_(f"198.51.100.{one}")
        assert await code(client, person.login, "guess") == WRONG
    assert await code(await desk.from_(STRANGER), person.login, PASSWORD) == WAIT
    assert await code(home, person.login, PASSWORD) is None


# Side by side


async def test_thirty_right_passwords_at_once_all_get_in(desk: Desk, person: Person) -> None:
    home = await desk.from_(HOME)
    codes = await asyncio.gather(*[code(home, person.login, PASSWORD) for _ in range(30)])
    assert codes == [None] * 30


async def test_guesses_side_by_side_are_counted_like_guesses_in_turn(
    desk: Desk, person: Person
) -> None:
    home = await desk.from_(HOME)
    guesses = [code(home, person.login, f"guess-{one}") for one in range(2 * MAX_AT_PLACE)]
    assert Counter(await asyncio.gather(*guesses)) == {WRONG: MAX_AT_PLACE, WAIT: MAX_AT_PLACE}


# What is counted, and where


async def test_the_wait_ends_when_it_was_said_to_end(given: World, person: Person, schema) -> None:
    wall = Wall()
    async with node(given.parts, schema, wall=wall) as client:
        await guess(client, person.login, MAX_AT_PLACE)
        wall.ahead = WINDOW - timedelta(seconds=30)
        assert await code(client, person.login, PASSWORD) == WAIT
        wall.ahead = WINDOW + timedelta(seconds=1)
        assert await code(client, person.login, "guess") == WRONG
        assert await code(client, person.login, PASSWORD) is None


async def test_what_one_process_has_stored_counts_in_the_others_and_after_a_restart(
    given: World, person: Person, schema
) -> None:
    parts = given.parts
    async with node(parts, schema) as one, node(parts, schema, wall=Wall()) as other:
        assert await guess(one, person.login, 5) == {WRONG: 5}
        assert await guess(other, person.login, 3) == {WRONG: 3}
    app = create_app(parts, runs_clock=False, schema=schema)
    async with at(app, HOME) as client:
        assert await guess(client, person.login, 6) == {WRONG: 6}
        await parts.attempts.store()
        assert await guess(client, person.login, 5) == {WRONG: 4, WAIT: 1}
        await parts.attempts.store()
    async with node(parts, schema) as restarted:
        assert await code(restarted, person.login, PASSWORD) == WAIT


async def test_a_failure_counts_once_while_it_is_being_stored(
    desk: Desk, person: Person, given: World
) -> None:
    home, done = await desk.from_(HOME), asyncio.Event()

    async def store() -> None:
        while not done.is_set():
            await given.parts.attempts.store()
            await asyncio.sleep(0)

    storing = asyncio.create_task(store())
    assert await guess(home, person.login, MAX_AT_PLACE + 3) == {WRONG: MAX_AT_PLACE, WAIT: 3}
    done.set()
    await storing


async def test_counts_are_stored_without_login_and_address_and_swept_after_their_window(
    given: World, schema
) -> None:
    wall = Wall()
    parts = given.parts
    async with node(parts, schema, wall=wall) as client:
        await code(client, "made-up-login", "wrong-password")
    stored = given.parts.attempts
    terms = attempts.Terms({}, (stored.key("x"),))
    stored.fail(terms)
    await stored.store()

    async def rows() -> list[sa.Row[tuple[object, ...]]]:
        async with parts.database.read() as connection:
            return list((await connection.execute(sa.select(throttles))).all())

    [row] = await rows()
    assert row.key != "x"
    assert "192.0.2" not in str(row)
    wall.ahead = WINDOW + timedelta(seconds=1)
    later = attempts.Attempts(parts.database, parts.keys, wall)
    later.fail(attempts.Terms({}, ("another",)))
    await later.store()
    assert [one.key for one in await rows()] == ["another"]


async def test_a_wrong_password_waits_for_no_writer_and_is_none(
    desk: Desk, person: Person, given: World
) -> None:
    home, parts = await desk.from_(HOME), given.parts
    size = parts.database.writing.pool.size()  # type: ignore[attr-defined]  # of this pool
    async with AsyncExitStack() as writers:
        for _ in range(size):
            writer = await writers.enter_async_context(parts.database.write())
            await writer.execute(sa.select(1))
        async with asyncio.timeout(4):
            assert await code(home, person.login, "wrong-password") == WRONG


async def test_a_process_that_cannot_store_what_it_counts_takes_no_more_guesses(
    desk: Desk, person: Person, given: World
) -> None:
    kept = given.parts.attempts
    for one in range(attempts.MAX_UNSTORED):
        kept.fail(attempts.Terms({}, (str(one),)))
    home = await desk.from_(HOME)
    answer = await home.post(
        {
            "query": f'mutation {{ signIn(input: {{login: "{person.login}", password: "x"}}) '
            "{ refusals { code } } }"
        }
    )
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"
    await kept.store()
    assert await code(home, person.login, "wrong-password") == WRONG
