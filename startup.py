"""Start of a command: settings, logging, parts, a free port, and a database that answers."""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, TypeVar

from rich.console import Console

from database.availability import Unreachable, retry_until_available
from database.database import Database
from models import schema_version
from models.schema_version import NotCurrent, Standing
from operator_errors import CannotListen
from parts import Parts
from private_files import keep_private
from serve import prepare, start_logging
from settings import PREFIX, Settings, load

T = TypeVar("T")

DATABASE_TIMEOUT: Final = timedelta(seconds=60)
"""How long a command waits for a database that does not answer yet."""

_ALL_ADDRESSES: Final = {"0.0.0.0", "::"}  # noqa: S104 - compared with, and not listened on

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)


def load_settings(**options: object) -> Settings:
    """Load the settings; options that are None are left to the environment. Raises BadSettings."""
    return load(**{name: value for name, value in options.items() if value is not None})


def open_parts(settings: Settings) -> Parts:
    """Start logging, make files private, and open the parts. Raises BadDocuments or BadSettings."""
    start_logging(settings)
    keep_private(settings)
    return prepare(settings)


def run(parts: Parts, work: Coroutine[Any, Any, None]) -> None:
    """Run the work of a command, and close the parts. Any: types that no coroutine here uses."""
    with _outages_unlogged():
        asyncio.run(run_and_close(parts, work))


async def run_and_close(parts: Parts, work: Coroutine[Any, Any, None]) -> None:
    # Any: see above
    try:
        await work
    finally:
        await parts.pictures.close()
        await parts.database.close()


async def once_available(ask: Callable[[], Awaitable[T]]) -> T:
    """Wait for the database: it may be starting at the same time. Raises Unreachable."""

    def print_outage(outage: Unreachable) -> None:
        err.print(f"Waiting: {outage}", markup=False, soft_wrap=True)

    with _outages_unlogged():
        return await retry_until_available(ask, DATABASE_TIMEOUT, print_outage)


async def require_current(database: Database) -> None:
    """Raises NotCurrent if the database needs `migrate`, or Unreachable."""
    standing = await once_available(lambda: schema_version.find_standing(database))
    if standing is Standing.AHEAD:
        logging.getLogger("aftersales.database").warning("%s", standing)
    elif standing is not Standing.CURRENT:
        raise NotCurrent(standing)


def require_metrics_port(settings: Settings) -> None:
    """The same for the port of the metrics, if they are served."""
    if settings.metrics_port:
        names = (f"{PREFIX}METRICS_HOST", f"{PREFIX}METRICS_PORT")
        require_port(settings.metrics_host, settings.metrics_port, names)


def require_ports(settings: Settings) -> None:
    """The same for both ports of a server. Raises CannotListen."""
    require_port(settings.host, settings.port)
    require_metrics_port(settings)
    hosts = {settings.host, settings.metrics_host}
    if settings.metrics_port == settings.port and (len(hosts) == 1 or hosts & _ALL_ADDRESSES):
        message = (
            f"The API and the metrics cannot share port {settings.port}. "
            f"Choose another {PREFIX}METRICS_PORT."
        )
        raise CannotListen(message)


def require_port(host: str, port: int, names: tuple[str, str] = ("--host", "--port")) -> None:
    """Check the port before any work that would be in vain. Raises CannotListen.

    ``names`` are those of the options or settings that choose the two.
    """
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        is_port = error.errno in {errno.EADDRINUSE, errno.EACCES}
        name = names[is_port]
        message = f"Cannot listen on {host}:{port}: {error.strerror}. Choose another {name}."
        raise CannotListen(message) from error


@contextmanager
def _outages_unlogged() -> Iterator[None]:
    """Keep outages of the database out of the log: the command prints them itself."""
    log = logging.getLogger("aftersales.database")
    was_disabled, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = was_disabled
