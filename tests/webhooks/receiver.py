"""A receiver of webhooks that answers what a test says, byte by byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Writer = asyncio.StreamWriter
Answering = Callable[[Writer], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer_of(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer."""
    lines = {"content-length": str(len(body))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Answer\r\n{head}\r\n".encode() + body


@dataclass
class Receiver:
    """A server on this machine."""

    port: int = 0
    scheme: str = "http"
    reads: bool = True
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @classmethod
    @asynccontextmanager
    async def answering(
        cls, answer: bytes | Answering, tls: ssl.SSLContext | None = None, *, reads: bool = True
    ) -> AsyncIterator["Receiver"]:
        """Answer each request with these bytes, or by this function."""
        receiver = cls(scheme="https" if tls else "http", reads=reads)
        tasks = set[asyncio.Task[None]]()

        async def connected(reader: asyncio.StreamReader, writer: Writer) -> None:
            receiver.connections += 1
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await receiver._answer(answer, reader, writer)
            except asyncio.CancelledError:
                pass  # the end of the test; asyncio logs a task that ends with this
            finally:
                writer.transport.abort()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
        receiver.port = server.sockets[0].getsockname()[1]
        try:
            yield receiver
        finally:
            for task in tasks:
                task.cancel()
            server.close()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def wait_for_requests(self, number: int) -> None:
        while len(self.requests) < number:
            self._changed.clear()
            await self._changed.wait()

    async def _answer(
        self, answer: bytes | Answering, reader: asyncio.StreamReader, writer: Writer
    ) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if self.reads:
                self.requests.append(await _read(reader))
            self._changed.set()
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(line, headers, body)
