"""What every HTTP answer has in common: a request id, a bounded body, and errors as JSON."""

from __future__ import annotations

import logging
import random
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schema.compression import accepts_gzip
from schema.outgoing import Outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

JSON = "application/json"

MAX_BODY_BYTES = 2 * 1024 * 1024

MAX_AT_ONCE = 512
"""How many requests a process answers at the same time; it parses and shapes only one of them."""

VARIES_BY = "Accept, Accept-Language, Authorization, Accept-Encoding"
OVERLOADED = "OVERLOADED"
BUSY = "The server has more to do than it can; try again"
UNAVAILABLE = "UNAVAILABLE"
AWAY = "The database is away. A change that was asked for may have been made, or not; try again"
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz"})

_HEADERS = "aftersales.headers"
_ID = "aftersales.request_id"
_REQUEST_ID = b"x-request-id"
_VARY = (b"vary", VARIES_BY.encode())

# Ids need to differ, not to be secret: `uuid4` asks the system for each.
_chance = random.Random()  # noqa: S311 - see above
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


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Every header by its name in lower case, read once; several with one name become a list.

    Starlette's `Headers` looks through all of them for each one that is asked for.
    """
    known: dict[bytes, bytes] | None = scope.get(_HEADERS)
    if known is None:
        known = dict(scope["headers"])
        if len(known) < len(scope["headers"]):
            known = {
                name: b", ".join(value for other, value in scope["headers"] if other == name)
                for name in known
            }
        scope[_HEADERS] = known
    return known


def header(scope: Scope, name: bytes) -> str:
    """A header by its name in lower case; empty if the request does not have it."""
    return headers_of(scope).get(name, b"").decode("latin-1")


def request_id_of(scope: Scope) -> str:
    """Return the id that names this request in the logs, in `X-Request-Id` and in `INTERNAL`.

    The caller's own id is kept where it is harmless, so that a trace can span services.
    """
    known: str | None = scope.get(_ID)
    if known is None:
        offered = header(scope, _REQUEST_ID)
        known = offered if _ACCEPTABLE_REQUEST_ID.fullmatch(offered) else _new_id()
        scope[_ID] = known
    return known


def _new_id() -> str:
    return f"{_chance.getrandbits(128):032x}"


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
    return _JsonResponse(
        orjson.dumps(content), status=status, media_type=media_type, headers=headers, lasts=lasts
    )


class _JsonResponse(Response):
    """Writes its few headers as they are sent; Starlette would encode each of them each time."""

    def __init__(
        self,
        body: bytes,
        *,
        status: int,
        media_type: str,
        headers: Mapping[str, str] | None,
        lasts: timedelta | None,
    ) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", media_type.encode() + b"; charset=utf-8"),
            (b"cache-control", _kept_for(lasts)),
            _VARY,
        ]
        if headers:
            self.raw_headers += [(n.lower().encode(), v.encode()) for n, v in headers.items()]


def _kept_for(lasts: timedelta | None) -> bytes:
    return b"public, max-age=%d" % lasts.total_seconds() if lasts else b"private, no-store"


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
    """The first middleware: bounds each body, signs each answer with its request id, compresses.

    It belongs inside Starlette (`middleware=[Middleware(HttpEdge), ...]`), not around it: around
    it, Starlette would already have worded an uncaught exception as plain text. Starlette's own
    `max_body_size` is not used because that too answers in plain text, nor its `GZipMiddleware`,
    which looks at no weights.

    What `direct` has at the very path of a request answers it at once, without Starlette's router.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        direct: Mapping[str, ASGIApp] | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        max_at_once: int = MAX_AT_ONCE,
    ) -> None:
        self._app = app
        self._direct = direct or {}
        self._max_body_bytes = max_body_bytes
        self._max_at_once = max_at_once
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an exception that nobody caught becomes `INTERNAL`."""
        app = self._direct.get(scope.get("path", ""), self._app)
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = headers_of(scope)
        answer = Outgoing(
            send,
            signature=(_REQUEST_ID, request_id_of(scope).encode()),
            accepts_gzip=accepts_gzip(headers.get(b"accept-encoding", b"").decode("latin-1")),
        )
        self._at_once += 1
        try:
            if self._at_once > self._max_at_once:
                _refuse_too_many(scope)
            await app(scope, self._bounded(headers, receive), answer.send)
        except Refused as refused:
            if answer.started:
                raise
            await refusal_response(refused)(scope, receive, answer.send)
        except Exception:
            request_id = request_id_of(scope)
            _log.exception("request %s failed", request_id)
            if answer.started:
                raise
            bug = {"errors": [internal_error(request_id)]}
            await json_response(bug, status=500)(scope, receive, answer.send)
        finally:
            self._at_once -= 1

    def _bounded(self, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        """Refuse a body that is said to be too long, and count what really arrives.

        The length that is said may be missing, or a lie.
        """
        declared = headers.get(b"content-length", b"")
        # Python refuses to convert thousands of digits; no honest length has twenty.
        if declared.isdigit() and int(declared[:20]) > self._max_body_bytes:
            raise _too_large(self._max_body_bytes)
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


def _refuse_too_many(scope: Scope) -> None:
    if scope["path"] not in ALWAYS_ANSWERED:
        raise overloaded()


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
