"""Commands of this project that serve, each in a process of its own."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.ports import free_port

ROOT: Final = Path(__file__).parents[1]
AFTERSALES: Final = str(Path(sys.executable).with_name("aftersales"))
PORT: Final = "{port}"
"""Stands in a command for the port that it gets."""

PATIENCE_S: Final = 120


def environment(**settings: str) -> dict[str, str]:
    """The variables of a command: of this process's own settings only the given ones."""
    inherited = {name: value for name, value in os.environ.items() if "AFTERSALES" not in name}
    return {**inherited, "AFTERSALES_LOG_LEVEL": "warning", **settings}


@contextmanager
def running(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[str]:
    """The address of a server, from when it is ready until the block ends.

    Ends the process if the server is not ready in time.
    """
    port = free_port()
    with subprocess.Popen(  # noqa: S603 - commands of this project
        [part.replace(PORT, str(port)) for part in command],
        env=variables,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            until = time.monotonic() + PATIENCE_S
            while not _is_ready(port):
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit(f"{' '.join(command)} does not answer")
                time.sleep(0.005)
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
