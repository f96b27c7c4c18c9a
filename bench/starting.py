"""How long commands take to start: `--help`, `serve`, and `make demo` for the second time.

Each is started several times, and the medians count. The first start is not measured: Python
compiles the modules then, and keeps them.
"""

import argparse
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.commands import AFTERSALES, PORT, ROOT, environment, running
from bench.results import Report

STARTS: Final = 5
MAX_HELP_S: Final = 0.3
MAX_SERVE_S: Final = 1.5
MAX_DEMO_S: Final = 4.0


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
    _run([AFTERSALES, "migrate"], served)
    serve = (AFTERSALES, "serve", "--port", PORT)
    cases: Sequence[tuple[str, float, Callable[[], Started]]] = (
        ("aftersales --help", MAX_HELP_S, lambda: _ended([AFTERSALES, "--help"], served)),
        ("aftersales serve", MAX_SERVE_S, lambda: _ready(serve, served)),
        ("make demo", MAX_DEMO_S, lambda: _ready(["make", "-s", "demo", f"PORT={PORT}"], demo)),
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
    # The modules are compiled into the folder: an installation may have been kept from doing so.
    variables = environment(
        AFTERSALES_DATA_DIR=str(folder), PYTHONPYCACHEPREFIX=str(folder.parent / "compiled")
    )
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


def _run(command: Sequence[str], variables: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603 - commands of this file
        command, env=variables, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )


def _ended(command: Sequence[str], variables: dict[str, str]) -> Started:
    before, began = _processor(), time.perf_counter()
    _run(command, variables)
    return Started(time.perf_counter() - began, _processor() - before)


def _ready(command: Sequence[str], variables: dict[str, str]) -> Started:
    """Start a server, ask it until it answers, and stop it."""
    before, began = _processor(), time.perf_counter()
    with running(command, variables):
        seconds = time.perf_counter() - began
    return Started(seconds, _processor() - before)


def _processor() -> float:
    """The processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
