"""Traces by OpenTelemetry, sent over HTTP by the protocol OTLP from a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagators.textmap import DefaultGetter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from watching.tracing import Span, SpanKind

TIMEOUT_S: Final = 5.0
"""How long a batch is tried to be sent, also when the process ends."""

_KINDS: Final = {
    SpanKind.SERVER: trace.SpanKind.SERVER,
    SpanKind.CLIENT: trace.SpanKind.CLIENT,
    SpanKind.INTERNAL: trace.SpanKind.INTERNAL,
}
_TRACEPARENT: Final = TraceContextTextMapPropagator()
_GETTER: Final = DefaultGetter()


class OtlpSpan:
    """A span of OpenTelemetry."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def note(self, name: str, fact: str | float) -> None:
        self._span.set_attribute(name, fact)

    def fail(self) -> None:
        self._span.set_status(trace.StatusCode.ERROR)  # without a text, which may hold values

    def end(self) -> None:
        self._span.end()


class OtlpTracer:
    """Sends spans to a collector, in batches. One that is away costs spans, not requests."""

    def __init__(self, url: str, share: float, timeout_s: float = TIMEOUT_S) -> None:
        """``share`` of the traces are sent.

        A client's `traceparent` can have a request left out, but not sent more often than that:
        any client can send one.
        """
        sampler = TraceIdRatioBased(share)
        self._provider = TracerProvider(
            sampler=ParentBased(
                sampler, remote_parent_sampled=sampler, remote_parent_not_sampled=ALWAYS_OFF
            ),
            resource=Resource.create({"service.name": "aftersales"}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(url, timeout=timeout_s))
        )
        self._tracer = self._provider.get_tracer("aftersales")

    @contextmanager
    def within(self, name: str, kind: SpanKind, traceparent: str | None = None) -> Iterator[Span]:
        context = None
        if traceparent:
            context = _TRACEPARENT.extract({"traceparent": traceparent}, getter=_GETTER)
        with self._tracer.start_as_current_span(
            name,
            context,
            kind=_KINDS[kind],
            record_exception=False,  # its text may hold values
            set_status_on_exception=False,
        ) as started:
            span = OtlpSpan(started)
            try:
                yield span
            except BaseException:
                span.fail()
                raise

    def begin(self, name: str, kind: SpanKind) -> Span | None:
        if not trace.get_current_span().is_recording():
            return None
        return OtlpSpan(self._tracer.start_span(name, kind=_KINDS[kind]))

    def trace_id(self) -> str | None:
        context = trace.get_current_span().get_span_context()
        return trace.format_trace_id(context.trace_id) if context.is_valid else None

    def close(self) -> None:
        self._provider.shutdown()
