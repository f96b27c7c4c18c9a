"""What is noted where a request ends: its operation, its outcome and its time."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Final

from transport.routes import Streamed
from watching.counts import OTHER, RequestCounts
from watching.log_lines import FIELDS
from watching.outcome import ERROR, Outcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response
    from starlette.types import Scope

    from transport.routes import Route

OPERATION: Final = "aftersales.operation"
"""The key in a request's scope under which stands the name of its operation, of a bounded set."""

ENDED: Final = "aftersales.ended"
"""The key under which stand the outcome and the HTTP status, once the request has ended."""

REFUSED: Final = "aftersales.refused"
"""The key under which stands that a rule has refused its mutation."""

_log: Final = logging.getLogger("aftersales.access")

GRAPHQL: Final = "/graphql"

# The class of an enum is slow to ask for its members.
_OK: Final = Outcome.OK
_REFUSED: Final = Outcome.REFUSED


class RequestWatch:
    """Counts and logs the requests of a process, or does one of the two.

    A process that nobody watches has none.
    """

    def __init__(
        self, counts: RequestCounts | None, routes: Iterable[Route], *, logs: bool = False
    ) -> None:
        """``logs`` writes an access log, one line a request, without addresses and values."""
        self._counts = counts
        self._logs = logs
        self._paths = {_first(route.path) for route in routes} - {GRAPHQL}

    def ended(self, scope: Scope, response: Response | Streamed, began: float) -> None:
        """Note a request that is answered, or whose stream begins; ``began`` at `perf_counter`."""
        operation = scope.get(OPERATION)
        if operation is None:
            path = _first(scope["path"])
            operation = scope[OPERATION] = path if path in self._paths else OTHER
        if isinstance(response, Streamed):
            scope[ENDED] = (_OK, response.status_code)
            if self._counts is not None:
                self._counts.count(operation, Outcome.OK, None)
            if self._logs:
                _log_request(scope, operation, _OK, response.status_code, None)
            return
        outcome = _REFUSED if REFUSED in scope else _OK
        status, code = response.status_code, getattr(response, "error_code", None)
        if code is not None or status >= ERROR:
            outcome = outcome_of(status, code)
        scope[ENDED] = (outcome, status)
        seconds = perf_counter() - began
        if self._counts is not None:
            self._counts.count(operation, outcome, seconds)
        if self._logs:
            _log_request(scope, operation, outcome, status, seconds)


def _log_request(
    scope: Scope, operation: str, outcome: Outcome, status: int, seconds: float | None
) -> None:
    """Log a request without its path, its address and its values. None: a stream has begun."""
    milliseconds = None if seconds is None else round(seconds * 1000, 1)
    fields = {
        "method": scope["method"],
        "operation": operation,
        "outcome": outcome.name.lower(),
        "status": status,
        "milliseconds": milliseconds,
    }
    took = "a stream began" if milliseconds is None else f"{milliseconds} ms"
    _log.info("%s %s %s %d %s", *list(fields.values())[:4], took, extra={FIELDS: fields})


def _first(path: str) -> str:
    """The first part of a path, which is enough to know a route by."""
    return "/" + path[1:].partition("/")[0]
