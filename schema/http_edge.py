"""What every HTTP answer has in common: a request id, a bounded body, and errors as JSON."""

from __future__ import annotations

import logging
import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

JSON = "application/json"

MAX_BODY_BYTES = 2 * 1024 * 1024

MAX_AT_ONCE = 512
"""How many requests a process answers at the same time; it parses and shapes only one of them."""

REQUEST_ID = "X-Request-Id"
VARIES_BY = "Accept, Accept-Language, Authorization, Accept-Encoding"
OVERLOADED = "OVERLOADED"
BUSY = "The server has more to do than it can; try again"
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})

_log = logging.getLogger("aftersales.http")
_ACCEPTABLE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


class Refused(Exception):
    """A request is refused as a whole, before GraphQL: the client gets this status as JSON."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        document: bool = False,
    ) -> None:
        """With ``document`` it is the document that is refused, as if it had been looked into."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or _CODES.get(status, "BAD_REQUEST")
        self.headers = dict(headers or {})
        self.document = document


def request_id_of(scope: Scope) -> str:
    """Return the id that names this request in the logs, in `X-Request-Id` and in `INTERNAL`.

    The caller's own id is kept where it is harmless, so that a trace can span services.
    """
    state: dict[str, object] = scope.setdefault("state", {})
    known = state.get("request_id")
    if isinstance(known, str):
        return known
    offered = Headers(scope=scope).get(REQUEST_ID, "")
    chosen = offered if _ACCEPTABLE_REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex
    state["request_id"] = chosen
    return chosen


def json_response(
    content: object,
    *,
    status: int = 200,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
    lasts: timedelta | None = None,
) -> Response:
    """Encode with orjson, which also splices the ready-made `orjson.Fragment`s of a plan.

    With ``lasts`` anybody may keep the answer for so long; without, nobody may.
    """
    response = Response(orjson.dumps(content), status_code=status, headers=dict(headers or {}))
    response.headers["content-type"] = f"{media_type}; charset=utf-8"
    response.headers["cache-control"] = (
        f"public, max-age={lasts // timedelta(seconds=1)}" if lasts else "private, no-store"
    )
    response.headers["vary"] = VARIES_BY
    return response


def refusal_response(refused: Refused, *, media_type: str = JSON) -> Response:
    """Word a refusal the way GraphQL words its errors."""
    error = {"message": refused.message, "extensions": {"code": refused.code}}
    # Under `application/json`, what is wrong with a document is a 200: older clients go by it.
    lenient = refused.document and media_type == JSON
    return json_response(
        {"errors": [error]},
        status=200 if lenient else refused.status,
        media_type=media_type,
        headers=refused.headers,
    )


def internal_error(request_id: str) -> dict[str, object]:
    """Word a bug: the details are in the log, under the request's id."""
    extensions = {"code": "INTERNAL", "requestId": request_id}
    return {"message": "Internal error", "extensions": extensions}


class HttpEdge:
    """The first middleware: bounds each body and signs each answer with its request id.

    It belongs inside Starlette (`middleware=[Middleware(HttpEdge), ...]`), not around it: around
    it, Starlette would already have worded an uncaught exception as plain text. Starlette's own
    `max_body_size` is not used because that too answers in plain text.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        max_at_once: int = MAX_AT_ONCE,
    ) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._max_at_once = max_at_once
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an exception that nobody caught becomes `INTERNAL`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        started = False

        async def send_signed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        self._at_once += 1
        try:
            self._refuse_too_many(scope)
            self._refuse_declared_size(scope)
            await self._app(scope, self._bounded(receive), send_signed)
        except Refused as refused:
            if started:
                raise
            await refusal_response(refused)(scope, receive, send_signed)
        except Exception:
            _log.exception("request %s failed", request_id)
            if started:
                raise
            bug = {"errors": [internal_error(request_id)]}
            await json_response(bug, status=500)(scope, receive, send_signed)
        finally:
            self._at_once -= 1

    def _refuse_too_many(self, scope: Scope) -> None:
        if self._at_once > self._max_at_once and scope["path"] not in ALWAYS_ANSWERED:
            raise overloaded()

    def _refuse_declared_size(self, scope: Scope) -> None:
        declared = Headers(scope=scope).get("content-length", "")
        # Python refuses to convert thousands of digits; no honest length has twenty.
        if declared.isdecimal() and int(declared[:20]) > self._max_body_bytes:
            raise _too_large(self._max_body_bytes)

    def _bounded(self, receive: Receive) -> Receive:
        """Count what really arrives: the length header may be missing or lie."""
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self._max_body_bytes:
                    raise _too_large(self._max_body_bytes)
            return message

        return receive_bounded


def overloaded() -> Refused:
    """What whoever comes when there is too much to do is told: a 503, and when to come again."""
    return Refused(503, BUSY, code=OVERLOADED, headers={"Retry-After": "1"})


def _too_large(max_body_bytes: int) -> Refused:
    return Refused(413, f"The request body is larger than {max_body_bytes} bytes")


async def _http_exception(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 -- starlette's types do not say it
    return refusal_response(Refused(exc.status_code, exc.detail, headers=exc.headers))


JSON_ERRORS: Mapping[type[Exception], ExceptionHandler] = {HTTPException: _http_exception}
"""For `Starlette(exception_handlers=...)`: its own 404 and 405 become JSON too."""
