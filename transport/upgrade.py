"""What an HTTP connection offers to an answer that outlives its request, by way of the scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Scope

    from transport.websocket import WebSocket

CONNECTION: Final = "aftersales.connection"
"""The key of the connection in the scope. Only our own protocol sets it."""


class HttpConnection(Protocol):
    """The connection that a request came by."""

    tasks: set[asyncio.Task[None]]
    """What the server waits for when it stops."""

    @property
    def is_upgradable(self) -> bool:
        """Whether the request offers to change the protocol."""

    def begin_stream(self) -> None:
        """Expect an answer that has no foreseeable end."""

    def become(self, websocket: WebSocket, headers: list[tuple[bytes, bytes]]) -> None:
        """Answer 101 with these headers, and leave the connection to the WebSocket."""


def connection_of(scope: Scope) -> HttpConnection | None:
    connection: HttpConnection | None = scope.get(CONNECTION)
    return connection
