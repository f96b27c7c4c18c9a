"""One connection: its admission, its time limits, its refusal and its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from auth.networks import network_of
from transport.connections import Connections
from transport.errors import HttpError, overloaded
from transport.headers import request_id_header
from transport.responses import error_response

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from transport.origins import Origins
    from transport.websocket import WebSocket

IDLE: Final = "between two requests"
HEAD: Final = "in the request line or the headers"
BODY: Final = "in the body"

_SLOW: Final = "The request took too long to arrive"


class Stopped(Exception):
    """Raised in a callback of the parser to stop it."""


class BoundedConnection(HttpToolsProtocol):
    """Uvicorn's protocol, with limits on the number of connections and on their time.

    `_reading` is the part of a request that is being read; `_active` is the request that is being
    answered. A connection can have both: a client may send a request before the last is answered.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # Any: uvicorn's own type
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        connections: Connections,
        origins: Origins | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.since = connections.now
        self._register = connections
        self._origins = origins
        self._bounds = connections.bounds
        self._network: str | None = None
        self._reading = HEAD
        self._active: RequestResponseCycle | None = None
        """The request that is being answered; `cycle` is the last one to arrive."""
        self._has_received = False
        """Whether any byte of a request has arrived."""
        self._is_begun = False
        """Whether `cycle` was handed to the application, or queued for it."""
        self._fed = 0
        """Bytes read of the current request."""
        self._arrived = 0
        """Bytes of the chunk that is being parsed."""
        self._trailers = 0
        self._discarded = 0
        self._charged: dict[RequestResponseCycle, int] = {}
        """The bytes that each request of this connection added to the register's `body_bytes`."""
        self._stalled_at = 0.0
        self._refusal: HttpError | None = None
        """The error that ended reading, if any."""
        self._is_streaming = False
        """Whether the answer to `_active` is an event stream."""
        self._is_upgradable = False
        """Whether `cycle` offers to change the protocol."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's
        super().connection_made(transport)
        self._network = network_of(self.client[0]) if self.client else None
        if not self._register.admit(self, self._network):
            self._refuse(overloaded())

    def connection_lost(self, exc: Exception | None) -> None:
        self._register.leave(self, self._network)
        for cycle in (self._active, *(queued for queued, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        for cycle in {self.cycle, *self._charged} - {None}:
            self._release(cycle)
        super().connection_lost(exc)

    @property
    def waits(self) -> bool:
        """Whether no request of this connection is being answered."""
        return self._active is None and not self.transport.is_closing()

    def give_way(self) -> None:
        """Close this waiting connection in favour of a new one."""
        self._register.leave(self, self._network)
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # the client does not read, and `close` would wait for it
        elif self._reading is IDLE or not self._has_received:
            self.transport.close()
        else:
            self._refuse(overloaded())

    def check(self, now: float) -> None:
        """Close this connection if its time is up."""
        waited, bounds = now - self.since, self._bounds
        patience = bounds.unread_stream_s if self._is_streaming else bounds.unread_s
        if self.transport.is_closing():
            if waited >= patience:
                self.transport.abort()
        elif self._active is not None:
            if self.flow.write_paused and now - self._stalled_at >= patience:
                self.transport.abort()
        elif self._reading is IDLE or (self._reading is BODY and self.cycle.response_complete):
            if waited >= (bounds.idle_s if self._reading is IDLE else bounds.body_s):
                self.transport.close()
        elif self._reading is HEAD:
            if waited >= bounds.head_s:
                self._refuse_slow()
        elif waited >= bounds.body_s or len(self.cycle.body) < bounds.body_rate * (
            waited - bounds.body_grace_s
        ):
            self._refuse_slow()

    def _refuse_slow(self) -> None:
        if self._has_received:
            self._refuse(HttpError(408, _SLOW))
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        self._stalled_at = self._register.now
        super().pause_writing()

    # What outlives a request

    def begin_stream(self) -> None:
        """Expect an answer that has no foreseeable end: it is cut off when the server stops."""
        self._is_streaming = True
        if self._register.is_stopping:
            self.transport.close()

    def shutdown(self) -> None:
        self._register.is_stopping = True
        if not self._is_streaming:
            super().shutdown()
        elif self.flow.write_paused:
            self.transport.abort()
        else:
            self.since = self._register.now
            self.transport.close()

    @property
    def is_upgradable(self) -> bool:
        return self._is_upgradable and self._active is self.cycle

    def become(self, websocket: WebSocket, headers: list[tuple[bytes, bytes]]) -> None:
        """Answer the request with 101, and leave the connection to a WebSocket."""
        cycle = self.cycle
        # Uvicorn must not answer it, and must tell the request's task that its client is gone.
        cycle.response_started = cycle.response_complete = True
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        head = b"".join(b"%b: %b\r\n" % h for h in (*self.server_state.default_headers, *headers))
        self.transport.write(STATUS_LINE[101] + head + b"\r\n")
        self._register.replace(self, websocket, self._network)
        self.connections.discard(self)
        self.transport.set_protocol(websocket)
        self.flow.resume_reading()
        websocket.take_over(
            self.transport,
            self._register,
            self.connections,
            network=self._network,
            is_paused=self.flow.write_paused,
        )

    # Requests

    def _begin(self) -> None:
        """Hand the request that has arrived to the application, after earlier ones."""
        cycle = self.cycle
        self._is_begun = True
        cycle.message_event.set()
        if self._active is None:
            self._active = cycle
            self._start_asgi_task(cycle, self.app)
            return
        self.flow.pause_reading()
        self.pipeline.appendleft((cycle, self.app))
        if len(self.pipeline) >= self._bounds.pipelined:
            self._stop(overloaded())

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self.since = self._register.now
        self._is_streaming = False
        if self._charged and self._active is not None:
            self._release(self._active)
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._active, app = self.pipeline.pop()
            self._start_asgi_task(self._active, app)
        else:
            self._active = None
            self.flow.resume_reading()

    def _release(self, cycle: RequestResponseCycle) -> None:
        """Release the memory of a request's body.

        A request and its connection refer to each other, and the garbage collector runs seldom.
        Without this, a body would stay in memory long after it was subtracted from the count.
        """
        self._register.body_bytes -= self._charged.pop(cycle, 0)
        cycle.body = bytearray()

    def _stop(self, error: HttpError) -> None:
        """Refuse the request, from inside a callback of the parser."""
        self._refusal = error
        raise Stopped

    def _refuse(self, error: HttpError) -> None:
        """Refuse the request that is being read, and close: its end in the stream is unknown."""
        self._refusal = error
        self._register.count_refused(error.status)
        last = self.pipeline[0][0] if self.pipeline else self._active
        if last is not None:
            # Earlier requests are answered first; the connection closes after the last of them.
            last.keep_alive = False
            self.flow.pause_reading()
            return
        response = error_response(error)
        # Of the headers that have arrived: a page can read the refusal if its `Origin` has.
        read = {"headers": self.headers or []}
        headers = [
            *self.server_state.default_headers,
            *response.raw_headers,
            request_id_header({"headers": []}),
            (b"connection", b"close"),
            *(self._origins.headers_for(read) if self._origins is not None else ()),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[error.status] + head + b"\r\n" + response.body)
        self.transport.close()
