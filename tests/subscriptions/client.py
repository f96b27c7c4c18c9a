"""A client of `graphql-transport-ws` in Python: several subscriptions over one connection."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

SUBPROTOCOL: Final = Subprotocol("graphql-transport-ws")


class Errors(Exception):
    """The server ended a subscription with errors, or refused it."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors

    @property
    def code(self) -> str:
        """The code of the first error."""
        return self.errors[0]["extensions"]["code"]


class Closed(Exception):
    """The connection was closed, with this code and reason; 1006 if it was cut."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Subscriber:
    """One connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._queues: dict[str, asyncio.Queue[dict[str, Any] | Closed]] = {}
        self._ids = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, url: str, token: str | None = None, language: str | None = None, **options: Any
    ) -> AsyncIterator[Self]:
        """Open a connection to `ws://…/graphql`, and initialise it.

        Raises Closed if the server does not acknowledge it. ``options`` are those of websockets.
        """
        async with connect(url, subprotocols=[SUBPROTOCOL], **options) as connection:
            subscriber = cls(connection)
            await subscriber._initialise(token, language)
            reading = asyncio.create_task(subscriber._read())
            try:
                yield subscriber
            finally:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading

    async def subscribe(
        self, query: str, variables: dict[str, Any] | None = None, **more: Any
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The results of a subscription. Leaving the loop ends it (use `aclosing`).

        Raises Errors or Closed when the server ends it.
        """
        id_ = str(next(self._ids))
        queue = self._queues[id_] = asyncio.Queue()
        payload = {"query": query, "variables": variables, **more}
        is_over = False
        try:
            await self.send({"id": id_, "type": "subscribe", "payload": payload})
            while True:
                message = await queue.get()
                if isinstance(message, Closed):
                    raise message
                is_over = message["type"] != "next"
                if message["type"] == "error":
                    raise Errors(message["payload"])
                if message["type"] == "complete":
                    return
                yield message["payload"]
        finally:
            del self._queues[id_]
            if not is_over:
                with contextlib.suppress(ConnectionClosed):
                    await self._connection.send(json.dumps({"id": id_, "type": "complete"}))

    async def send(self, message: dict[str, Any]) -> None:
        """Send any message. Raises Closed."""
        try:
            await self._connection.send(json.dumps(message))
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    def cut(self) -> None:
        """Break the connection without a word."""
        self._connection.transport.abort()

    async def _initialise(self, token: str | None, language: str | None) -> None:
        payload = {}
        if token is not None:
            payload["authorization"] = f"Bearer {token}"
        if language is not None:
            payload["acceptLanguage"] = language
        try:
            await self.send({"type": "connection_init", "payload": payload})
            message = json.loads(await self._connection.recv())
        except ConnectionClosed as closed:
            raise _closed(closed) from closed
        assert message == {"type": "connection_ack"}

    async def _read(self) -> None:
        try:
            async for text in self._connection:
                message = json.loads(text)
                if message["type"] == "ping":
                    await self._connection.send('{"type":"pong"}')
                elif queue := self._queues.get(message.get("id")):
                    queue.put_nowait(message)
            end = Closed(self._connection.close_code or 1006, self._connection.close_reason or "")
        except ConnectionClosed as closed:
            end = _closed(closed)
        for queue in self._queues.values():
            queue.put_nowait(end)


def _closed(closed: ConnectionClosed) -> Closed:
    close = closed.rcvd
    return Closed(close.code, close.reason) if close else Closed(1006, "")
