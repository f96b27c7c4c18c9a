"""Looking names up by the resolver of the operating system."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from threading import Thread
from typing import Final, Protocol

from outgoing.addresses import Address

MAX_LOOKUPS: Final = 32
"""Names that a process looks up at once. A name without an answer takes a place for a minute."""


class NameNotResolved(Exception):
    """The name does not exist, or its servers do not answer."""


class Resolver(Protocol):
    """Looks a name up."""

    async def __call__(self, host: str) -> Sequence[Address]:
        """The addresses of the name, in the order to be tried. Raises NameNotResolved."""


class SystemResolver:
    """The resolver of the operating system, which blocks: each name is looked up in a thread.

    Neither the event loop's threads, which would be waited for when the process ends, nor uvloop's,
    of which there are four for everything. A name that is being looked up is not looked up again,
    so that a name without an answer takes one thread, however often it is asked for.
    """

    def __init__(
        self, *, absolute: bool = True, look_up: Callable[[str], Sequence[Address]] | None = None
    ) -> None:
        """``absolute``: never try a name within the domains of this machine's own network."""
        self._absolute = absolute
        self._look_up = look_up or _look_up
        self._running: dict[str, asyncio.Future[Sequence[Address]]] = {}

    async def __call__(self, host: str) -> Sequence[Address]:
        name = f"{host}." if self._absolute else host
        running = self._running.get(name)
        if running is None:
            if len(self._running) >= MAX_LOOKUPS:
                raise NameNotResolved
            running = self._start(name)
        return await asyncio.shield(running)

    def _start(self, name: str) -> asyncio.Future[Sequence[Address]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Sequence[Address]] = loop.create_future()

        def finish(addresses: Sequence[Address]) -> None:
            del self._running[name]
            if addresses:
                future.set_result(addresses)
            else:
                future.set_exception(NameNotResolved())
                future.exception()  # all who asked may be gone

        def look_up() -> None:
            addresses = self._look_up(name)
            with contextlib.suppress(RuntimeError):  # the loop was closed in the meantime
                loop.call_soon_threadsafe(finish, addresses)

        try:
            Thread(target=look_up, name="resolver", daemon=True).start()
        except RuntimeError:  # the machine has no thread left
            raise NameNotResolved from None
        self._running[name] = future
        return future


def _look_up(name: str) -> Sequence[Address]:
    """The addresses of the name; none if it has none."""
    try:
        rows = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    addresses = (ip_address(str(address[0])) for _, _, _, _, address in rows)
    return list(dict.fromkeys(addresses))
