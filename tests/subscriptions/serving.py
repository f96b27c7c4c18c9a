"""The server of these tests, and what it says of itself."""

import asyncio
import json
from typing import Any, Final

from tests.serving.process import PATIENCE_S
from tests.serving.reading import GET, Served

FAKE: Final = "tests.subscriptions.fake_server"
FRONT_END: Final = "https://front.example.com"
"""The other origin that the fake server allows."""
COUNT: Final = "subscription ($to: Int!, $pause: Float) { count(to: $to, pause: $pause) }"


async def state(served: Served) -> dict[str, Any]:
    """How many subscriptions are open, how many have ended, and how many seats are taken."""
    answer = await served.ask(GET, address="127.0.0.9")
    assert answer is not None
    return json.loads(answer.body)


async def until_open(served: Served, number: int) -> None:
    """Wait until so many subscriptions are open."""
    async with asyncio.timeout(PATIENCE_S):
        while (await state(served))["open"] != number:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
