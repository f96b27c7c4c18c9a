"""Free TCP ports for servers that tests start."""

import contextlib
import random
import socket
from collections.abc import Sequence
from typing import Final

OWN_PORTS: Final = range(15_000, 32_000)
"""Below those that Linux gives to outgoing connections."""


def free_port() -> int:
    """One of the ports of `free_ports`."""
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> Sequence[int]:
    """Ports that nobody listens on, and that the system does not give to outgoing connections.

    While a server restarts, one of those could be taken: even by a client of that server, whose
    connection to a port that is free, from the same port, succeeds.
    """
    chance, found = random.SystemRandom(), set[int]()
    while len(found) < count:
        port = chance.choice(OWN_PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            found.add(port)
    return sorted(found)
