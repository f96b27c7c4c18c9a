"""Starting the server, in one process or in several, and stopping it in order."""

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app import Parts, create_app, parts_of
from models.database import file_of
from schema.http_edge import Application
from settings import Settings

LONGEST_SHUTDOWN_S: Final = 30
"""How long what is being answered may still take when the server is told to stop."""

COLLECT_AFTER: Final = (10_000, 20, 100)
"""How many more objects were made than freed before the youngest are looked through, and after how
many of these rounds the next older."""

STACK: Final[Mapping[str, Any]] = {  # Any: uvicorn's options are of many types
    "loop": "uvloop" if sys.platform != "win32" else "asyncio",
    "http": "httptools",
    "ws": "none",
    "lifespan": "on",
    "proxy_headers": False,  # nothing here asks who the peer is, or by which scheme it came
}
"""Said aloud, because left to itself uvicorn takes slower ones where these are missing, and says
nothing."""

LONGEST_START_S: Final = 30
"""How long a new process may be silent. Uvicorn's five seconds pass while a busy machine imports,
and a process that is killed for that is followed by one that fares no better."""


def prepare(settings: Settings) -> Parts:
    """Log as the settings say, and put the parts together."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it announces itself at every look
    file = file_of(settings.database)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    return parts_of(settings)


def run_server(settings: Settings, *, workers: int = 1, is_demo: bool = False) -> None:
    """Serve until told to stop. A process that dies is replaced, if there are several."""
    config = uvicorn.Config(
        partial(application, settings, is_demo=is_demo),
        factory=True,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        **STACK,
        timeout_graceful_shutdown=LONGEST_SHUTDOWN_S,
        timeout_worker_healthcheck=LONGEST_START_S,
        workers=workers,
    )
    if workers > 1:
        _Processes(config, [config.bind_socket()]).run()
        return
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


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
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    return told


class _Processes(Multiprocess):
    """Told to stop, it lets go of the port at once: who comes now is refused, and goes elsewhere.

    Uvicorn's keeps it until its last process has ended, and who comes meanwhile waits for nothing.
    """

    def terminate_all(self) -> None:
        super().terminate_all()
        for one in self.sockets:
            one.close()


def _end_with_parent() -> None:
    """A process whose parent was killed stops like one that is told to, or it keeps the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
