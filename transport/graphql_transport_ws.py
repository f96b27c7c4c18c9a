"""The protocol `graphql-transport-ws`: subscriptions over a WebSocket.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from transport.errors import HttpError
from transport.headers import headers_of, with_headers, without_request_id
from transport.language import request_language
from transport.request import OperationRequest, operation_from
from transport.stream_limits import TOO_MANY_SUBSCRIPTIONS, too_many
from transport.subscriptions import Subscriptions, stream_error, stream_errors

if TYPE_CHECKING:
    from starlette.types import Scope

MAX_ID_CHARACTERS: Final = 64

BAD_REQUEST: Final = 4400
UNAUTHORIZED: Final = 4401
BAD_SUBPROTOCOL: Final = 4406
SUBSCRIBER_EXISTS: Final = 4409
TOO_MANY_INITIALISATIONS: Final = 4429

SUBSCRIPTION_ONLY: Final = "SUBSCRIPTION_ONLY"
_SUBSCRIPTION_ONLY: Final = "A WebSocket carries subscriptions alone: send this operation over HTTP"

_ACK: Final = b'{"type":"connection_ack"}'
_HEADERS_OF_INIT: Final = {"authorization": b"authorization", "acceptLanguage": b"accept-language"}


class Socket(Protocol):
    """The connection, as far as the protocol needs it."""

    def send(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


class BadMessage(Exception):
    """A message is not one of the protocol."""


class GraphQLSocket:
    """The conversation over one WebSocket."""

    def __init__(
        self,
        socket: Socket,
        scope: Scope,
        subscriptions: Subscriptions[Any],
        tasks: set[asyncio.Task[None]],
    ) -> None:
        """``tasks``: where the server keeps what it waits for when it stops."""
        self.is_initialised = False
        self._socket = socket
        self._scope = scope
        self._subscriptions = subscriptions
        self._tasks = tasks
        self._streams: dict[str, asyncio.Task[None]] = {}

    @property
    def waits(self) -> bool:
        return not self._streams

    def on_message(self, data: bytes) -> None:
        try:
            self._answer(_read(data))
        except BadMessage as bad:
            self._socket.close(BAD_REQUEST, str(bad))

    def on_end(self) -> None:
        for stream in self._streams.values():
            stream.cancel()
        self._streams.clear()

    def _answer(self, message: dict[str, object]) -> None:
        match message["type"]:
            case "connection_init":
                self._initialise(_payload(message))
            case "ping":
                pong = {"type": "pong", "payload": message.get("payload")}
                self._socket.send(orjson.dumps(pong if pong["payload"] else {"type": "pong"}))
            case "pong":
                pass
            case "subscribe":
                self._subscribe(_id(message), _payload(message))
            case "complete":
                stream = self._streams.pop(_id(message), None)
                if stream is not None:
                    stream.cancel()
            case _:
                raise BadMessage("The type of the message is not one of the protocol")

    def _initialise(self, payload: dict[str, object]) -> None:
        if self.is_initialised:
            self._socket.close(TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
            return
        headers = dict(headers_of(self._scope))
        for name, header in _HEADERS_OF_INIT.items():
            value = payload.get(name)
            if isinstance(value, str):
                headers[header] = value.encode("latin-1", "replace")
            elif value is not None:
                raise BadMessage(f"`{name}` must be a string")
        self._scope = with_headers(self._scope, headers)
        self.is_initialised = True
        self._socket.send(_ACK)

    def _subscribe(self, id_: str, payload: dict[str, object]) -> None:
        if not self.is_initialised:
            self._socket.close(UNAUTHORIZED, "Unauthorized")
            return
        if id_ in self._streams:
            self._socket.close(SUBSCRIBER_EXISTS, f"Subscriber for {id_} already exists")
            return
        most = self._subscriptions.socket_bounds.operations
        if len(self._streams) >= most:
            language = request_language(self._scope)
            error = stream_error(TOO_MANY_SUBSCRIPTIONS, too_many(most), language)
            self._send_error(id_, [error])
            return
        stream = asyncio.get_running_loop().create_task(self._run(id_, payload))
        self._streams[id_] = stream
        self._tasks.add(stream)
        stream.add_done_callback(self._tasks.discard)

    async def _run(self, id_: str, payload: dict[str, object]) -> None:
        subscriptions, socket = self._subscriptions, self._socket
        scope = without_request_id(self._scope)
        encoded_id = orjson.dumps(id_)
        begin = b'{"id":%b,"type":"next","payload":' % encoded_id
        try:
            operation = self._operation(payload)
            async with aclosing(subscriptions.results(scope, operation)) as results:
                async for result in results:
                    socket.send(b"%b%b}" % (begin, result))
                    await socket.drain()
            if self._forget(id_):
                socket.send(b'{"id":%b,"type":"complete"}' % encoded_id)
        except Exception as error:  # noqa: BLE001 - it is worded; a bug is logged there
            errors = stream_errors(error, scope)
            if self._forget(id_):
                self._send_error(id_, errors)

    def _operation(self, payload: dict[str, object]) -> OperationRequest:
        """Raises HttpError."""
        operation = operation_from(payload, self._subscriptions.documents)
        if self._subscriptions.is_subscription(operation) is False:
            raise HttpError(400, _SUBSCRIPTION_ONLY, code=SUBSCRIPTION_ONLY)
        return operation

    def _forget(self, id_: str) -> bool:
        """Whether the stream was still the client's: it may have ended it, and reused the id."""
        if self._streams.get(id_) is not asyncio.current_task():
            return False
        del self._streams[id_]
        return True

    def _send_error(self, id_: str, errors: list[dict[str, object]]) -> None:
        self._socket.send(orjson.dumps({"id": id_, "type": "error", "payload": errors}))


def _read(data: bytes) -> dict[str, object]:
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadMessage("The message is not valid JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise BadMessage("The message must be an object with a `type`")
    return message


def _id(message: dict[str, object]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not 1 <= len(id_) <= MAX_ID_CHARACTERS:
        raise BadMessage(f"`id` must be a string of 1 to {MAX_ID_CHARACTERS} characters")
    return id_


def _payload(message: dict[str, object]) -> dict[str, object]:
    payload = message.get("payload")
    if payload is None:
        payload = {}
    if not isinstance(payload, dict):
        raise BadMessage("`payload` must be an object")
    return payload
