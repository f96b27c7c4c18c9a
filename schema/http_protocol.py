"""HTTP/1.1 on a connection, on top of uvicorn's protocol: reading is bounded in bytes and time."""

from __future__ import annotations

import asyncio
import urllib.parse
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from schema.http_connections import SMALL_BODY_BYTES, Connections, ReadingBounds, network_of
from schema.http_edge import Refused, overloaded, refusal_response, signature

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

_IDLE: Final = "between two requests"
_HEAD: Final = "in the request line or the headers"
_BODY: Final = "in the body"

_MALFORMED: Final = "The request is not valid HTTP/1.1"
_SLOW: Final = "The request took too long to arrive"


def protocol_of(bounds: ReadingBounds) -> Any:  # uvicorn calls for a class
    """Make the HTTP protocol of one process, whose connections are counted together."""
    return partial(BoundedProtocol, connections=Connections(bounds))


class _Stopped(Exception):
    """Thrown through the parser to make it stop."""


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which starts a request only when all of it has arrived.

    See docs/decisions/0032-reading-is-bounded.md. A body that is too long is handed over as far as
    it came: the edge refuses it in its own words.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # Any: uvicorn's own type
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        connections: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.since = connections.now
        self._register = connections
        self._bounds = connections.bounds
        self._network: str | None = None
        self._reading = _HEAD
        self._active: RequestResponseCycle | None = None
        """The request that is being answered; `cycle` is the one that arrived last."""
        self._is_asked = False
        """Whether anything has arrived."""
        self._is_begun = False
        """Whether `cycle` was handed to the application, or queued for it."""
        self._fed = 0
        """Bytes of the message that is being read."""
        self._arrived = 0
        """Bytes of the piece that is being parsed."""
        self._trailers = 0
        self._discarded = 0
        self._charged = 0
        """What this connection has added to the register's `body_bytes`."""
        self._stalled_at = 0.0
        self._refusal: Refused | None = None
        """Why no more is read."""

    # Connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's
        super().connection_made(transport)
        self._network = network_of(self.client[0]) if self.client else None
        if not self._register.admit(self, self._network):
            self._refuse(overloaded())

    def connection_lost(self, exc: Exception | None) -> None:
        self._register.leave(self, self._network)
        self._release()
        for cycle in (self._active, *(queued for queued, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    @property
    def waits(self) -> bool:
        """Whether nothing is being done for this connection."""
        return self._active is None and not self.transport.is_closing()

    def give_way(self) -> None:
        """Close this connection, which waits, in favour of a new one."""
        self._register.leave(self, self._network)
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # its client does not read: `close` would wait for it
        elif self._reading is _IDLE or not self._is_asked:
            self.transport.close()
        else:
            self._refuse(overloaded())

    def check(self, now: float) -> None:
        """Close this connection if it has used up its time."""
        waited, bounds = now - self.since, self._bounds
        if self.transport.is_closing():
            if waited >= bounds.unread_s:
                self.transport.abort()
        elif self._active is not None:
            if self.flow.write_paused and now - self._stalled_at >= bounds.unread_s:
                self.transport.abort()
        elif self._reading is _IDLE or (self._reading is _BODY and self.cycle.response_complete):
            if waited >= bounds.idle_s:
                self.transport.close()
        elif self._reading is _HEAD:
            if waited >= bounds.head_s:
                self._refuse_slow()
        elif waited >= bounds.body_s or len(self.cycle.body) < bounds.body_rate * (
            waited - bounds.body_grace_s
        ):
            self._refuse_slow()

    def _refuse_slow(self) -> None:
        if self._is_asked:
            self._refuse(Refused(408, _SLOW))
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        self._stalled_at = self._register.now
        super().pause_writing()

    # What arrives

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        reading, cycle = self._reading, self.cycle
        self._arrived = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Another protocol is offered, and not taken up: `on_headers_complete` has seen to it.
            self._refusal = Refused(400, _MALFORMED)
        except httptools.HttpParserError:
            self._refuse_unparsed()
        else:
            if self.cycle is cycle and self._reading is reading:
                self._demand_bounded()

    def _refuse_unparsed(self) -> None:
        self._refuse(self._refusal or Refused(400, _MALFORMED))

    def _demand_bounded(self) -> None:
        """Bound what the parser swallows without a word: half a header, extensions of chunks."""
        self._fed += self._arrived
        if self._reading is _HEAD:
            if self._fed > self._bounds.head_bytes:
                self._refuse(self._too_long_head())
        elif (
            self._reading is _BODY
            and not self._is_begun
            and self._fed > 2 * len(self.cycle.body) + self._bounds.head_bytes
        ):
            self._refuse(Refused(400, "The body's chunks are mostly overhead"))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_asked = True
        self._reading = _HEAD
        self.since = self._register.now
        self._fed = self._trailers = self._discarded = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        headers = self.headers
        if self._reading is _BODY:
            # A trailer. Uvicorn would put it among the headers, which have been checked already.
            self._trailers += 1
            if self._trailers > self._bounds.headers:
                self._stop(self._too_long_head())
            return
        if len(headers) >= self._bounds.headers:
            self._stop(self._too_long_head())
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._fed + self._arrived > self._bounds.head_bytes:
            self._demand_short_head()
        parser, scope, url = self.parser, self.scope, httptools.parse_url(self.url)
        http_version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        scope["http_version"] = http_version
        raw_path = url.path
        path = raw_path.decode("ascii")
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = url.query or b""
        self.cycle = RequestResponseCycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,  # the body is read here, so it is asked for here
            keep_alive=http_version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        self._reading = _BODY
        self._is_begun = False
        self._fed = 0
        self.since = self._register.now
        if parser.should_upgrade():
            self._demand_no_body()
            self.cycle.keep_alive = False
        if self.expect_100_continue:
            self._continue()

    def _demand_short_head(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self._bounds.head_bytes:
            self._stop(self._too_long_head())

    def _demand_no_body(self) -> None:
        """The parser takes the body of a request to change the protocol for the other protocol."""
        if any(name in {b"content-length", b"transfer-encoding"} for name, _ in self.headers):
            self._stop(Refused(400, "A request to change the protocol cannot have a body"))

    def _continue(self) -> None:
        """Ask for the body of a client that waits to be asked, if it is not too long."""
        [*lengths] = (value for name, value in self.headers if name == b"content-length")
        if lengths and int(lengths[0][:20]) > self._bounds.body_bytes:
            self._begin()
        elif self._active is None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if cycle.response_complete:
            self._discarded += len(body)
            if self._discarded > self._bounds.body_bytes:
                self.transport.close()
            return
        cycle.body += body
        if len(cycle.body) > SMALL_BODY_BYTES:
            self._hold(len(body))

    def _hold(self, more: int) -> None:
        if self._is_begun:
            if len(self.cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            self.cycle.message_event.set()
            return
        self._charged += more
        self._register.body_bytes += more
        if len(self.cycle.body) > self._bounds.body_bytes:
            self._begin()
        elif self._register.body_bytes > self._bounds.body_bytes_in_all:
            self._stop(overloaded())

    def _release(self) -> None:
        self._register.body_bytes -= self._charged
        self._charged = 0

    def on_message_complete(self) -> None:
        self._reading = _IDLE
        self.cycle.more_body = False
        if self._is_begun:
            self.cycle.message_event.set()
        else:
            self._begin()

    # What is answered

    def _begin(self) -> None:
        """Hand the request that has arrived to the application, after those before it."""
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
        if self._charged:
            self._release()
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._active, app = self.pipeline.pop()
            self._start_asgi_task(self._active, app)
        else:
            self._active = None
            self.flow.resume_reading()

    def _stop(self, refused: Refused) -> None:
        """Refuse the message, from inside a callback of the parser."""
        self._refusal = refused
        raise _Stopped

    def _too_long_head(self) -> Refused:
        bounds = self._bounds
        return Refused(
            431, f"The headers are more than {bounds.headers}, or {bounds.head_bytes} bytes"
        )

    def _refuse(self, refused: Refused) -> None:
        """Refuse what is being read, and close: where it ends, and the next begins, is unknown."""
        self._refusal = refused
        self._register.count_refused(refused.status)
        last = self.pipeline[0][0] if self.pipeline else self._active
        if last is not None:
            # Those before it are answered first; the connection closes with the last of them.
            last.keep_alive = False
            self.flow.pause_reading()
            return
        response = refusal_response(refused)
        headers = [
            *self.server_state.default_headers,
            *response.raw_headers,
            signature({"headers": []}),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[refused.status] + head + b"\r\n" + response.body)
        self.transport.close()
