"""Metrics in Prometheus's text format, served over HTTP by a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from watching.metrics import METRICS, Kind, Metric
from watching.snapshot import Buckets, Labels, Snapshot, Value

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class _Snapshots(Collector):
    """Reads a snapshot for each scrape."""

    def __init__(self, take: Callable[[], Snapshot]) -> None:
        self._take = take

    def collect(self) -> Iterator[Family]:
        return families(self._take())


def families(snapshot: Snapshot) -> Iterator[Family]:
    """The snapshot as the package has it, in the order of the table."""
    for metric in METRICS:
        yield _family(metric, dict(snapshot.get(metric.name, {})))


def _family(metric: Metric, values: dict[Labels, Value]) -> Family:
    if metric.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, value in values.items():
            if isinstance(value, Buckets):
                les = [*map(str, map(float, metric.bounds)), "+Inf"]
                buckets = list(zip(les, accumulate(value.counts), strict=True))
                histogram.add_metric(labels, buckets, value.total)
        return histogram
    make = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = make(metric.name, metric.help, labels=metric.labels)
    for labels, value in values.items():
        if not isinstance(value, Buckets):
            family.add_metric(labels, value)
    return family


def serve_metrics(host: str, port: int, take: Callable[[], Snapshot]) -> Callable[[], None]:
    """Serve ``/metrics`` until the function that is returned is called. Raises OSError.

    A thread of its own answers, so that a process whose event loop hangs can still be watched.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshots(take))
    server, thread = start_http_server(port, host, registry)

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close
