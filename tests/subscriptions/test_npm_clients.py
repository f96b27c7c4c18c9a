"""The npm clients graphql-ws and graphql-sse subscribe, as their users do."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from tests.serving.reading import Served
from tests.subscriptions.npm_clients import PACKAGES, NpmClient
from transport.connections import ReadingBounds

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", PACKAGES)]

FAKE: Final = "tests.subscriptions.fake_server"
COUNT: Final = "subscription ($to: Int!, $pause: Float) { count(to: $to, pause: $pause) }"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def served(anyio_backend: str) -> AsyncIterator[Served]:
    async with Served.start(ReadingBounds(), FAKE) as served:
        yield served


def counted(*numbers: int) -> list[dict[str, object]]:
    return [{"next": {"data": {"count": number}}} for number in numbers]


async def events(served: Served, kind: str, query: str, **more: object) -> list[dict[str, object]]:
    async with NpmClient.start(kind, served.port, query, **more) as client:
        return [event for event in await client.all() if "closed" not in event]


async def test_each_result_arrives_and_then_the_end(served: Served, kind: str) -> None:
    said = await events(served, kind, COUNT, variables={"to": 3})
    assert said == [*counted(1, 2, 3), {"complete": True}]
