"""Starts the peers, each on its own port, and sends them single requests."""

import http.client
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from bench.ports import free_port
from bench.race.peers import Peer

PATIENCE_S: Final = 60
SHUTDOWN_S: Final = 15


class NotUp(Exception):
    """A peer did not start; the message has the end of its output."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running peer."""

    peer: Peer
    port: int
    pid: int

    def ask(self, request: bytes) -> Any:  # Any: JSON
        """The answer to a complete HTTP request."""
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/graphql", body, headers)
        answer = connection.getresponse().read()
        connection.close()
        return orjson.loads(answer)


@contextmanager
def started(
    peers: Sequence[Peer], connection: Mapping[str, str], cores: str, workers: int, folder: Path
) -> Iterator[list[Running]]:
    """Run all peers for the block, so that they can be loaded in turn. Raises NotUp.

    ``connection`` has the variables that lead to the database. Output goes to files in ``folder``.
    """
    with ExitStack() as stack:
        yield [
            stack.enter_context(_started(peer, connection, cores, workers, folder))
            for peer in peers
        ]


@contextmanager
def _started(
    peer: Peer, connection: Mapping[str, str], cores: str, workers: int, folder: Path
) -> Iterator[Running]:
    port = free_port()
    log = folder / f"{peer.name}.log"
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("AFTERSALES_")
    }
    environment = {
        **inherited,
        **connection,
        **peer.settings,
        "AFTERSALES_DATA_DIR": str(folder),
        "PORT": str(port),
        "WORKERS": str(workers),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }
    with log.open("w") as output:
        command = ["taskset", "--cpu-list", cores, *peer.command(port, workers)]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _wait(process, port, log)
            yield Running(peer, port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(SHUTDOWN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("POST", "/graphql", "{}", {"Content-Type": "application/json"})
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.2)
    raise NotUp(f"{log.stem} does not answer:\n{log.read_text()[-2000:]}")
