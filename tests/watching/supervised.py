"""Supervises two processes that count their requests: ``python -m tests.watching.supervised``."""

import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvicorn

from supervisor import Patience, Supervisor
from tests.serving import supervised_app
from watching.exposition import serve_metrics
from watching.pipe import Gathering
from watching.snapshot import Snapshot


class Counting:
    """The small application of the supervisor's tests, which counts its requests."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        self.count += scope["type"] == "http"
        await supervised_app.app(scope, receive, send)

    def snapshot(self) -> Snapshot:
        return {
            "aftersales_requests_total": {("Desk", "ok"): self.count},
            "aftersales_processes": {(): 1},
        }


app: Final = Counting()


def main(port: str, metrics_port: str) -> int:
    """Serve until told to stop."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    config = uvicorn.Config(
        "tests.watching.supervised:app",
        port=int(port),
        workers=2,
        access_log=False,
        loop="uvloop",
        proxy_headers=False,  # or the application would be wrapped
    )
    gathering = Gathering()
    serve_metrics("127.0.0.1", int(metrics_port), gathering.take)
    return Supervisor(config, [config.bind_socket()], Patience(), gathering).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
