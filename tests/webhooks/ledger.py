"""A receiver that keeps what it received, and answers each message as a test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.webhooks.receiver import Received, Writer, _read, answer_of


@dataclass(frozen=True)
class Message:
    """A message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def content(self) -> Any:  # Any: JSON
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.content["data"]

    @property
    def place(self) -> tuple[str, int]:
        """The order and the sequence of the event."""
        return self.data["serviceOrderId"], self.data["sequence"]


Answering = Callable[[Message], Awaitable[bytes] | bytes]
OK = answer_of(200, b"ok")


def accept(_message: Message) -> bytes:
    return OK


@dataclass
class Ledger:
    """A server on this machine. ``answer`` can be changed while it runs."""

    answer: Answering = accept
    port: int = 0
    messages: list[Message] = field(default_factory=list)
    """In the order in which they arrived."""
    most_at_once: int = 0
    _now: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def to(self, path: str) -> Sequence[Message]:
        return [message for message in self.messages if message.path == path]

    @property
    def places(self) -> list[tuple[str, int]]:
        return [message.place for message in self.messages]

    @classmethod
    @asynccontextmanager
    async def open(cls, answer: Answering = accept) -> AsyncIterator["Ledger"]:
        ledger = cls(answer)
        server = await asyncio.start_server(ledger._connected, "127.0.0.1", 0)
        ledger.port = server.sockets[0].getsockname()[1]
        try:
            yield ledger
        finally:
            for task in ledger._tasks:
                task.cancel()
            await asyncio.gather(*ledger._tasks, return_exceptions=True)
            server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                received: Received = await _read(reader)
                path = received.line.split(" ")[1]
                message = Message(path, received.headers, received.body)
                self.messages.append(message)
                answer = self.answer(message)
                writer.write(answer if isinstance(answer, bytes) else await answer)
                await writer.drain()
        finally:
            self._now -= 1
            self._tasks.discard(task)
            writer.close()
