"""Runs the npm clients, and reads what they print."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests import npm
from tests.serving.process import PATIENCE_S

HERE = Path(__file__).parent
PACKAGES = {"ws": "graphql-ws", "sse": "graphql-sse"}


@dataclass
class NpmClient:
    """A process that subscribes."""

    process: asyncio.subprocess.Process

    @classmethod
    @asynccontextmanager
    async def start(cls, kind: str, port: int, query: str, **more: object) -> AsyncIterator[Self]:
        npm.require(PACKAGES[kind], HERE)
        process = await asyncio.create_subprocess_exec(
            *("node", str(HERE / "clients.mjs"), kind, f"http://127.0.0.1:{port}/graphql"),
            json.dumps({"query": query, **more}),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield cls(process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def event(self) -> dict[str, Any]:
        """The next thing that happens to the client."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self.process.stdout.readline()
        assert line, "the client has ended"
        return json.loads(line)

    async def all(self) -> list[dict[str, Any]]:
        """Everything until the client has ended."""
        async with asyncio.timeout(PATIENCE_S):
            printed, _ = await self.process.communicate()
        return [json.loads(line) for line in printed.splitlines()]
