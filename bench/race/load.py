"""Loads one peer with wrk for a few seconds, and says what that took."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from bench.race import machine
from bench.race.servers import Running

CONCURRENCY: Final = 32
_SCRIPT: Final = Path(__file__).with_name("post.lua")
_TIMEOUT_S: Final = 20
_LONGEST_SETTLE_S: Final = 10
_IDLE_S: Final = 0.01
"""Of a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One run. Times of waiting in milliseconds, of the processor in microseconds per request."""

    requests: int
    per_second: float
    p50: float
    p99: float
    server_us: float
    database_us: float
    answer_bytes: float
    errors: int


def load(
    running: Running,
    requests: Sequence[bytes],
    seconds: int,
    cores: str,
    *,
    offset: int = 0,
    database: int | None = None,
) -> Loaded:
    """Send the requests from ``offset`` on, again from the first after the last.

    wrk runs on ``cores``; ``database`` is the process of PostgreSQL, if there is one.
    """
    with tempfile.NamedTemporaryFile(suffix=".requests") as file:
        file.write(b"\0".join(requests))
        file.flush()
        server = machine.ran(running.pid)
        backends = machine.ran(database) if database else {}
        said = _wrk(running.port, file.name, seconds, cores, offset)
        server_s = machine.between(server, machine.ran(running.pid))
        database_s = machine.between(backends, machine.ran(database)) if database else 0.0
    # Those that were on their way at the end are half done, on the average.
    begun = said["requests"] + CONCURRENCY / 2
    return Loaded(
        requests=int(said["requests"]),
        per_second=said["requests"] / said["us"] * 1e6,
        p50=said["p50"],
        p99=said["p99"],
        server_us=server_s / begun * 1e6,
        database_us=database_s / begun * 1e6,
        answer_bytes=said["bytes"] / max(said["requests"], 1),
        errors=int(said["errors"]),
    )


def settle(running: Running) -> None:
    """Wait until the server is done with what nobody waits for any more, ten seconds at most."""
    for _ in range(_LONGEST_SETTLE_S * 10):
        before = machine.ran(running.pid)
        time.sleep(0.1)
        if machine.between(before, machine.ran(running.pid)) < _IDLE_S:
            return


def _wrk(port: int, file: str, seconds: int, cores: str, offset: int) -> dict[str, float]:
    command = [
        *("taskset", "--cpu-list", cores, "wrk", "--threads", "1"),
        *("--connections", str(CONCURRENCY), "--duration", f"{seconds}s"),
        *("--timeout", f"{_TIMEOUT_S}s", "--script", str(_SCRIPT)),
        f"http://127.0.0.1:{port}/graphql",
    ]
    environment = {**os.environ, "REQUESTS": file, "OFFSET": str(offset)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    result = done.stdout.partition("RESULT ")[2]
    found: dict[str, float] = orjson.loads(result.splitlines()[0])
    return found
