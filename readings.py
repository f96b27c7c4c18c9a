"""Reads the metrics of one process from its parts."""

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parts import Parts
from transport.connections import Connections
from transport.request_limits import RequestLimits
from transport.stream_limits import StreamLimits
from watching.histogram import Histogram
from watching.outcome import Outcome
from watching.snapshot import Buckets, Labels, Snapshot, Value

Reading = tuple[str, Labels, Value]

_MEMORY: Final = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What a process has that can be read.

    Any thread may take a snapshot: it copies plain numbers, and waits for nothing.
    """

    parts: Parts
    requests: RequestLimits | None = None
    """None for a process that serves nobody."""
    streams: StreamLimits | None = None
    connections: Connections | None = None

    def snapshot(self) -> Snapshot:
        values: dict[str, dict[Labels, Value]] = {}
        for name, labels, value in self._all():
            values.setdefault(f"aftersales_{name}", {})[labels] = value
        return values

    def _all(self) -> Iterator[Reading]:
        yield from self._of_requests()
        yield from self._of_database()
        yield from self._of_time()
        yield from self._of_jobs()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        yield "processes", (), 1
        yield "process_cpu_seconds_total", (), usage.ru_utime + usage.ru_stime
        if _MEMORY.exists():
            pages = int(_MEMORY.read_text().split()[1])
            yield "process_resident_memory_bytes", (), pages * os.sysconf("SC_PAGE_SIZE")

    def _of_requests(self) -> Iterator[Reading]:
        counts = self.parts.counts.requests
        for operation, counted in dict(counts.by_operation if counts else {}).items():
            for outcome, count in zip(Outcome, counted.outcomes, strict=True):
                # Failures are shown from the first request on: a rate needs a value before them.
                if count or outcome is Outcome.FAILED:
                    yield "requests_total", (operation, outcome.name.lower()), count
            yield from _histogram("request_duration_seconds", counted.seconds, operation)
        for outcome_name, count in dict(self.parts.attempts.outcomes).items():
            yield "sign_ins_total", (outcome_name,), count
        if self.requests is not None:
            yield "requests_in_progress", (), self.requests.concurrent
        if self.streams is not None:
            yield "streams_open", (), self.streams.open
            yield "streams_opened_total", (), self.streams.opened
            yield "streams_refused_total", (), self.streams.refused
        if self.connections is not None:
            yield "client_connections", (), len(self.connections)
            for status, count in dict(self.connections.refused).items():
                yield "requests_refused_early_total", (str(status),), count

    def _of_database(self) -> Iterator[Reading]:
        database = self.parts.database
        limiters = dict(database.limiters)
        if database.replica is not None:
            limiters["replica"] = database.replica.limiter
        for pool, limiter in limiters.items():
            yield "database_connections", (pool,), limiter.size
            yield "database_connections_in_use", (pool,), limiter.in_use
            yield "database_waiting", (pool,), limiter.waiting
            for reason, count in dict(limiter.refused).items():
                yield "database_refused_total", (pool, reason), count
        for pool, batcher in database.batchers.items():
            yield from _histogram("database_batch_size", batcher.sizes, pool)
        yield "database_unavailable", (), int(database.availability.outage is not None)

    def _of_time(self) -> Iterator[Reading]:
        counts = self.parts.counts
        if counts.clock_skew_s is not None:
            yield "clock_skew_seconds", (), counts.clock_skew_s
        if counts.clock_error_s is not None:
            yield "clock_error_seconds", (), counts.clock_error_s
        yield "clock_waiting", (), int(counts.clock_waits)

    def _of_jobs(self) -> Iterator[Reading]:
        jobs = self.parts.counts.jobs
        yield "sweeps_total", (), jobs.sweeps
        yield "sweeps_failed_total", (), jobs.sweeps_failed
        if jobs.last_sweep_at is not None:
            yield "sweep_last_success_timestamp_seconds", (), jobs.last_sweep_at
        for action, count in dict(jobs.steps).items():
            yield "sweep_steps_total", (action,), count
        yield "sweep_blocked_total", (), jobs.blocked
        yield from _histogram("sweep_duration_seconds", jobs.sweep_seconds)
        yield from _histogram("sweep_lateness_seconds", jobs.lateness)
        yield "feed_placed_total", (), jobs.placed
        if jobs.feed_lag_s is not None:
            yield "feed_lag_seconds", (), jobs.feed_lag_s
        if jobs.quality_lag_s is not None:
            yield "quality_lag_seconds", (), jobs.quality_lag_s
        for outcome, count in dict(jobs.deliveries).items():
            yield "webhook_deliveries_total", (outcome,), count
        yield from _histogram("webhook_duration_seconds", jobs.delivery_seconds)
        for outcome, count in dict(jobs.exports).items():
            yield "exports_total", (outcome,), count
        yield "exports_running", (), jobs.exports_running
        yield from _histogram("export_duration_seconds", jobs.export_seconds)
        yield "export_rows_total", (), jobs.export_rows


def _histogram(name: str, histogram: Histogram, *labels: str) -> Iterator[Reading]:
    yield name, labels, Buckets.of(histogram)
