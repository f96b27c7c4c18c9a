"""The opening handshake of a WebSocket, and whose pages may open one."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from websockets.utils import accept_key

from transport.errors import HttpError
from transport.graphql_transport_ws import BAD_SUBPROTOCOL, GraphQLSocket
from transport.headers import header, headers_of, request_id_header
from transport.routes import Streamed
from transport.upgrade import CONNECTION, HttpConnection, connection_of
from transport.websocket import WebSocket

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import Receive, Scope, Send

    from transport.subscriptions import Subscriptions

SUBPROTOCOL: Final = "graphql-transport-ws"
_VERSION: Final = "13"
_KEY_BYTES: Final = 16
_KEPT: Final = ("type", "scheme", "method", "path", "query_string", "client", "headers")


def asks_for_websocket(scope: Scope) -> bool:
    connection = connection_of(scope)
    if connection is None or not connection.is_upgradable or scope["method"] != "GET":
        return False
    return "websocket" in _tokens(header(scope, b"upgrade").lower())


def check_handshake(scope: Scope, public_url: str, allowed: Collection[str] = ()) -> None:
    """Raises HttpError: 400, 403 or 426."""
    if header(scope, b"sec-websocket-version").strip() != _VERSION:
        message = "The server speaks version 13 of WebSocket"
        raise HttpError(
            426, message, headers={"Sec-WebSocket-Version": _VERSION, "Upgrade": "websocket"}
        )
    try:
        key = base64.b64decode(headers_of(scope).get(b"sec-websocket-key", b""), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES or scope["http_version"] != "1.1":
        raise HttpError(400, "The request to open a WebSocket is not valid")
    check_origin(scope, public_url, allowed)


def check_origin(scope: Scope, public_url: str, allowed: Collection[str] = ()) -> None:
    """Allow our own pages, allowed ones, and clients that are no browser: those send no `Origin`.

    A browser opens a WebSocket to any server for any page, without asking that server first.

    Raises:
        HttpError: 403.
    """
    origin = headers_of(scope).get(b"origin")
    if origin is None:
        return
    text = origin.decode("latin-1").lower()
    own = urlsplit(public_url.lower())
    if text == f"{own.scheme}://{own.netloc}" or text in allowed:
        return
    scheme, _, host = text.partition("://")
    if scheme in {"http", "https"} and host and host == header(scope, b"host").lower():
        return
    raise HttpError(403, "Pages of this origin cannot open a WebSocket here")


def offers_subprotocol(scope: Scope) -> bool:
    return SUBPROTOCOL in _tokens(header(scope, b"sec-websocket-protocol"))


def handshake_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers of the answer to a handshake that was checked."""
    key = header(scope, b"sec-websocket-key")
    headers = [
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-accept", accept_key(key).encode()),
    ]
    if offers_subprotocol(scope):
        headers.append((b"sec-websocket-protocol", SUBPROTOCOL.encode()))
    return headers


class Opening(Streamed):
    """The answer to a handshake: a WebSocket that carries subscriptions."""

    def __init__(self, subscriptions: Subscriptions[Any]) -> None:
        self._subscriptions = subscriptions

    async def run(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        connection: HttpConnection = scope[CONNECTION]
        # Not the scope itself: it refers to the HTTP connection, whose memory can be released.
        kept = {name: scope[name] for name in _KEPT}
        websocket = WebSocket(
            self._subscriptions.socket_bounds,
            lambda socket: GraphQLSocket(socket, kept, self._subscriptions, connection.tasks),
        )
        connection.become(websocket, [*handshake_headers(scope), request_id_header(scope)])
        if not offers_subprotocol(scope):
            websocket.close(BAD_SUBPROTOCOL, f"The subprotocol must be {SUBPROTOCOL}")


def _tokens(value: str) -> list[str]:
    return [token.strip() for token in value.split(",")]
