"""Headers that each answer of the server carries, also those that no application gave."""

import asyncio

import pytest

from tests.serving.process import Command

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seconds", [0, 31_536_000])
async def test_hsts_is_said_with_every_answer_where_it_is_set(
    database_url: str, seconds: int
) -> None:
    async with Command.start(
        "serve", "--port", "PORT", database_url=database_url, hsts_seconds=str(seconds)
    ) as command:
        await command.ready()
        for request in (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", b"NONSENSE\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", command.port)
            writer.write(request)
            answer = (await reader.read()).lower()
            writer.close()
            said = b"strict-transport-security: max-age=31536000\r\n" in answer
            assert said == bool(seconds)
            assert b"x-content-type-options: nosniff\r\n" in answer
            assert b"content-type: application/json" in answer
