"""The table of metrics. The code, docs/observability.md, the dashboard and the alerts follow it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LATENCY_BOUNDS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0
)  # fmt: skip
BATCH_BOUNDS: Final = (1, 2, 4, 8, 16, 32, 64)
LATENESS_BOUNDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)
SWEEP_BOUNDS: Final = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0)
WEBHOOK_BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0)
EXPORT_BOUNDS: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)


class Kind(StrEnum):
    """What a metric is, in Prometheus's words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Together(StrEnum):
    """How the values of several processes become one."""

    SUM = "sum"
    WIDEST = "widest"
    """The value that is farthest from zero."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of the table."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    """The upper bounds of a histogram's buckets."""
    together: Together = Together.SUM


_C, _G, _H, _W = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Together.WIDEST

METRICS: Final = (
    # Requests
    Metric(
        "aftersales_requests_total",
        _C,
        "Requests answered, by operation and outcome.",
        ("operation", "outcome"),
    ),
    Metric(
        "aftersales_request_duration_seconds",
        _H,
        "Time from the arrival of a whole request to its answer; streams do not count.",
        ("operation",),
        LATENCY_BOUNDS,
    ),
    Metric("aftersales_requests_in_progress", _G, "Requests that are being answered."),
    Metric(
        "aftersales_requests_refused_early_total",
        _C,
        "Requests refused before they had arrived, by HTTP status.",
        ("status",),
    ),
    Metric("aftersales_client_connections", _G, "Open connections of clients."),
    Metric("aftersales_streams_open", _G, "Subscriptions that run."),
    Metric("aftersales_streams_opened_total", _C, "Subscriptions that began."),
    Metric("aftersales_streams_refused_total", _C, "Subscriptions refused because of a limit."),
    Metric(
        "aftersales_sign_ins_total",
        _C,
        "Attempts to sign in, and refused ones to change or reset a password, by outcome.",
        ("outcome",),
    ),
    # Database
    Metric(
        "aftersales_database_connections",
        _G,
        "Connections that transactions may use, by pool.",
        ("pool",),
    ),
    Metric(
        "aftersales_database_connections_in_use",
        _G,
        "Connections that transactions use, by pool.",
        ("pool",),
    ),
    Metric(
        "aftersales_database_waiting",
        _G,
        "Requests that wait for a connection, by pool.",
        ("pool",),
    ),
    Metric(
        "aftersales_database_refused_total",
        _C,
        "Requests that got no connection or no result in time, by pool and reason.",
        ("pool", "reason"),
    ),
    Metric(
        "aftersales_database_unavailable",
        _G,
        "Processes that cannot use the database at present.",
    ),
    Metric(
        "aftersales_database_batch_size",
        _H,
        "Statements sent to the database together, by pool.",
        ("pool",),
        BATCH_BOUNDS,
    ),
    # Time
    Metric(
        "aftersales_clock_skew_seconds",
        _G,
        "The machine's clock minus the database's; absent on SQLite.",
        together=_W,
    ),
    Metric(
        "aftersales_clock_error_seconds",
        _G,
        "The most by which the desk's time may differ from the database's; absent on SQLite.",
        together=_W,
    ),
    Metric(
        "aftersales_clock_waiting",
        _G,
        "Processes whose time is not good enough for automatic steps.",
    ),
    # Jobs
    Metric("aftersales_sweeps_total", _C, "Looks of the clock for orders that are due."),
    Metric("aftersales_sweeps_failed_total", _C, "Looks of the clock that failed."),
    Metric(
        "aftersales_sweep_last_success_timestamp_seconds",
        _G,
        "When the clock last looked with success, in seconds of the Unix epoch.",
        together=_W,
    ),
    Metric(
        "aftersales_sweep_steps_total", _C, "Automatic steps of orders, by action.", ("action",)
    ),
    Metric(
        "aftersales_sweep_blocked_total",
        _C,
        "Orders that were due but blocked for lack of a return address.",
    ),
    Metric(
        "aftersales_sweep_duration_seconds",
        _H,
        "Time that a look took which found orders that are due.",
        (),
        SWEEP_BOUNDS,
    ),
    Metric(
        "aftersales_sweep_lateness_seconds",
        _H,
        "How long the oldest deadline was over when such a look began.",
        (),
        LATENESS_BOUNDS,
    ),
    Metric("aftersales_feed_placed_total", _C, "Events placed in the feed."),
    Metric(
        "aftersales_feed_lag_seconds",
        _G,
        "Age of the oldest event without a place in the feed.",
        together=_W,
    ),
    Metric(
        "aftersales_quality_lag_seconds",
        _G,
        "Age of the oldest place in the feed from which no quality case was derived yet.",
        together=_W,
    ),
    Metric(
        "aftersales_webhook_deliveries_total",
        _C,
        "Attempts to deliver webhooks, by outcome.",
        ("outcome",),
    ),
    Metric(
        "aftersales_webhook_duration_seconds",
        _H,
        "Time until a receiver of webhooks had answered, or failed to.",
        (),
        WEBHOOK_BOUNDS,
    ),
    Metric(
        "aftersales_exports_total", _C, "Attempts of exports that ended, by outcome.", ("outcome",)
    ),
    Metric("aftersales_exports_running", _G, "Exports that are being written."),
    Metric(
        "aftersales_export_duration_seconds", _H, "Time that an attempt took.", (), EXPORT_BOUNDS
    ),
    Metric("aftersales_export_rows_total", _C, "Orders written to exports."),
    # Processes
    Metric("aftersales_processes", _G, "Processes whose figures these are."),
    Metric(
        "aftersales_processes_silent",
        _G,
        "Processes that did not answer in time; their last known counts are included.",
    ),
    Metric("aftersales_process_cpu_seconds_total", _C, "Processor time that was used."),
    Metric("aftersales_process_resident_memory_bytes", _G, "Memory that is resident."),
)

BY_NAME: Final[Mapping[str, Metric]] = {metric.name: metric for metric in METRICS}
