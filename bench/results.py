"""A bench's report: printed, and written to ``bench/results/`` as JSON and Markdown."""

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson

FOLDER: Final = Path(__file__).parent / "results"
_PACKAGES: Final = ("sqlalchemy", "asyncpg", "aiosqlite", "strawberry-graphql", "orjson")


@dataclass(slots=True)
class Report:
    """Titled tables, and goals with whether they were met."""

    name: str
    title: str
    servers: Mapping[str, str] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # Any: JSON
    goals: list[tuple[str, bool]] = field(default_factory=list)

    def add(self, table: str, **row: Any) -> None:  # noqa: ANN401 - JSON
        """Add a row to a table, and print it."""
        self.tables.setdefault(table, []).append(row)
        print("  ".join(f"{name}: {value}" for name, value in row.items()), flush=True)

    def demand(self, goal: str, *, met: bool) -> None:
        self.goals.append((goal, met))

    def write(self) -> None:
        """Print the report, and write its files."""
        FOLDER.mkdir(exist_ok=True)
        report = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "versions": {**self.servers, **versions()},
            "tables": self.tables,
            "goals": dict(self.goals),
        }
        (FOLDER / f"{self.name}.json").write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
        text = "\n".join(self._lines(report["at"]))
        (FOLDER / f"{self.name}.md").write_text(text + "\n", "utf-8")
        print(f"\n{text}")

    def _lines(self, at: object) -> list[str]:
        run = ", ".join(
            f"{name} {number}" for name, number in {**self.servers, **versions()}.items()
        )
        lines = [f"# {self.title}", "", f"{at}, {machine()}. {run}."]
        for title, rows in self.tables.items():
            lines += ["", f"## {title}", "", *_table(rows)]
        if self.goals:
            lines += ["", "## Demanded", ""]
            lines += [f"- {'met' if met else 'MISSED'}: {goal}" for goal, met in self.goals]
        return lines


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    names = list(rows[0])
    body = [[str(row[name]) for name in names] for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in [names, ["---"] * len(names), *body]]


def machine() -> str:
    """The processors' number and name, and the operating system."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = f"{len(names)} × {names[0]}" if names else model
    return f"{model}, {platform.system()}"


def versions() -> dict[str, str]:
    return {
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in _PACKAGES},
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
