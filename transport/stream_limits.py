"""The limits on subscriptions: how many there are, and what a WebSocket may cost."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

from execution.streams import StreamEnded

MAX_STREAMS: Final = 4096
"""Subscriptions of one process, over WebSockets and event streams together."""

MAX_STREAMS_PER_VIEWER: Final = 64

KEEP_ALIVE_S: Final = 12.0
"""A silent event stream carries a comment this often: proxies close silent connections, and a peer
that is gone is noticed only by writing."""

TOO_MANY_SUBSCRIPTIONS: Final = "TOO_MANY_SUBSCRIPTIONS"


@dataclass(frozen=True)
class SocketBounds:
    """Limits on one WebSocket."""

    message_bytes: int = 64 * 1024
    """A message, in one frame or in several."""
    operations: int = 16
    """Subscriptions at the same time."""
    burst: int = 200
    """Frames that a client may send at once, of any kind."""
    frames_per_s: float = 50.0
    """Frames a second that a client may send after that."""
    init_s: float = 10.0
    """How long a client may take until it sends `connection_init`."""
    ping_s: float = 20.0
    """How long a client may be silent until it is pinged, and then until it is given up."""
    unread_s: float = 10.0
    """How long a client may leave full what is written to it."""
    closing_s: float = 5.0
    """How long a client may take to close, once it was told to."""


class StreamLimits:
    """Counts the subscriptions of a process, in all and of each viewer."""

    def __init__(
        self, most: int = MAX_STREAMS, most_per_viewer: int = MAX_STREAMS_PER_VIEWER
    ) -> None:
        self._most = most
        self._most_per_viewer = most_per_viewer
        self._by_viewer: Counter[Hashable] = Counter()
        self.open = 0
        self.opened = 0
        self.refused = 0
        """Also those of a viewer who has too many."""

    @contextlib.contextmanager
    def seat(self) -> Iterator[None]:
        """Count a stream while the block runs. Raises StreamEnded if there are too many."""
        if self.open >= self._most:
            self.refused += 1
            message = "The server has reached its limit of subscriptions; try again later"
            raise StreamEnded(TOO_MANY_SUBSCRIPTIONS, message)
        self.open += 1
        self.opened += 1
        try:
            yield
        finally:
            self.open -= 1

    @contextlib.contextmanager
    def seat_of(self, viewer: Hashable) -> Iterator[None]:
        """The same for the streams of one viewer."""
        if self._by_viewer[viewer] >= self._most_per_viewer:
            self.refused += 1
            raise StreamEnded(TOO_MANY_SUBSCRIPTIONS, too_many(self._most_per_viewer))
        self._by_viewer[viewer] += 1
        try:
            yield
        finally:
            self._by_viewer[viewer] -= 1
            if not self._by_viewer[viewer]:
                del self._by_viewer[viewer]


def too_many(most: int) -> str:
    """The message for a viewer or a connection that has this many subscriptions."""
    return f"There are {most} subscriptions already; end one first"
