"""The npm clients graphql-ws and graphql-sse subscribe, as their users do."""

import os
import signal
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from tests.serving.process import eventually
from tests.serving.reading import Served
from tests.subscriptions.npm_clients import PACKAGES, NpmClient
from tests.subscriptions.serving import COUNT, FAKE, state
from transport.connections import ReadingBounds

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", PACKAGES)]

FAILS: Final = "subscription ($how: String!) { fails(how: $how) }"
COMPLETE: Final = {"complete": True}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def served(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(ReadingBounds(), FAKE) as served:
        yield served


def counted(*numbers: int) -> list[dict[str, object]]:
    return [{"next": {"data": {"count": number}}} for number in numbers]


async def events(served: Served, kind: str, query: str, **more: object) -> list[dict[str, Any]]:
    async with NpmClient.start(kind, served.port, query, **more) as client:
        return [event for event in await client.all() if "closed" not in event]


def split(said: list[dict[str, Any]], kind: str) -> tuple[list[object], list[dict[str, Any]]]:
    """The results and the errors with which a subscription ended, as each protocol carries them."""
    if kind == "ws":
        *results, end = said
        return [result["next"]["data"] for result in results], end["error"]
    *results, end, complete = said
    assert complete == COMPLETE
    return [result["next"]["data"] for result in results], end["next"]["errors"]


async def test_each_result_arrives_and_then_the_end(served: Served, kind: str) -> None:
    said = await events(served, kind, COUNT, variables={"to": 3})
    assert said == [*counted(1, 2, 3), COMPLETE]


async def test_the_token_and_the_language_reach_the_subscription(served: Served, kind: str) -> None:
    query = "subscription { whoami }"
    said = await events(served, kind, query, token="li", language="zh-CN")
    assert said == [{"next": {"data": {"whoami": "li zh-CN"}}}, COMPLETE]


@pytest.mark.parametrize(
    ("how", "results", "code", "message"),
    [
        ("refused", 0, "FORBIDDEN", "Not yours"),
        ("overloaded", 0, "OVERLOADED", "服务器繁忙, 请稍后重试"),
        ("ended", 1, "CURSOR_EXPIRED", "The cursor is too old"),
        ("bug", 1, "INTERNAL", "内部错误"),
    ],
)
async def test_a_subscription_that_ends_early_says_why(
    served: Served, kind: str, how: str, results: int, code: str, message: str
) -> None:
    said = await events(served, kind, FAILS, variables={"how": how}, language="zh-CN")
    data, [error] = split(said, kind)
    assert len(data) == results
    assert (error["extensions"]["code"], error["message"]) == (code, message)
    assert "password" not in str(said)


async def test_a_bad_token_is_refused_by_the_code_of_other_requests(
    served: Served, kind: str
) -> None:
    _, [error] = split(await events(served, kind, COUNT, variables={"to": 1}, token="bad"), kind)
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_event_may_have_an_error_and_data(served: Served, kind: str) -> None:
    first, complete = await events(served, kind, FAILS, variables={"how": "partly"})
    assert complete == COMPLETE
    assert first["next"]["data"] == {"fails": None}
    assert first["next"]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("query", ["{ hello }", "mutation { touch }"])
async def test_a_query_gets_one_event_but_not_over_a_web_socket(
    served: Served, kind: str, query: str
) -> None:
    said = await events(served, kind, query)
    if kind == "ws":
        assert split(said, kind)[1][0]["extensions"]["code"] == "SUBSCRIPTION_ONLY"
    else:
        assert [next(iter(event)) for event in said] == ["next", "complete"]
        assert "errors" not in said[0]["next"]


@pytest.mark.parametrize("query", ["subscription { nothing }", "subscription {", "{ nothing }"])
async def test_a_document_with_errors_is_refused_with_them(
    served: Served, kind: str, query: str
) -> None:
    _, errors = split(await events(served, kind, query), kind)
    assert errors[0]["extensions"]["code"] in {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}


@pytest.mark.parametrize("leaves", ["unsubscribes", "dies"])
async def test_a_client_that_leaves_ends_its_subscription(
    served: Served, kind: str, leaves: str
) -> None:
    before = await state(served)
    variables = {"to": 1_000_000, "pause": 0.01}
    take = {"take": 2} if leaves == "unsubscribes" else {}
    async with NpmClient.start(kind, served.port, COUNT, variables=variables, **take) as client:
        assert [await client.event() for _ in range(2)] == counted(1, 2)
        if leaves == "dies":
            client.process.kill()
        await client.process.wait()
        after = await state(served)
        while after["ended"] == before["ended"]:
            after = await state(served)
    assert (after["open"], after["seats"]) == (before["open"], before["seats"]) == (0, 0)


async def test_a_server_that_stops_lets_go_of_its_clients_and_they_come_back(kind: str) -> None:
    variables = {"to": 1_000_000, "pause": 0.01}
    async with (
        Served.start(ReadingBounds(), FAKE) as first,
        NpmClient.start(kind, first.port, COUNT, variables=variables, retries=1000) as client,
    ):
        assert await client.event() == counted(1)[0]
        os.kill(first.process.pid, signal.SIGTERM)
        await eventually(lambda: first.process.returncode is not None)
        assert not any("Cancel" in line or "Traceback" in line for line in first.said)
        async with Served.start(ReadingBounds(), FAKE, port=first.port):
            said = [await client.event()]
            while said[-1] != counted(1)[0]:  # the new process counts from the start
                said.append(await client.event())
    closed = [event for event in said if event.get("closed") == 1012]
    assert len(closed) == (kind == "ws")
