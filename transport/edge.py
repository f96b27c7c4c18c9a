"""The edge of the server: every HTTP request enters and leaves here."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from starlette.exceptions import HTTPException
from starlette.routing import Router

from transport.compression import MIN_BYTES, compress_response
from transport.current_request import begin_request
from transport.errors import HttpError
from transport.headers import header, request_id_header, request_id_of
from transport.language import request_language
from transport.origins import Origins
from transport.request_limits import RequestLimits
from transport.responses import NOSNIFF, bug_response, error_response
from transport.routes import Route, RouteTable, Streamed
from transport.watch import ENDED, OPERATION
from watching.counts import OTHER
from watching.outcome import Outcome
from watching.tracing import SpanKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from starlette.responses import Response
    from starlette.types import Lifespan, Receive, Scope, Send

    from transport.watch import RequestWatch
    from watching.snapshot import Snapshot
    from watching.tracing import Tracer

_FAILURES: Final = frozenset({Outcome.FAILED, Outcome.OVERLOADED, Outcome.UNAVAILABLE})

_log: Final = logging.getLogger("aftersales.http")


class HttpEdge:
    """Answers HTTP requests: limits them, signs each response with the request id, compresses.

    It takes the place of Starlette's application. Starlette's middleware, router and way of sending
    take a large part of the time of a small response; its `max_body_size` and its handler of
    uncaught exceptions answer in plain text; its `GZipMiddleware` ignores the weights of
    `Accept-Encoding`.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        limits: RequestLimits,
        watch: RequestWatch | None,
        allowed_origins: Collection[str] = (),
    ) -> None:
        self._routes = RouteTable(routes)
        self._limits = limits
        self._origins = Origins(allowed_origins) if allowed_origins else None
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; an uncaught exception becomes `INTERNAL`."""
        limits, origins = self._limits, self._origins
        limits.concurrent += 1
        begin_request(scope)
        began = perf_counter()
        try:
            response = await self._answer(scope, receive)
            if not isinstance(response, Streamed):
                headers, body = response.raw_headers, response.body
                if NOSNIFF not in headers:
                    headers = [*headers, NOSNIFF]
                if len(body) >= MIN_BYTES:
                    headers, body = await compress_response(scope, headers, body)
                headers = [*headers, request_id_header(scope)]
                if origins is not None:
                    headers += origins.headers_for(scope)
                status = response.status_code
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                if self._watch is not None:
                    self._watch.ended(scope, response, began)
                return
        finally:
            limits.concurrent -= 1
        if self._watch is not None:
            self._watch.ended(scope, response, began)
        # Not among the concurrent requests: a stream mostly waits, and has limits of its own.
        if origins is not None:
            send = origins.adding(scope, send)
        await response.run(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | Streamed:
        limits, origins = self._limits, self._origins
        try:
            # Before the limits: without a preflight, a browser hides why the request was refused.
            if origins is not None and (preflight := origins.preflight(scope)) is not None:
                return preflight
            limits.check_concurrency(scope)
            receive_limited = limits.limited(scope, receive)
            return await self._routes.find(scope)(scope, receive_limited)
        except HttpError as error:
            return error_response(error, language=request_language(scope))
        except HTTPException as error:
            refusal = HttpError(error.status_code, error.detail, headers=error.headers)
            return error_response(refusal, language=request_language(scope))
        except Exception:  # noqa: BLE001 - a bug must be answered as JSON like the rest
            request_id = request_id_of(scope)
            _log.exception("request %s failed", request_id)
            return bug_response(request_id, language=request_language(scope))


class TracedEdge(HttpEdge):
    """The edge of a server that sends traces: a span around each request.

    A client may name its parent by `traceparent`.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        limits: RequestLimits,
        watch: RequestWatch | None,
        allowed_origins: Collection[str],
        tracer: Tracer,
    ) -> None:
        super().__init__(routes, limits, watch, allowed_origins)
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        traceparent = header(scope, b"traceparent")
        with self._tracer.within("request", SpanKind.SERVER, traceparent) as span:
            await super().__call__(scope, receive, send)
            operation = scope.get(OPERATION, OTHER)
            outcome, status = scope.get(ENDED, (Outcome.FAILED, 0))
            span.rename(operation)
            span.note("graphql.operation.name", operation)
            span.note("http.request.method", scope["method"])
            span.note("http.response.status_code", status)
            span.note("aftersales.request_id", request_id_of(scope))
            span.note("aftersales.outcome", outcome.name.lower())
            if outcome in _FAILURES:
                span.fail()


class Application:
    """The ASGI application: the edge for HTTP, and Starlette's router for all else.

    All else is the lifespan. A WebSocket comes as an HTTP request that asks to change the protocol
    (`transport/upgrade.py`), so that the edge refuses it like any other.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        lifespan: Lifespan[Any] | None = None,  # Any: Starlette's router passes None
        limits: RequestLimits | None = None,
        allowed_origins: Collection[str] = (),
        watch: RequestWatch | None = None,
        snapshot: Callable[[], Snapshot] | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """``snapshot`` reads the metrics of the process, which the supervisor may ask for."""
        self.snapshot = snapshot
        self.router = Router(lifespan=lifespan)
        parts = (routes, limits or RequestLimits(), watch, allowed_origins)
        self._edge = HttpEdge(*parts) if tracer is None else TracedEdge(*parts, tracer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._edge(scope, receive, send)
        else:
            await self.router(scope, receive, send)
