"""Connections that SQLAlchemy closes for requests that were cancelled.

A task closes each. It may fail, and nobody asks for its result: asyncio reports the error when the
task is collected, to the test that runs then.
"""

import asyncio
import gc
from typing import Any


def _closes(task: object) -> bool:
    return (
        isinstance(task, asyncio.Task)
        and getattr(task.get_coro(), "__name__", "") == "_terminate_graceful_close"
    )


async def connections_closed() -> None:
    """Wait for the tasks that still run."""
    closings = [task for task in asyncio.all_tasks() if _closes(task)]
    await asyncio.gather(*closings, return_exceptions=True)


async def closings_collected() -> None:
    """The same, and for those that have failed already."""
    await connections_closed()
    loop = asyncio.get_running_loop()
    earlier = loop.get_exception_handler()

    def report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # Any: asyncio's
        if _closes(context.get("task") or context.get("future")):
            return
        if earlier is None:
            loop.default_exception_handler(context)
        else:
            earlier(loop, context)

    loop.set_exception_handler(report)
    try:
        gc.collect()
    finally:
        loop.set_exception_handler(earlier)
