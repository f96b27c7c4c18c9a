"""Loads one peer with wrk for a few seconds, and measures it."""

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

_SCRIPT: Final = Path(__file__).with_name("post.lua")
_TIMEOUT_S: Final = 60
_MAX_SETTLE_S: Final = 10
_IDLE_S: Final = 0.01
"""The processor time within a tenth of a second below which a server counts as idle."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One run. Latencies in milliseconds, processor times in microseconds per request."""

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
    connections: int,
    offset: int = 0,
    database: int | None = None,
) -> Loaded:
    """Send the requests in a circle, from ``offset`` on, each connection one at a time.

    wrk runs on ``cores``; ``database`` is the process id of PostgreSQL, if it is used.
    """
    with tempfile.NamedTemporaryFile(suffix=".requests") as file:
        file.write(b"\0".join(requests))
        file.flush()
        server = machine.run_times(running.pid)
        backends = machine.run_times(database) if database else {}
        command = _command(running.port, seconds, cores, connections)
        result = _wrk(command, file.name, offset)
        server_s = machine.between(server, machine.run_times(running.pid))
        database_s = machine.between(backends, machine.run_times(database)) if database else 0.0
    # Requests in flight at the end are half done on average.
    done = result["requests"] + connections / 2
    return Loaded(
        requests=int(result["requests"]),
        per_second=result["requests"] / result["us"] * 1e6,
        p50=result["p50"],
        p99=result["p99"],
        server_us=server_s / done * 1e6,
        database_us=database_s / done * 1e6,
        answer_bytes=result["bytes"] / max(result["requests"], 1),
        errors=int(result["errors"]),
    )


def settle(running: Running) -> None:
    """Wait until the server has finished abandoned requests, ten seconds at most."""
    for _ in range(_MAX_SETTLE_S * 10):
        before = machine.run_times(running.pid)
        time.sleep(0.1)
        if machine.between(before, machine.run_times(running.pid)) < _IDLE_S:
            return


def _command(port: int, seconds: int, cores: str, connections: int) -> list[str]:
    return [
        *("taskset", "--cpu-list", cores, "wrk", "--threads", "1"),
        *("--connections", str(connections), "--duration", f"{seconds}s"),
        *("--timeout", f"{_TIMEOUT_S}s", "--script", str(_SCRIPT)),
        f"http://127.0.0.1:{port}/graphql",
    ]


def _wrk(command: Sequence[str], file: str, offset: int) -> dict[str, float]:
    environment = {**os.environ, "REQUESTS": file, "OFFSET": str(offset)}
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    _, _, result = process.stdout.partition("RESULT ")
    numbers: dict[str, float] = orjson.loads(result.splitlines()[0])
    return numbers
