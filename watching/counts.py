"""The counts of one process: of its requests and its jobs."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from watching.histogram import Histogram
from watching.metrics import (
    EXPORT_BOUNDS,
    LATENCY_BOUNDS,
    LATENESS_BOUNDS,
    SWEEP_BOUNDS,
    WEBHOOK_BOUNDS,
)
from watching.outcome import Outcome

EXPORT_ENDS: Final = ("done", "failed", "lost", "stopped")
"""How an attempt of an export ends: ``lost`` to another process, or ``stopped`` with its own."""

OTHER: Final = "other"
"""The operation of every request that is none of the known ones."""


@dataclass(slots=True)
class OperationCounts:
    """The requests of one operation."""

    outcomes: list[int] = field(default_factory=lambda: [0] * len(Outcome))
    seconds: Histogram = field(default_factory=lambda: Histogram(LATENCY_BOUNDS))


@dataclass(slots=True)
class RequestCounts:
    """The requests that a process has answered, by operation.

    Whoever counts chooses the operation from a bounded set, so that strangers cannot fill the
    memory of those who watch.
    """

    by_operation: dict[str, OperationCounts] = field(default_factory=dict)

    def count(self, operation: str, outcome: Outcome, seconds: float | None) -> None:
        """Count a request. ``seconds`` is None for a stream, whose length says nothing."""
        counts = self.by_operation.get(operation)
        if counts is None:
            counts = self.by_operation[operation] = OperationCounts()
        counts.outcomes[outcome] += 1
        if seconds is not None:
            counts.seconds.observe(seconds)


@dataclass(slots=True)
class JobCounts:
    """What the jobs of a process have done."""

    sweeps: int = 0
    """Looks of the clock that succeeded, also those that found nothing."""
    sweeps_failed: int = 0
    last_sweep_at: float | None = None
    """The real time of the last one that succeeded, in seconds of the Unix epoch."""
    steps: Counter[str] = field(default_factory=Counter)
    """Automatic steps by action."""
    blocked: int = 0
    sweep_seconds: Histogram = field(default_factory=lambda: Histogram(SWEEP_BOUNDS))
    lateness: Histogram = field(default_factory=lambda: Histogram(LATENESS_BOUNDS))
    """Of the oldest deadline that a sweep found over, when it began."""
    placed: int = 0
    """Events that were placed in the feed."""
    deliveries: Counter[str] = field(default_factory=Counter)
    """Attempts to deliver webhooks, by outcome."""
    delivery_seconds: Histogram = field(default_factory=lambda: Histogram(WEBHOOK_BOUNDS))
    exports: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(EXPORT_ENDS, 0)))
    """Attempts of exports by how they ended."""
    exports_running: int = 0
    export_seconds: Histogram = field(default_factory=lambda: Histogram(EXPORT_BOUNDS))
    export_rows: int = 0
    feed_lag_s: float | None = None
    """The age of the oldest event without a place in the feed; None while it is not known."""
    quality_lag_s: float | None = None
    """The age of the oldest place in the feed that no quality case takes into account."""

    def swept(self, seconds: float, lateness: float | None) -> None:
        """Count a look of the clock; ``lateness`` is None if nothing was due."""
        self.sweeps += 1
        self.last_sweep_at = time.time()
        if lateness is not None:
            self.sweep_seconds.observe(seconds)
            self.lateness.observe(lateness)


@dataclass(slots=True)
class Counts:
    """All counts of one process."""

    requests: RequestCounts | None = None
    """None if nobody watches them."""
    jobs: JobCounts = field(default_factory=JobCounts)
    clock_skew_s: float | None = None
    """These three are noted by the event loop: reading a clock is not for other threads."""
    clock_error_s: float | None = None
    clock_waits: bool = False
