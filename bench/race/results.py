"""The results of a race: reading, writing, medians. Compare only ratios within one round."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import orjson

from bench.race.works import MIDDLE
from bench.results import FOLDER

FILE: Final = FOLDER / "race.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One run of a peer: milliseconds, microseconds of processor time per request, megabytes."""

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
    connections: int = MIDDLE

    @property
    def us(self) -> float:
        """The processor time of a request on the server and in the database."""
        return self.server_us + self.database_us


Measure = Callable[[Row], float]


@dataclass(slots=True)
class Results:
    """All runs, their environment, and the number of answers compared before."""

    ran_on: dict[str, str] = field(default_factory=dict)
    verified: int = 0
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def read(cls, file: Path = FILE) -> "Results":
        stored = orjson.loads(file.read_bytes())
        rows = [Row(**row) for row in stored["rows"]]
        return cls(ran_on=stored["ran_on"], verified=stored["verified"], rows=rows)

    def write(self, file: Path) -> None:
        rows = ",\n  ".join(orjson.dumps(_rounded(asdict(row))).decode() for row in self.rows)
        ran_on = orjson.dumps(self.ran_on).decode()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f'{{"ran_on": {ran_on},\n "verified": {self.verified},\n "rows": [\n  {rows}\n ]}}\n'
        )

    def works(self) -> list[str]:
        return list(dict.fromkeys(row.work for row in self.rows))

    def loads(self, work: str) -> list[int]:
        """The numbers of connections at which a work was raced, the least first."""
        return sorted({row.connections for row in self.rows if row.work == work})

    def at(self, connections: int) -> "Results":
        """The runs with that many connections: the methods below tell no loads apart."""
        rows = [row for row in self.rows if row.connections == connections]
        return Results(self.ran_on, self.verified, rows)

    def peers(self, work: str) -> list[str]:
        """The peers of a work, the fastest first."""
        peers = dict.fromkeys(row.peer for row in self.rows if row.work == work)
        return sorted(peers, key=lambda peer: -self.median(peer, work, lambda row: row.per_second))

    def of(self, peer: str, work: str) -> list[Row]:
        return [row for row in self.rows if row.peer == peer and row.work == work]

    def median(self, peer: str, work: str, measure: Measure) -> float:
        return median(measure(row) for row in self.of(peer, work))

    def ratio(self, peer: str, other: str, work: str, measure: Measure) -> float | None:
        """The median of the ratios within each round; None without a common round."""
        others = {row.round: row for row in self.of(other, work)}
        ratios = [
            measure(row) / measure(others[row.round])
            for row in self.of(peer, work)
            if row.round in others and measure(others[row.round])
        ]
        return median(ratios) if ratios else None


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()
    }
