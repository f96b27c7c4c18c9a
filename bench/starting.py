"""How long commands take to start: `--help`, `serve`, and `make demo` for the second time.

Each is started several times, and the medians count. The first start is not measured: Python
compiles the modules then, and keeps them.
"""

import argparse
import http.client
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.ports import free_port
from bench.results import Report

ROOT: Final = Path(__file__).parents[1]
STARTS: Final = 5
PATIENCE_S: Final = 120
MAX_HELP_S: Final = 0.3
MAX_SERVE_S: Final = 1.5
MAX_DEMO_S: Final = 4.0
_COMMAND: Final = str(Path(sys.executable).with_name("aftersales"))


@dataclass(frozen=True, slots=True)
class Started:
    """One start: the seconds until it was ready, and the processor seconds until it ended."""

    seconds: float
    processor_s: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.starting", description=__doc__)
    parser.add_argument("--starts", type=int, default=STARTS)
    starts = parser.parse_args().starts
    report = Report("starting", "Starting")
    with tempfile.TemporaryDirectory(prefix="starting-") as folder:
        measure(report, starts, Path(folder))
    report.write()


def measure(report: Report, starts: int, folder: Path) -> None:
    served, demo = _environment(folder / "served"), _environment(folder / "demo")
    _run([_COMMAND, "migrate"], served)
    cases: Sequence[tuple[str, float, Callable[[], Started]]] = (
        ("aftersales --help", MAX_HELP_S, lambda: _ended([_COMMAND, "--help"], served)),
        ("aftersales serve", MAX_SERVE_S, lambda: _ready([_COMMAND, "serve", "--port"], served)),
        ("make demo", MAX_DEMO_S, lambda: _ready(["make", "-s", "demo"], demo, make=True)),
    )
    for name, limit, start in cases:
        start()
        found = [start() for _ in range(starts)]
        seconds = statistics.median(one.seconds for one in found)
        report.add(
            "Seconds until it is ready",
            command=name,
            median=f"{seconds:.2f}",
            least=f"{min(one.seconds for one in found):.2f}",
            processor=f"{statistics.median(one.processor_s for one in found):.2f}",
            starts=starts,
        )
        report.demand(f"{name} within {limit:g} s", met=seconds <= limit)


def _environment(folder: Path) -> dict[str, str]:
    """The variables of a command that keeps its data in a folder of its own."""
    folder.mkdir(mode=0o700)
    names = ("AFTERSALES_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    # The modules are compiled into the folder: an installation may have been kept from doing so.
    return {
        **inherited,
        "AFTERSALES_DATA_DIR": str(folder),
        "PYTHONPYCACHEPREFIX": str(folder.parent / "compiled"),
    }


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603 - commands of this file
        command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )


def _ended(command: Sequence[str], environment: dict[str, str]) -> Started:
    before, began = _processor(), time.perf_counter()
    _run(command, environment)
    return Started(time.perf_counter() - began, _processor() - before)


def _ready(command: Sequence[str], environment: dict[str, str], *, make: bool = False) -> Started:
    """Start a server, ask it until it answers, and stop it."""
    port = free_port()
    command = [*command, f"PORT={port}" if make else str(port)]
    before, began = _processor(), time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - commands of this file
        command,
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() > began + PATIENCE_S:
                    sys.exit(f"{' '.join(command)} does not answer")
                time.sleep(0.005)
            seconds = time.perf_counter() - began
        finally:
            os.killpg(process.pid, signal.SIGINT)
    return Started(seconds, _processor() - before)


def _answers(port: int) -> bool:
    """Whether the server is ready: a page that its start is over for."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _processor() -> float:
    """The processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
