"""The loop of exports: begins those that wait, a few at a time, until told to stop."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from jobs.exports.clean import keep_cleaning
from jobs.exports.exporting import Exporting
from jobs.exports.run import claim, run_export
from jobs.exports.scratch import clear
from jobs.rounds import repeat

MAX_RUNNING: Final = 2
"""The most exports that a process runs at a time."""

POLL: Final = timedelta(seconds=1)
log: Final = logging.getLogger("aftersales.exports")


async def keep_exporting(exporting: Exporting, stop: asyncio.Event) -> None:
    """Run exports until told to stop. Any number of processes may do so."""
    running: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_cleaning(exporting, stop))
        await asyncio.to_thread(clear, exporting.scratch)
        await repeat(
            lambda: _begin(exporting, running, tasks, stop),
            stop,
            every=POLL,
            log=log,
            failure="could not look for exports",
        )


async def _begin(
    exporting: Exporting,
    running: set[asyncio.Task[None]],
    tasks: asyncio.TaskGroup,
    stop: asyncio.Event,
) -> None:
    if exporting.clock.state().waits is not None:
        return  # with a wrong time, leases that others hold seem to be over
    while len(running) < MAX_RUNNING:
        row = await claim(exporting)
        if row is None:
            return
        task = tasks.create_task(run_export(exporting, row, stop))
        running.add(task)
        task.add_done_callback(running.discard)
