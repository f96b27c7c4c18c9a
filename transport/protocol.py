"""Reading of HTTP/1.1 requests, on top of uvicorn's protocol, with limits on bytes and time."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Collection
from functools import partial
from typing import Any, Final

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from transport.connection import BODY, HEAD, IDLE, BoundedConnection
from transport.connections import SMALL_BODY_BYTES, Connections, ReadingBounds
from transport.errors import HttpError, overloaded
from transport.origins import Origins
from transport.unchunked import Unchunked
from transport.upgrade import CONNECTION

_MALFORMED: Final = "The request is not valid HTTP/1.1"


def protocol_of(
    bounds: ReadingBounds, allowed_origins: Collection[str] = ()
) -> Any:  # Any: uvicorn expects a class
    """Make the HTTP protocol of one process. Its connections share one register."""
    origins = Origins(allowed_origins) if allowed_origins else None
    return partial(BoundedProtocol, connections=Connections(bounds), origins=origins)


class BoundedProtocol(BoundedConnection):
    """Uvicorn's protocol, but a request is started only when all of it has arrived.

    See docs/decisions/0032-reading-is-bounded.md. A request whose body is too long is started with
    what has arrived of it, so that the edge refuses it.
    """

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            return
        reading, cycle = self._reading, self.cycle
        self._arrived = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._await_upgrade(has_more=upgrade.args[0] < len(data))
        except httptools.HttpParserError:
            self._refuse_unparsed()
        else:
            if self.cycle is cycle and self._reading is reading:
                self._check_overhead()

    def _await_upgrade(self, *, has_more: bool) -> None:
        """Read no more until the application has taken up another protocol, or answered in HTTP."""
        self._refusal = HttpError(400, _MALFORMED)
        self.flow.pause_reading()
        if has_more:
            # A client must not speak another protocol before it was agreed on.
            self._is_upgradable = False

    def _refuse_unparsed(self) -> None:
        self._refuse(self._refusal or HttpError(400, _MALFORMED))

    def _check_overhead(self) -> None:
        """Limit what the parser reads without a callback: half a header, extensions of chunks."""
        self._fed += self._arrived
        if self._reading is HEAD:
            if self._fed > self._bounds.head_bytes:
                self._refuse(self._head_too_large())
        elif (
            self._reading is BODY
            and not self._is_begun
            and self._fed > 2 * len(self.cycle.body) + self._bounds.head_bytes
        ):
            self._refuse(HttpError(400, "The body's chunks are mostly overhead"))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_received = True
        self._reading = HEAD
        self.since = self._register.now
        self._fed = self._trailers = self._discarded = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        headers = self.headers
        if self._reading is BODY:
            # A trailer. Uvicorn would add it to the headers, which have been checked already.
            self._trailers += 1
            if self._trailers > self._bounds.headers:
                self._stop(self._head_too_large())
            return
        if len(headers) >= self._bounds.headers:
            self._stop(self._head_too_large())
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._fed + self._arrived > self._bounds.head_bytes:
            self._check_head_size()
        parser, scope, url = self.parser, self.scope, httptools.parse_url(self.url)
        http_version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        scope["http_version"] = http_version
        raw_path = url.path
        path = raw_path.decode("ascii")
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = url.query or b""
        scope[CONNECTION] = self  # type: ignore[typeddict-unknown-key] # ours, as ASGI allows
        make_cycle = Unchunked if http_version == "1.0" else RequestResponseCycle
        self.cycle = make_cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,  # this class reads the body, so it sends the 100
            keep_alive=http_version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        self._reading = BODY
        self._is_begun = False
        self._fed = 0
        self.since = self._register.now
        if parser.should_upgrade():
            self._refuse_body_of_upgrade()
            self.cycle.keep_alive = False
            self._is_upgradable = True
        if self.expect_100_continue:
            self._continue()

    def _check_head_size(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self._bounds.head_bytes:
            self._stop(self._head_too_large())

    def _refuse_body_of_upgrade(self) -> None:
        """The parser takes the body of an upgrade request for bytes of the other protocol."""
        if any(name in {b"content-length", b"transfer-encoding"} for name, _ in self.headers):
            self._stop(HttpError(400, "A request to change the protocol cannot have a body"))

    def _continue(self) -> None:
        """Send 100 Continue to a client that waits for it, unless its body is too long."""
        lengths = [value for name, value in self.headers if name == b"content-length"]
        if lengths and int(lengths[0][:20]) > self._bounds.body_bytes:
            self._begin()
        elif self._active is None:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if cycle.response_complete:
            self._discarded += len(body)
            if self._discarded > self._bounds.unread_body_bytes:
                self.transport.close()
            return
        cycle.body += body
        if len(cycle.body) > SMALL_BODY_BYTES:
            self._count_body(len(body))

    def _count_body(self, size: int) -> None:
        if self._is_begun:
            if len(self.cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            self.cycle.message_event.set()
            return
        self._charged[self.cycle] = self._charged.get(self.cycle, 0) + size
        self._register.body_bytes += size
        if len(self.cycle.body) > self._bounds.body_bytes:
            self._begin()
        elif self._register.body_bytes > self._bounds.body_bytes_in_all:
            self._stop(overloaded())

    def on_message_complete(self) -> None:
        self._reading = IDLE
        self.cycle.more_body = False
        if self._is_begun:
            self.cycle.message_event.set()
        else:
            self._begin()

    def _head_too_large(self) -> HttpError:
        bounds = self._bounds
        return HttpError(
            431, f"More than {bounds.headers} headers, or {bounds.head_bytes} bytes of headers"
        )
