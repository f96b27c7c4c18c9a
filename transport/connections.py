"""The register of a process's connections, and the limits on their number and time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final, Protocol

from transport.request_limits import MAX_BODY_BYTES

SMALL_BODY_BYTES: Final = 64 * 1024
"""A shorter body does not count towards `body_bytes_in_all`: the limit on connections covers it."""

REPORT_INTERVAL_S: Final = 60.0

_log = logging.getLogger("aftersales.http")


@dataclass(frozen=True)
class ReadingBounds:
    """Limits on connections, bytes and seconds until a request has arrived."""

    connections: int = 2048
    connections_per_address: int = 256
    """Connections from one IPv4 address, or one IPv6 network of 64 bits; 0 for no limit."""
    head_bytes: int = 64 * 1024
    """The request line and the headers together."""
    headers: int = 100
    body_bytes: int = MAX_BODY_BYTES
    unread_body_bytes: int = 32 * 1024 * 1024
    """The part of a body that is read and thrown away after its request was refused. A client that
    is cut off while it sends does not see the refusal: browsers report a broken connection."""
    body_bytes_in_all: int = 64 * 1024 * 1024
    """The sum over all requests that are being read or answered, without small bodies."""
    pipelined: int = 32
    """Requests that one connection may send before earlier ones are answered."""
    head_s: float = 10.0
    body_s: float = 30.0
    body_rate: float = 1024.0
    """Bytes per second at which a body must arrive after `body_grace_s`."""
    body_grace_s: float = 5.0
    idle_s: float = 5.0
    """Time between two requests of one connection."""
    unread_s: float = 60.0
    """How long a client may leave a response unread."""
    unread_stream_s: float = 10.0
    """The same for an event stream, whose client can go on where it was cut off."""
    sweep_s: float = 1.0
    """How often the times above are checked."""


class Connection(Protocol):
    """A connection, as the register sees it."""

    since: float
    """When the connection entered its current state, on the register's clock."""

    @property
    def waits(self) -> bool:
        """Whether no request is being answered, so that closing the connection loses no work."""

    def check(self, now: float) -> None:
        """Close the connection if its time is up."""

    def give_way(self) -> None:
        """Close the connection in favour of a new one, and leave the register immediately."""


class Connections:
    """The register of a process's connections.

    A connection beyond a limit is not refused while another one waits: the one that has waited
    longest is closed instead. So a client cannot keep others out with silent connections.
    """

    def __init__(self, bounds: ReadingBounds | None = None) -> None:
        self.bounds = bounds or ReadingBounds()
        self.now = 0.0
        """Seconds, as counted by the sweep. Time in which this process was blocked or stopped does
        not count: clients are not to blame for it."""
        self.body_bytes = 0
        self._all = _Seats(self.bounds.connections)
        self._by_network: dict[str, _Seats] = {}
        self._refused: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()
        """Requests refused before they had arrived, by status, since the process began."""
        self._reported_at = -REPORT_INTERVAL_S
        self._is_sweeping = False
        self.is_stopping = False
        """Whether the process ends its connections."""

    def __len__(self) -> int:
        return len(self._all.taken)

    def admit(self, connection: Connection, network: str | None) -> bool:
        """Register a connection, or take the place of a waiting one; False if there is no room."""
        per_network = self.bounds.connections_per_address
        if not per_network:
            network = None
        of_network = self._by_network.get(network) if network is not None else None
        if of_network is not None and not of_network.has_room():
            return False
        if not self._all.has_room():
            return False
        if network is not None:
            # Looked up again: the connection that gave way may have been the last of its network.
            self._by_network.setdefault(network, _Seats(per_network)).taken[connection] = None
        self._all.taken[connection] = None
        self._sweep_soon()
        return True

    def leave(self, connection: Connection, network: str | None) -> None:
        """Remove a connection, if it is registered."""
        self._all.taken.pop(connection, None)
        of_network = self._by_network.get(network) if network is not None else None
        if of_network is not None and network is not None:
            of_network.taken.pop(connection, None)
            if not of_network.taken:
                del self._by_network[network]

    def replace(self, connection: Connection, by: Connection, network: str | None) -> None:
        """Give the place of a connection to the same connection under another protocol."""
        seats = [self._all]
        if network is not None and network in self._by_network:
            seats.append(self._by_network[network])
        for seat in seats:
            if connection in seat.taken:
                del seat.taken[connection]
                seat.taken[by] = None

    def count_refused(self, status: int) -> None:
        """Count a request that was refused before it had arrived, for the next line in the log."""
        self._refused[status] += 1
        self.refused[status] += 1
        self._sweep_soon()

    def _sweep_soon(self) -> None:
        if not self._is_sweeping:
            self._is_sweeping = True
            asyncio.get_running_loop().call_later(self.bounds.sweep_s, self._sweep)

    def _sweep(self) -> None:
        """One timer serves all connections: one per request would cost more than the request."""
        self.now += self.bounds.sweep_s
        for connection in tuple(self._all.taken):
            connection.check(self.now)
        if self._refused and self.now - self._reported_at >= REPORT_INTERVAL_S:
            self._report()
        self._is_sweeping = False
        if self._all.taken or self._refused:
            self._sweep_soon()

    def _report(self) -> None:
        """Log at most one line a minute."""
        by_status = ", ".join(f"{status}: {n}" for status, n in sorted(self._refused.items()))
        _log.warning("requests refused before they had arrived (status: number): %s", by_status)
        self._refused.clear()
        self._reported_at = self.now


class _Seats:
    """A set of connections with a limit."""

    def __init__(self, size: int) -> None:
        self.taken: dict[Connection, None] = {}
        """A dict, to keep the order of arrival among connections with the same `since`."""
        self._size = size
        self._waiting: deque[tuple[float, Connection]] = deque()

    def has_room(self) -> bool:
        """Whether there is room for one more; closes the longest-waiting connection to make it."""
        if len(self.taken) < self._size:
            return True
        if not self._close_next():
            # One pass over all connections serves as many newcomers as there are waiting ones.
            waiting = [(taken.since, taken) for taken in self.taken if taken.waits]
            self._waiting = deque(sorted(waiting, key=lambda pair: pair[0]))
            self._close_next()
        return len(self.taken) < self._size

    def _close_next(self) -> bool:
        while self._waiting:
            since, connection = self._waiting.popleft()
            if connection in self.taken and connection.waits and connection.since == since:
                connection.give_way()
                return True
        return False
