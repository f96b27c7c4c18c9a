"""Starts the server, in one process or in several, and stops it in order."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, Final

import uvicorn
from strawberry import Schema
from uvicorn.config import LOGGING_CONFIG, STARTUP_FAILURE

from app import create_app
from database.addresses import file_of
from database.statement_spans import trace_statements
from garbage import tune_gc, uncollected
from parts import Parts, parts_of
from settings import LogFormat, Settings
from supervisor import Patience, Supervisor
from transport.connections import Connections, ReadingBounds
from transport.current_request import name_of_request
from transport.edge import Application
from transport.protocol import protocol_of
from watching.log_lines import JsonLines, TextLines
from watching.pipe import Gathering
from watching.snapshot import Snapshot
from watching.tracing import TRACING

log: Final = logging.getLogger("aftersales.serve")

SHUTDOWN_TIMEOUT_S: Final = 30
"""How long running requests may take to finish after the server was told to stop."""

STACK: Final[Mapping[str, Any]] = {  # Any: uvicorn's options are of many types
    "loop": "uvloop" if sys.platform != "win32" else "asyncio",
    "ws": "none",
    "lifespan": "on",
    "proxy_headers": False,  # transport/client_address.py reads them, if they are trusted
}
"""Explicit, because by default uvicorn falls back to slower packages without a message."""

OTHER_FILES: Final = 256
"""Files that a process may open beside its connections: the database, pictures, its own code."""


def start_logging(settings: Settings) -> None:
    """Configure logging by the settings. A second call does nothing."""
    lines = JsonLines if settings.log_format is LogFormat.JSON else TextLines
    handler = logging.StreamHandler()
    handler.setFormatter(lines(_name_of_work))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    if settings.access_log:
        logging.getLogger("aftersales.access").setLevel(logging.INFO)  # whatever the level is
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it logs a line at every use


def _name_of_work() -> Mapping[str, str]:
    return {**name_of_request(), **TRACING.name_of_trace()}


def prepare(settings: Settings) -> Parts:
    """Start logging and open the parts. Raises BadDocuments or BadSettings."""
    start_logging(settings)
    file = file_of(settings.database)
    if file is not None:
        settings.make_folder(file.parent)
    return parts_of(settings)


def run_server(
    settings: Settings, *, workers: int = 1, is_demo: bool = False, schema: Schema | None = None
) -> None:
    """Serve until told to stop. With several processes, one that dies is replaced.

    A single process takes the ``schema`` if it is built already: a second one takes 4 MB.
    """
    allow_files(settings.connections)
    shared = schema if workers == 1 else None
    config = config_of(settings, workers=workers, is_demo=is_demo, schema=shared)
    if workers > 1:
        patience = Patience(stop_s=SHUTDOWN_TIMEOUT_S + 5)
        gathering = Gathering() if settings.metrics_port else None
        sockets = [config.bind_socket()]
        if gathering is not None:
            serve_metrics(settings, gathering.take)
        if status := Supervisor(config, sockets, patience, gathering).run():
            sys.exit(status)
        return
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def config_of(
    settings: Settings, *, workers: int = 1, is_demo: bool = False, schema: Schema | None = None
) -> uvicorn.Config:
    """Uvicorn's configuration of each process."""
    bounds = ReadingBounds(
        connections=settings.connections,
        connections_per_address=settings.connections_per_address,
    )
    protocol = protocol_of(bounds, settings.origins)
    hsts = ("Strict-Transport-Security", f"max-age={settings.hsts_seconds}")
    return uvicorn.Config(
        # The application and the protocol have the register in common, also in another process:
        # they are pickled together.
        partial(
            application,
            settings,
            is_demo=is_demo,
            schema=schema,
            connections=protocol.keywords["connections"],
            is_alone=workers == 1,
        ),
        factory=True,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        # Its own lines are text; without it, they are logged as ours are.
        log_config=LOGGING_CONFIG if settings.log_format is LogFormat.TEXT else None,
        access_log=False,
        server_header=False,
        headers=[hsts] if settings.hsts_seconds else [],
        http=protocol,
        **STACK,
        timeout_keep_alive=settings.keep_alive,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        workers=workers,
    )


def allow_files(connections: int) -> None:
    """Raise the soft limit on open files, often 1,024, to what the connections need."""
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


def application(
    settings: Settings,
    *,
    is_demo: bool = False,
    schema: Schema | None = None,
    connections: Connections | None = None,
    is_alone: bool = True,
) -> Application:
    """Make the application of one process, with the settings and the logging of the command.

    If it is not ``is_alone``, the supervisor serves its metrics.
    """
    _end_with_parent()
    parts = prepare(settings)
    start_tracing(settings)
    with uncollected():
        app = create_app(
            parts,
            runs_clock=settings.clock,
            is_demo=is_demo,
            schema=schema,
            connections=connections,
        )
    if settings.metrics_port and is_alone and app.snapshot is not None:
        serve_metrics(settings, app.snapshot)
    tune_gc()
    return app


def start_tracing(settings: Settings) -> None:
    """Send traces from this process, if the settings say where to."""
    if settings.traces_url:
        # Loaded where traces are sent: the packages are those of an extra.
        otlp = import_module("watching.otlp")
        TRACING.tracer = otlp.OtlpTracer(settings.traces_url, settings.traces_share)
        trace_statements()


def serve_metrics(settings: Settings, take: Callable[[], Snapshot]) -> None:
    """Serve the metrics for as long as this process runs."""
    # Loaded where metrics are served: others do without the package and its memory.
    exposition = import_module("watching.exposition")
    exposition.serve_metrics(settings.metrics_host, settings.metrics_port, take)
    log.info("metrics: http://%s:%d/metrics", settings.metrics_host, settings.metrics_port)


def stop_event() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, instead of ending the process at once."""
    event = asyncio.Event()

    def stop() -> None:
        log.info("told to stop")
        event.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return event


def _end_with_parent() -> None:
    """Stop this process if its parent is killed; otherwise it would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
