"""Traces: one span a request, a statement and a job. Off, they cost a look at one attribute.

``otlp.py`` alone knows OpenTelemetry, and is imported only where traces are sent. A span has a name
of a bounded set and few facts; it never has the value of an argument, nor the text of an error.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol, TypeVar

T = TypeVar("T")

_SUMMARY: Final = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+\"?(\w+)", re.IGNORECASE)
_VERB: Final = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)


class SpanKind(StrEnum):
    """Which side of a call a span is."""

    SERVER = "server"
    CLIENT = "client"
    INTERNAL = "internal"


class Span(Protocol):
    """A piece of work that takes time."""

    def rename(self, name: str) -> None: ...

    def note(self, name: str, fact: str | float) -> None: ...

    def fail(self) -> None:
        """Mark the work as failed."""

    def end(self) -> None: ...


class Tracer(Protocol):
    """Sends spans somewhere."""

    def within(
        self, name: str, kind: SpanKind, traceparent: str | None = None
    ) -> AbstractContextManager[Span]:
        """A span for a block. What the block begins belongs to it, also on other connections."""

    def begin(self, name: str, kind: SpanKind) -> Span | None:
        """A span of the work under way, to be ended; None if no work is being traced."""

    def trace_id(self) -> str | None:
        """The id of the trace to which the work under way belongs."""

    def close(self) -> None:
        """Send what is left."""


class _Untraced:
    """Stands for a span where nothing is traced."""

    def rename(self, name: str) -> None: ...

    def note(self, name: str, fact: str | float) -> None: ...

    def fail(self) -> None: ...

    def end(self) -> None: ...


_UNTRACED: Final = _Untraced()


class Tracing:
    """Whether this process traces. Statements are run by rooms that are handed no such thing."""

    def __init__(self) -> None:
        self.tracer: Tracer | None = None

    @contextmanager
    def job(self, name: str) -> Iterator[Span]:
        """A span for a piece of a job's work."""
        if self.tracer is None:
            yield _UNTRACED
            return
        with self.tracer.within(f"job {name}", SpanKind.INTERNAL) as span:
            yield span

    def name_of_trace(self) -> Mapping[str, str]:
        """The id of the trace under way, as `traceId`, for the log."""
        trace_id = None if self.tracer is None else self.tracer.trace_id()
        return {} if trace_id is None else {"traceId": trace_id}

    def close(self) -> None:
        if self.tracer is not None:
            self.tracer.close()


TRACING: Final = Tracing()


async def traced(tracer: Tracer, name: str, running: Awaitable[T], size: int = 1) -> T:
    """The result of a statement, or of ``size`` of them, with a span around it."""
    span = tracer.begin(name, SpanKind.CLIENT)
    if span is None:
        return await running
    if size > 1:
        span.note("db.operation.batch.size", size)
    try:
        return await running
    except BaseException:
        span.fail()
        raise
    finally:
        span.end()


@lru_cache(maxsize=2_000)
def summary_of(statement: str) -> str:
    """What a statement does in two words, such as ``SELECT service_order``.

    Not its text: nobody could promise that no value is written into one.
    """
    verb, table = _VERB.search(statement), _SUMMARY.search(statement)
    words = (verb[1].upper() if verb else "OTHER", table[1] if table else "")
    return " ".join(filter(None, words))
