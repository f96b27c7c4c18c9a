"""Small applications to be supervised: one that serves, one that fails to start, one that dies."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

LONGEST_BLOCK_S: Final = 30

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Say which process it is; `/block/3` keeps the event loop for 3 seconds first."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    way, _, seconds = scope["path"].strip("/").partition("/")
    if way == "block":
        time.sleep(min(float(seconds), LONGEST_BLOCK_S))  # noqa: ASYNC251 - meant
    elif way == "slow":
        await asyncio.sleep(float(seconds))
    body = str(os.getpid()).encode()
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def unfit(_scope: Scope, receive: Receive, send: Send) -> None:
    """Fail to start."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "not today"})


async def dying(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Die while starting, as a process does that the system kills."""
    os.kill(os.getpid(), signal.SIGKILL)
