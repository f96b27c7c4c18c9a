"""Spans of the statements that SQLAlchemy runs; `driver_connection.py` has those of the driver."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from watching.tracing import TRACING, Span, SpanKind, summary_of

_SPAN: Final = "aftersales.span"


def trace_statements() -> Callable[[], None]:
    """Begin a span with each statement, on any engine, until the returned function is called."""
    listeners: Mapping[str, Callable[..., None]] = {
        "before_cursor_execute": _begin,
        "after_cursor_execute": _end,
        "handle_error": _fail,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)

    def stop() -> None:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)

    return stop


def _begin(
    connection: Connection,
    _cursor: object,
    statement: str,
    _parameters: object,
    _context: object,
    executes_many: bool,  # noqa: FBT001 - as SQLAlchemy calls it
) -> None:
    if TRACING.tracer is None:
        return
    span = TRACING.tracer.begin(summary_of(statement), SpanKind.CLIENT)
    if span is not None:
        if executes_many:
            span.note("db.operation.many", "true")
        connection.info[_SPAN] = span


def _end(connection: Connection, *_rest: Any) -> None:  # Any: as SQLAlchemy calls it
    span: Span | None = connection.info.pop(_SPAN, None)
    if span is not None:
        span.end()


def _fail(context: ExceptionContext) -> None:
    connection = context.connection
    # A connection that is lost may be gone.
    if connection is None or connection.invalidated or connection.closed:
        return
    span: Span | None = connection.info.pop(_SPAN, None)
    if span is not None:
        span.fail()
        span.end()
