"""Server-sent events by the protocol graphql-sse, with a connection for each operation.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from transport.disconnect import CancelledOnDisconnect
from transport.headers import request_id_header
from transport.responses import NOSNIFF
from transport.routes import Streamed
from transport.subscriptions import stream_errors
from transport.upgrade import connection_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from transport.request import OperationRequest
    from transport.subscriptions import Subscriptions

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    NOSNIFF,
]
_COMMENT: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata: \n\n"


class EventResponse(Response):
    """A result as events that are sent at once."""

    error_code: str | None = None


def as_events(response: Response) -> Response:
    """The same result as events: that of a query or mutation, or its errors."""
    headers = {name.decode(): value.decode() for name, value in _HEADERS}
    events = EventResponse(_next(bytes(response.body)) + _COMPLETE, headers=headers)
    events.error_code = getattr(response, "error_code", None)
    return events


def _next(result: bytes) -> bytes:
    # An event ends with an empty line. JSON holds none: orjson writes no line breaks.
    return b"event: next\ndata: %b\n\n" % result


class EventStream(Streamed):
    """The answer to a subscription."""

    def __init__(self, subscriptions: Subscriptions[Any], operation: OperationRequest) -> None:
        self._subscriptions = subscriptions
        self._operation = operation

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*_HEADERS, request_id_header(scope)]
        connection = connection_of(scope)
        if connection is not None:
            connection.begin_stream()
        with contextlib.suppress(ClientDisconnect):
            async with CancelledOnDisconnect(receive):
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await self._send_events(scope, send)
                await send({"type": "http.response.body", "body": _COMPLETE})

    async def _send_events(self, scope: Scope, send: Send) -> None:
        async def write(data: bytes) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": True})

        subscriptions = self._subscriptions
        keep_alive = asyncio.create_task(_comment(write, subscriptions.keep_alive_s))
        try:
            async with aclosing(subscriptions.results(scope, self._operation)) as results:
                async for result in results:
                    await write(_next(result))
        except Exception as error:  # noqa: BLE001 - it is worded; a bug is logged there
            await write(_next(orjson.dumps({"errors": stream_errors(error, scope)})))
        finally:
            keep_alive.cancel()


async def _comment(write: Callable[[bytes], Awaitable[None]], pause_s: float) -> None:
    # Beside the results, not between them: a generator belongs to the task that began it.
    while True:
        await asyncio.sleep(pause_s)
        await write(_COMMENT)
