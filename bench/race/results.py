"""What a race found: read, written, and reckoned with. Only ratios within a round mean anything."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import orjson

from bench.results import FOLDER

FILE: Final = FOLDER / "race.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One run of a peer. Milliseconds, microseconds of processor per request, megabytes."""

    peer: str
    work: str
    round: int
    per_second: float
    p50: float
    p99: float
    server_us: float
    database_us: float
    memory_mb: float
    requests: int
    errors: int

    @property
    def us(self) -> float:
        """The processor time of a request in all."""
        return self.server_us + self.database_us


Measure = Callable[[Row], float]


@dataclass(slots=True)
class Results:
    """All runs, what they ran on, and how many answers were compared before."""

    ran_on: dict[str, str] = field(default_factory=dict)
    verified: int = 0
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def read(cls, file: Path = FILE) -> "Results":
        said = orjson.loads(file.read_bytes())
        rows = [Row(**row) for row in said["rows"]]
        return cls(ran_on=said["ran_on"], verified=said["verified"], rows=rows)

    def write(self, file: Path) -> None:
        rows = ",\n  ".join(orjson.dumps(_rounded(asdict(row))).decode() for row in self.rows)
        on = orjson.dumps(self.ran_on).decode()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f'{{"ran_on": {on},\n "verified": {self.verified},\n "rows": [\n  {rows}\n ]}}\n'
        )

    def works(self) -> list[str]:
        return list(dict.fromkeys(row.work for row in self.rows))

    def peers(self, work: str) -> list[str]:
        """The peers of a work, the most requests per second first."""
        found = dict.fromkeys(row.peer for row in self.rows if row.work == work)
        return sorted(found, key=lambda peer: -self.median(peer, work, lambda row: row.per_second))

    def of(self, peer: str, work: str) -> list[Row]:
        return [row for row in self.rows if row.peer == peer and row.work == work]

    def median(self, peer: str, work: str, measure: Measure) -> float:
        return median(measure(row) for row in self.of(peer, work))

    def ratio(self, peer: str, other: str, work: str, measure: Measure) -> float | None:
        """The median of the ratios within each round; None if they did not race."""
        others = {row.round: row for row in self.of(other, work)}
        found = [
            measure(row) / measure(others[row.round])
            for row in self.of(peer, work)
            if row.round in others and measure(others[row.round])
        ]
        return median(found) if found else None


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()
    }
