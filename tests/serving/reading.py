"""A server process with bounds of one's own, and clients that write bytes as they please."""

import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from tests.ports import free_port
from tests.serving.process import PATIENCE_S
from transport.connections import ReadingBounds

ROOT: Final = Path(__file__).parents[2]
GET: Final = b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n"


def post(length: int, *more: str) -> bytes:
    """The head of a POST whose body is to have so many bytes."""
    lines = [
        "POST /graphql HTTP/1.1",
        "Host: desk",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a refusal, which is JSON whatever came."""
        assert self.headers["content-type"].startswith("application/json")
        assert self.headers["x-content-type-options"] == "nosniff"
        assert self.headers["x-request-id"]
        [error] = self.json["errors"]
        assert error["message"]
        return error["extensions"]["code"]


@dataclass
class Peer:
    """One connection, whose bytes a test writes itself."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> Answer | None:
        """The next answer, or None if the connection is closed without one."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                head = await self.reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            first, *lines = head.decode("latin-1").split("\r\n")[:-2]
            headers = {}
            for line in lines:
                name, _, value = line.partition(": ")
                headers[name.lower()] = value
            status = int(first.split()[1])
            length = int(headers.get("content-length", "0"))
            return Answer(status, headers, await self.reader.readexactly(length))

    async def refusal(self) -> Answer:
        answer = await self.answer()
        assert answer is not None
        return answer

    async def is_closed(self) -> bool:
        """Wait until the server has closed the connection."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(65_536):
                    pass
        return True


@dataclass
class Served:
    """A server process."""

    process: asyncio.subprocess.Process
    port: int
    said: list[str] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        bounds: ReadingBounds,
        module: str = "tests.serving.reading_server",
        port: int | None = None,
        **options: object,
    ) -> AsyncIterator[Self]:
        port = port or free_port()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            *(str(port), json.dumps(asdict(bounds)), *map(json.dumps, options.values())),
            cwd=ROOT,
            stderr=asyncio.subprocess.PIPE,
        )
        served = cls(process, port)
        reading = asyncio.create_task(served._listen())
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not any("Uvicorn running" in line for line in served.said):
                    assert process.returncode is None, served.said
                    await asyncio.sleep(0.05)
            yield served
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            await process.wait()
            await reading

    async def _listen(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.said.append(line.decode().rstrip())

    @asynccontextmanager
    async def peer(self, address: str = "127.0.0.1") -> AsyncIterator[Peer]:
        async with self.peers(1, address) as [peer]:
            yield peer

    @asynccontextmanager
    async def peers(self, number: int, address: str = "127.0.0.1") -> AsyncIterator[list[Peer]]:
        """So many connections from an address of the loopback network."""
        opened: list[Peer] = []
        try:
            for _ in range(number):
                pair = await asyncio.open_connection(
                    "127.0.0.1", self.port, local_addr=(address, 0)
                )
                opened.append(Peer(*pair))
            yield opened
        finally:
            for peer in opened:
                peer.writer.transport.abort()

    async def ask(self, data: bytes = GET, address: str = "127.0.0.1") -> Answer | None:
        async with self.peer(address) as peer:
            await peer.send(data)
            return await peer.answer()

    async def latency(self, times: int = 20) -> float:
        """The median seconds until `/healthz` is answered, each on a connection of its own."""
        took = []
        for _ in range(times):
            before = time.monotonic()
            answer = await self.ask(address="127.0.0.9")
            took.append(time.monotonic() - before)
            assert answer is not None
            assert answer.status == 200
        return statistics.median(took)

    @property
    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def processor_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
