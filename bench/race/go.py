"""Builds the peer in Go from Debian's packages, without a network."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from bench import database

SOURCES: Final = Path(__file__).parents[1] / "peers" / "go"
PROGRAM: Final = database.CACHE / "go" / "desk"
PACKAGES: Final = (
    "golang-go",
    "golang-github-graph-gophers-graphql-go-dev",
    "golang-github-jackc-pgx-v4-dev",
)
_PATH: Final = "/usr/share/gocode"
"""Where Debian installs the sources of libraries."""


class NotBuilt(Exception):
    """The peer in Go cannot take part; the message says why."""


def build() -> None:
    """Build the program. Raises NotBuilt."""
    compiler = shutil.which("go")
    if compiler is None:
        raise NotBuilt(f"there is no Go here (Debian: apt-get install {' '.join(PACKAGES)})")
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": _PATH,
        "GOCACHE": str(PROGRAM.parent / "cache"),
    }
    command = [compiler, "build", "-o", str(PROGRAM), "."]
    process = subprocess.run(
        command, cwd=SOURCES, env=environment, capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise NotBuilt(f"Go cannot build it: {process.stderr.strip()[:400]}")


def versions() -> dict[str, str]:
    """The versions of Debian's packages, as far as they are installed."""
    query = shutil.which("dpkg-query")
    if query is None:
        return {}
    process = subprocess.run(
        [query, "--show", "--showformat=${Package} ${Version}\n", *PACKAGES],
        capture_output=True,
        text=True,
        check=False,
    )
    said = (line.split(" ", 1) for line in process.stdout.splitlines())
    return {name.removesuffix("-dev"): version for name, version in said if version}
