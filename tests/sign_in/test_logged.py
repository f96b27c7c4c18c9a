"""What the log says of failed sign-ins."""

import logging

import pytest

from tests.given import World
from tests.sign_in.signing import node

pytestmark = pytest.mark.anyio

PEER = "192.0.2.1"


@pytest.mark.parametrize(("proxies", "seen"), [(0, PEER), (1, "203.0.113.9")])
async def test_the_address_of_a_failed_sign_in_is_that_which_trusted_proxies_say(
    given: World, schema, caplog: pytest.LogCaptureFixture, proxies: int, seen: str
) -> None:
    async with node(given.parts, schema, trusted_proxies=proxies) as client:
        client.http.headers["x-forwarded-for"] = "198.51.100.1, 203.0.113.9"
        await client.do("signIn", login="nobody", password="wrong-password")
    [record] = [one for one in caplog.records if one.name == "aftersales.sign_in"]
    assert record.levelno == logging.WARNING
    assert record.getMessage().endswith(f"from {seen}")


async def test_the_log_names_the_account_and_no_login_and_no_password(
    given: World, schema, caplog: pytest.LogCaptureFixture
) -> None:
    person = await given.employee(await given.merchant(), login="somebody-s-own-name")
    async with node(given.parts, schema) as client:
        await client.do("signIn", login=person.login, password="wrong-password")
        for _ in range(2):
            await client.do("signIn", login="my-password-by-mistake", password="x-x-x-x-x")
        await client.do("signIn", login="another-mistake", password="x-x-x-x-x")
    known, *unknown = [
        one.getMessage() for one in caplog.records if one.name == "aftersales.sign_in"
    ]
    assert known == f"failed sign-in to account {person.id} from {PEER}"
    assert len(unknown) == 3
    assert unknown[0] == unknown[1] != unknown[2]
    for typed in (person.login, "wrong-password", "mistake", "x-x-x"):
        assert typed not in caplog.text
