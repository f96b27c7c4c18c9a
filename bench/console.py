"""The console in Chromium on a demo: seconds until it can be used, frames, processor, script."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.commands import AFTERSALES, PATIENCE_S, PORT, environment, running
from bench.results import Report

HERE: Final = Path(__file__).parent
CONSOLE: Final = HERE.parent / "web" / "console"
DEMO: Final = (AFTERSALES, "demo", "--port", PORT)
MAX_SECONDS: Final = 1.0
MAX_SHARE: Final = 0.1
MAX_SCRIPT_BYTES: Final = 250_000


def main() -> None:
    browser = shutil.which("chromium")
    if browser is None:
        sys.exit("the console is measured in Chromium, and there is no chromium here")
    report = Report("console", "The console")
    with (
        tempfile.TemporaryDirectory(prefix="console-") as folder,
        running(DEMO, environment(AFTERSALES_DATA_DIR=folder)) as address,
    ):
        found = measured(address, browser)
    bytes_ = script_bytes()
    seconds = median(found["openings"])
    dropped = median(scroll["dropped"] for scroll in found["scrolls"])
    report.add(
        "The queue",
        seconds=f"{seconds:.2f}",
        openings=len(found["openings"]),
        rows=found["rows"],
        scrolls=len(found["scrolls"]),
        frames=found["scrolls"][0]["frames"],
        dropped=dropped,
        script=f"{bytes_ / 1000:.0f} kB",
    )
    report.add(
        "Live updates",
        per_second=round(found["updatesPerS"]),
        core=f"{found['share']:.0%}",
    )
    report.demand(f"interactive within {MAX_SECONDS:g} s", met=seconds <= MAX_SECONDS)
    report.demand("no dropped frame", met=dropped == 0)
    report.demand(f"under {MAX_SHARE:.0%} of a core", met=found["share"] <= MAX_SHARE)
    report.demand("a script under 250 kB", met=bytes_ <= MAX_SCRIPT_BYTES)
    report.write()


def measured(address: str, browser: str) -> dict[str, Any]:  # Any: JSON
    found: dict[str, Any] = json.loads(
        printed_by("node", str(HERE / "console.mjs"), address, browser)
    )
    return found


def script_bytes() -> int:
    """The script of the first view, compressed."""
    return int(printed_by("node", "scripts/size.mjs").splitlines()[-1].split()[0])


def printed_by(*command: str) -> str:
    return subprocess.run(  # noqa: S603 - commands of this project
        command, cwd=CONSOLE, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S
    ).stdout


if __name__ == "__main__":
    main()
