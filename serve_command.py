"""The commands `aftersales serve` and `aftersales worker`."""

import asyncio
import contextlib

from app import run_clock
from database.connection_limiter import Overloaded
from execution.persisted_documents import PersistedDocuments
from execution.stored_documents import StoredDocuments
from garbage import uncollected
from jobs.keep_time import keep_time
from jobs.mark_commits import keep_marking
from parts import Parts
from readings import Readings
from schema.build import build
from schema.webhook_messages import SELECTED_FIELD
from serve import run_server, serve_metrics, start_tracing, stop_event
from settings import Settings
from startup import (
    load_settings,
    once_available,
    open_parts,
    require_current,
    require_metrics_port,
    require_ports,
    run,
    run_and_close,
)
from watching.tracing import TRACING


def serve(host: str | None, port: int | None, *, workers: int) -> None:
    """Serve until told to stop. Raises what an operator can mend before anything starts."""
    settings = load_settings(host=host, port=port)
    require_ports(settings)
    parts = open_parts(settings)
    run(parts, require_current(parts.database))
    with uncollected():
        schema = build(explorable=parts.explorable)
    # Raises BadDocuments, in which uvicorn would see a bug of the application.
    PersistedDocuments(schema._schema, parts.trust, parts.trusted)  # noqa: SLF001 - see app.py
    run_server(settings, workers=workers, schema=schema)


def work() -> None:
    """Run the clock, webhooks and exports until told to stop."""
    settings = load_settings()
    require_metrics_port(settings)
    parts = open_parts(settings)
    asyncio.run(run_and_close(parts, _work(parts, settings)))


async def _work(parts: Parts, settings: Settings) -> None:
    await require_current(parts.database)
    start_tracing(settings)
    if settings.metrics_port:
        serve_metrics(settings, Readings(parts=parts).snapshot)
    with contextlib.suppress(Overloaded):  # a later measurement will do
        await once_available(lambda: parts.clock.measure(parts.database))
    stop = stop_event()
    documents = StoredDocuments(build(), SELECTED_FIELD)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_time(parts.database, parts.clock, stop, parts.counts))
        if parts.marked_file is not None:
            tasks.create_task(keep_marking(parts.database, parts.marked_file, stop))
        await run_clock(parts, documents, stop)
    await asyncio.to_thread(TRACING.close)
