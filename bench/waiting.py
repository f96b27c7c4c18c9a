"""The memory of requests that wait for a connection: `python -m bench.waiting`."""

import asyncio
import contextlib
import gc
import tempfile
import tracemalloc
from typing import Final

from bench.in_process import PAGES, Ask, asking_parts
from database.connection_limiter import ConnectionLimiter

WAITING: Final = 400
"""Less than a process answers at a time."""


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with asking_parts(folder) as (parts, ask):
            limiter = parts.database.limiters["reading"]
            for name, query in PAGES.items():
                await ask(query)
                print(f"{name}: {await waiting_bytes(ask, query, limiter):,.0f} bytes each")


async def waiting_bytes(ask: Ask, query: str, limiter: ConnectionLimiter) -> float:
    """The bytes of one of many requests for which no connection is free."""
    async with contextlib.AsyncExitStack() as held:
        for _ in range(limiter.size):
            await held.enter_async_context(limiter.enter())
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        asked = [asyncio.create_task(ask(query)) for _ in range(WAITING)]
        while limiter.waiting < WAITING:  # noqa: ASYNC110 - a limiter notifies nobody
            await asyncio.sleep(0)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    await asyncio.gather(*asked)
    return (after - before) / WAITING


if __name__ == "__main__":
    asyncio.run(main())
