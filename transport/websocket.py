"""One WebSocket: its frames, its limits, its closing, and its place among the connections."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from websockets.frames import Frame, Opcode
from websockets.protocol import SEND_EOF, Side, State
from websockets.protocol import Protocol as Frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from transport.connections import Connections
    from transport.stream_limits import SocketBounds

GOING_AWAY: Final = 1012
"""The server stops: clients connect again, to another process."""
UNSUPPORTED: Final = 1003
TRY_AGAIN_LATER: Final = 1013
INIT_TIMEOUT: Final = 4408
SLOW_READER: Final = 4420
TOO_MANY_FRAMES: Final = 4429

_SLICE: Final = 4096
"""Bytes that are parsed before the frames in them are counted: one chunk from the network can hold
forty thousand empty frames."""

_log: Final = logging.getLogger("aftersales.websocket")
_log.setLevel(logging.WARNING)  # websockets logs the end of each connection at INFO


class Listener(Protocol):
    """What a WebSocket is for. It is told each message, and the end."""

    is_initialised: bool

    @property
    def waits(self) -> bool:
        """Whether closing the connection would lose nothing."""

    def on_message(self, data: bytes) -> None: ...

    def on_end(self) -> None:
        """The connection is closed, or is about to be: nothing more can be sent."""


class WebSocket(asyncio.Protocol):
    """The protocol of a connection after its handshake.

    Not uvicorn's: that one reads from a client that does not read, takes any number of pings and
    of empty frames, logs query strings, and keeps two copies of the request.
    """

    def __init__(self, bounds: SocketBounds, listen: Callable[[WebSocket], Listener]) -> None:
        self._bounds = bounds
        self._frames = Frames(Side.SERVER, max_size=bounds.message_bytes, logger=_log)
        self._parts: list[bytes] = []
        """The frames of a message that is not complete."""
        self._credit = float(bounds.burst)
        self._writable = asyncio.Event()
        self._paused_at: float | None = None
        self._closing_at: float | None = None
        self._pinged_at: float | None = None
        self._listener = listen(self)

    def take_over(
        self,
        transport: asyncio.Transport,
        register: Connections,
        siblings: set[Any],  # Any: uvicorn's protocols
        *,
        network: str | None,
        is_paused: bool,
    ) -> None:
        """Go on with a connection that spoke HTTP until now."""
        self._transport = transport
        self._network = network
        self._register = register
        self._siblings = siblings
        self.since = self._heard_at = register.now
        self._credited_at = time.monotonic()
        siblings.add(self)
        self._writable.set()
        if is_paused:
            self.pause_writing()
        if register.is_stopping:
            self.shutdown()

    # The register of connections

    @property
    def waits(self) -> bool:
        return self._listener.waits and not self._transport.is_closing()

    def give_way(self) -> None:
        self._register.leave(self, self._network)
        self.close(TRY_AGAIN_LATER, "OVERLOADED")
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # the client does not read, and `close` would wait for it
        else:
            self._transport.close()

    def check(self, now: float) -> None:
        """Close this connection if its time is up; ping a client that is silent."""
        bounds = self._bounds
        if self._closing_at is not None:
            if now - self._closing_at >= bounds.closing_s:
                self._transport.abort()
        elif self._paused_at is not None:
            if now - self._paused_at >= bounds.unread_s:
                self.close(SLOW_READER, "SLOW_READER")
        elif not self._listener.is_initialised and now - self.since >= bounds.init_s:
            self.close(INIT_TIMEOUT, "Connection initialisation timeout")
        elif self._pinged_at is not None:
            if now - self._pinged_at >= bounds.ping_s:
                self._transport.abort()
        elif now - self._heard_at >= bounds.ping_s:
            self._pinged_at = now
            self._frames.send_ping(b"")
            self._flush()

    def shutdown(self) -> None:
        """Uvicorn calls this when the server stops."""
        self.close(GOING_AWAY, "GOING_AWAY")
        if self._paused_at is not None:
            self._transport.abort()  # the client does not read: the server does not wait for it

    # Reading

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._register.now
        self._pinged_at = None
        if self._has_ended():
            return
        for start in range(0, len(data), _SLICE):
            self._frames.receive_data(data[start : start + _SLICE])
            for frame in self._frames.events_received():
                if isinstance(frame, Frame):
                    self._take(frame)
            self._flush()
            if self._has_ended():
                return

    def _take(self, frame: Frame) -> None:
        if self._has_ended() or frame.opcode is Opcode.CLOSE:
            return
        if not self._spend():
            # Not `close`, after which frames would still be parsed.
            self._frames.fail(TOO_MANY_FRAMES, "TOO_MANY_MESSAGES")
        elif self._frames.state is not State.OPEN:
            return
        elif frame.opcode is Opcode.BINARY:
            self.close(UNSUPPORTED, "A message must be text")
        elif frame.opcode in {Opcode.TEXT, Opcode.CONT}:
            self._parts.append(bytes(frame.data))
            if frame.fin:
                data = b"".join(self._parts)
                self._parts.clear()
                self._listener.on_message(data)

    def _has_ended(self) -> bool:
        """Whether nothing that the client sends matters any more."""
        return self._frames.eof_sent

    def _spend(self) -> bool:
        """Whether the client may send one frame more."""
        # Not the loop's time, which may stand still for several milliseconds.
        bounds, now = self._bounds, time.monotonic()
        earned = (now - self._credited_at) * bounds.frames_per_s
        self._credit = min(self._credit + earned, bounds.burst) - 1
        self._credited_at = now
        return self._credit >= 0

    # Writing

    def send(self, data: bytes) -> None:
        """Send a message, unless the connection is closing."""
        if self._frames.state is State.OPEN:
            self._frames.send_text(data)
            self._flush()

    async def drain(self) -> None:
        """Wait until the client has read enough of what was sent."""
        if self._paused_at is not None:
            await self._writable.wait()

    def pause_writing(self) -> None:
        self._paused_at = self._register.now
        self._writable.clear()
        # What is read is answered: a client that does not read must not be listened to.
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._paused_at = None
        self._writable.set()
        self._transport.resume_reading()

    def _flush(self) -> None:
        writes = self._frames.data_to_send()
        if not writes:
            return
        is_last = writes[-1] == SEND_EOF
        self._transport.write(b"".join(writes))
        if is_last:
            self._finish()

    # The end

    def close(self, code: int, reason: str) -> None:
        """Send a close frame; the client then closes, or is cut off."""
        if self._frames.state is State.OPEN:
            self._frames.send_close(code, reason)
            self._flush()
        self._end()

    def _end(self) -> None:
        """Stop the listener. The connection stays until the client has read what was sent."""
        if self._closing_at is None:
            self._closing_at = self._register.now
            self._listener.on_end()

    def _finish(self) -> None:
        self._end()
        if self._frames.close_rcvd is not None:
            self._transport.close()
        elif not self._transport.is_closing():
            # Closing now, with bytes unread, would reset the connection and lose the close frame.
            self._transport.write_eof()

    def connection_lost(self, _error: Exception | None) -> None:
        self._register.leave(self, self._network)
        self._siblings.discard(self)
        self._writable.set()
        self._end()
