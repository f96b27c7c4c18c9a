"""A front end that follows the live queue, in a process."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.serving.process import PATIENCE_S, eventually

DRIVER = Path(__file__).with_name("follow.mjs")
RETRY_MS = 100


@dataclass
class Follower:
    """A process that runs `follow` of one of the page's programs, and what it was sent."""

    process: asyncio.subprocess.Process
    events: list[Any] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def start(cls, program: Path, **settings: object) -> AsyncIterator[Self]:
        process = await asyncio.create_subprocess_exec(
            *("node", DRIVER, program, json.dumps({"retryMs": RETRY_MS, **settings})),
            stdout=asyncio.subprocess.PIPE,
        )
        follower = cls(process)
        reading = asyncio.create_task(follower._read())
        try:
            yield follower
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            printed = json.loads(line)
            if "event" in printed:
                self.events.append(printed["event"])
            else:
                self.ends.append(printed["end"])

    @property
    def cursors(self) -> list[str]:
        return [event["cursor"] for event in self.events]

    async def has_seen(self, cursor: str) -> None:
        await eventually(lambda: cursor in self.cursors or bool(self.ends))
        assert self.ends == []

    async def end(self) -> str:
        """The code with which the stream ends."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.ends:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        return self.ends[0]
