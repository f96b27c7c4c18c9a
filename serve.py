"""Starting the server, in one process or in several, and stopping it in order."""

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from app import create_app
from database.addresses import file_of
from parts import Parts, parts_of
from settings import Settings
from supervisor import Patience, Supervisor
from transport.connections import ReadingBounds
from transport.edge import Application
from transport.protocol import protocol_of

log: Final = logging.getLogger("aftersales.serve")

LONGEST_SHUTDOWN_S: Final = 30
"""How long what is being answered may still take when the server is told to stop."""

COLLECT_AFTER: Final = (10_000, 20, 100)
"""How many more objects were made than freed before the youngest are looked through, and after how
many of these rounds the next older."""

STACK: Final[Mapping[str, Any]] = {  # Any: uvicorn's options are of many types
    "loop": "uvloop" if sys.platform != "win32" else "asyncio",
    "ws": "none",
    "lifespan": "on",
    "proxy_headers": False,  # transport/client_address.py reads them, as far as they are trusted
}
"""Said aloud, because left to itself uvicorn takes slower ones where these are missing, and says
nothing."""

OTHER_FILES: Final = 256
"""Files that a process may need open beside its connections: the database, pictures, its own."""


def start_logging(settings: Settings) -> None:
    """Log as the settings say. A second time does nothing."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it announces itself at every look


def prepare(settings: Settings) -> Parts:
    """Log as the settings say, and put the parts together. Raises BadDocuments or BadSettings."""
    start_logging(settings)
    file = file_of(settings.database)
    if file is not None:
        settings.make_folder(file.parent)
    return parts_of(settings)


def run_server(settings: Settings, *, workers: int = 1, is_demo: bool = False) -> None:
    """Serve until told to stop. A process that dies is replaced, if there are several."""
    allow_files(settings.connections)
    config = config_of(settings, workers=workers, is_demo=is_demo)
    if workers > 1:
        patience = Patience(stop_s=LONGEST_SHUTDOWN_S + 5)
        if status := Supervisor(config, [config.bind_socket()], patience).run():
            sys.exit(status)
        return
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def config_of(settings: Settings, *, workers: int = 1, is_demo: bool = False) -> uvicorn.Config:
    """Uvicorn's configuration for each process that serves."""
    bounds = ReadingBounds(
        connections=settings.connections,
        connections_per_address=settings.connections_per_address,
    )
    hsts = ("Strict-Transport-Security", f"max-age={settings.hsts_seconds}")
    return uvicorn.Config(
        partial(application, settings, is_demo=is_demo),
        factory=True,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        headers=[hsts] if settings.hsts_seconds else [],
        http=protocol_of(bounds),
        **STACK,
        timeout_graceful_shutdown=LONGEST_SHUTDOWN_S,
        workers=workers,
    )


def allow_files(connections: int) -> None:
    """Raise the soft limit on open files, often 1,024, to what so many connections need."""
    wanted = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        log.warning(
            "a process may open %d files: too few for AFTERSALES_CONNECTIONS=%d",
            allowed,
            connections,
        )


def application(settings: Settings, *, is_demo: bool = False) -> Application:
    """What one process serves: with the settings that the command was given, and logging alike."""
    _end_with_parent()
    made = create_app(prepare(settings), runs_clock=settings.clock, is_demo=is_demo)
    settle()
    return made


def settle() -> None:
    """Let the collector pass over what is there for good, and look at the rest more rarely.

    See docs/decisions/0027-garbage-collection.md, and bench/collecting.py for what it buys.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def told_to_stop() -> asyncio.Event:
    """Set when this process is told to stop, in place of its end: what runs is finished first."""
    told = asyncio.Event()

    def stop() -> None:
        log.info("told to stop")
        told.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop)
    return told


def _end_with_parent() -> None:
    """A process whose parent was killed stops like one that is told to, or it keeps the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
