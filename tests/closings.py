"""Connections that SQLAlchemy still closes for requests that were cancelled."""

import asyncio


async def connections_closed() -> None:
    """Wait for the tasks that close them.

    A closing may fail, and nobody asks for its result: the error would reach the next test.
    """
    closings = [
        task
        for task in asyncio.all_tasks()
        if getattr(task.get_coro(), "__name__", "") == "_terminate_graceful_close"
    ]
    await asyncio.gather(*closings, return_exceptions=True)
