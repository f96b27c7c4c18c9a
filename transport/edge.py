"""What every HTTP answer has in common: a request id, a bounded body, and errors as JSON."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response

from transport.compression import accepts_gzip
from transport.outgoing import NOSNIFF, Outgoing, gzipped, is_long_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

JSON = "application/json"

MAX_BODY_BYTES = 2 * 1024 * 1024

MAX_JSON_BYTES = 256 * 1024
"""The longest body that is not a form with files."""

MAX_AT_ONCE = 512
"""How many requests a process answers at the same time; it parses and shapes only one of them. A
request that is still arriving is not among them (`schema.http_protocol`)."""

VARIES_BY = "Accept, Accept-Language, Authorization, Accept-Encoding"
OVERLOADED = "OVERLOADED"
BUSY = "The server has more to do than it can; try again"
UNAVAILABLE = "UNAVAILABLE"
UNTIMED = "The server does not know the time well enough to change anything; try again"
UNREACHABLE = (
    "The database cannot be used. A change that was asked for may have been made, or not; try again"
)
STORE_AWAY = "The store of pictures does not answer; try again"
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
    408: "REQUEST_TIMEOUT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    431: "REQUEST_HEADER_FIELDS_TOO_LARGE",
}


class HttpError(Exception):
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
    cache_lifetime: timedelta | None = None,
) -> Response:
    """Encode with orjson, which also splices the ready-made `orjson.Fragment`s of a plan.

    With ``cache_lifetime`` anybody may keep the answer for so long; without, nobody may.
    """
    return _JsonResponse(
        orjson.dumps(content),
        status=status,
        media_type=media_type,
        headers=headers,
        cache_lifetime=cache_lifetime,
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
        cache_lifetime: timedelta | None,
    ) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            _content_type(media_type),
            (b"cache-control", _kept_for(cache_lifetime)),
            _VARY,
            NOSNIFF,
        ]
        if headers:
            self.raw_headers += [(n.lower().encode(), v.encode()) for n, v in headers.items()]


@cache
def _content_type(media_type: str) -> tuple[bytes, bytes]:
    return b"content-type", f"{media_type}; charset=utf-8".encode()


def _kept_for(cache_lifetime: timedelta | None) -> bytes:
    return (
        b"public, max-age=%d" % cache_lifetime.total_seconds()
        if cache_lifetime
        else b"private, no-store"
    )


def refusal_response(refused: HttpError, *, media_type: str = JSON) -> Response:
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


def bug_response(request_id: str, *, media_type: str = JSON) -> Response:
    """Answer with a bug."""
    return json_response(
        {"errors": [internal_error(request_id)]}, status=500, media_type=media_type
    )


def internal_error(request_id: str) -> dict[str, object]:
    """Word a bug: the details are in the log, under the request's id."""
    extensions = {"code": "INTERNAL", "requestId": request_id}
    return {"message": "Internal error", "extensions": extensions}


Whole = Callable[["Scope", "Receive"], Awaitable[Response]]
"""What answers a request as a whole: its answer is there before anything of it is sent."""


class Bounds:
    """How many requests there may be at once, and how long a body may be."""

    def __init__(
        self,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        max_json_bytes: int = MAX_JSON_BYTES,
        max_at_once: int = MAX_AT_ONCE,
    ) -> None:
        self.max_body_bytes = max_body_bytes
        self.max_json_bytes = min(max_json_bytes, max_body_bytes)
        self.max_at_once = max_at_once
        self.at_once = 0

    def refuse_too_many(self, scope: Scope) -> None:
        """Raises Refused: 503."""
        if self.at_once > self.max_at_once and scope["path"] not in ALWAYS_ANSWERED:
            raise overloaded()

    def bounded(self, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        """Refuse a body that is said to be too long, and count what really arrives.

        The length that is said may be missing, or a lie. Raises Refused: 413.
        """
        has_files = headers.get(b"content-type", b"")[:10].lower() == b"multipart/"
        longest = self.max_body_bytes if has_files else self.max_json_bytes
        declared = headers.get(b"content-length", b"")
        # Python refuses to convert thousands of digits; no honest length has twenty.
        if declared.isdigit() and int(declared[:20]) > longest:
            raise _too_large(longest)
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > longest:
                    raise _too_large(longest)
            return message

        return receive_bounded


class HttpEdge:
    """The first middleware: bounds each body, signs each answer with its request id, compresses.

    It belongs inside Starlette (`middleware=[Middleware(HttpEdge), ...]`), not around it: around
    it, Starlette would already have worded an uncaught exception as plain text. Starlette's own
    `max_body_size` is not used because that too answers in plain text, nor its `GZipMiddleware`,
    which looks at no weights.
    """

    def __init__(self, app: ASGIApp, bounds: Bounds | None = None) -> None:
        self._app = app
        self._bounds = bounds or Bounds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an exception that nobody caught becomes `INTERNAL`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, bounds = headers_of(scope), self._bounds
        answer = Outgoing(send, signature=signature(scope), accepts_gzip=_accepts_gzip(headers))
        bounds.at_once += 1
        try:
            bounds.refuse_too_many(scope)
            await self._app(scope, bounds.bounded(headers, receive), answer.send)
        except HttpError as refused:
            if answer.started:
                raise
            await refusal_response(refused)(scope, receive, answer.send)
        except Exception:
            request_id = request_id_of(scope)
            _log.exception("request %s failed", request_id)
            if answer.started:
                raise
            await bug_response(request_id)(scope, receive, answer.send)
        finally:
            bounds.at_once -= 1


class WholeEdge:
    """The same around what answers as a whole, with nothing else around it.

    Starlette's middleware, its router and its way of sending would cost much of a small answer.
    """

    def __init__(self, whole: Whole, bounds: Bounds) -> None:
        self._whole = whole
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request; an exception that nobody caught becomes `INTERNAL`."""
        headers, bounds = headers_of(scope), self._bounds
        bounds.at_once += 1
        try:
            response = await self._answer(scope, receive)
            status, body = response.status_code, response.body
            head = [*response.raw_headers, signature(scope)]
            if _accepts_gzip(headers) and is_long_json(head):
                head, body = await gzipped(head, bytes(body))
            await send({"type": "http.response.start", "status": status, "headers": head})
            await send({"type": "http.response.body", "body": body})
        finally:
            bounds.at_once -= 1

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        try:
            self._bounds.refuse_too_many(scope)
            return await self._whole(scope, self._bounds.bounded(headers_of(scope), receive))
        except HttpError as refused:
            return refusal_response(refused)
        except Exception:  # noqa: BLE001 - a bug must be answered as JSON like the rest
            request_id = request_id_of(scope)
            _log.exception("request %s failed", request_id)
            return bug_response(request_id)


def signature(scope: Scope) -> tuple[bytes, bytes]:
    """The header that names a request."""
    return _REQUEST_ID, request_id_of(scope).encode()


def _accepts_gzip(headers: Mapping[bytes, bytes]) -> bool:
    wanted = headers.get(b"accept-encoding")
    return wanted is not None and accepts_gzip(wanted.decode("latin-1"))


class Application(Starlette):
    """Starlette, but for those paths that are answered as a ``whole``; the edge is around both."""

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        whole: Mapping[str, Whole] | None = None,
        lifespan: Lifespan[Application] | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        bounds = bounds or Bounds()
        super().__init__(
            routes=routes,
            middleware=[Middleware(HttpEdge, bounds)],
            exception_handlers={HTTPException: _http_exception},
            lifespan=lifespan,
        )
        self._whole = {path: WholeEdge(one, bounds) for path, one in (whole or {}).items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = self._whole.get(scope["path"]) if scope["type"] == "http" else None
        if whole is None:
            await super().__call__(scope, receive, send)
        else:
            await whole(scope, receive, send)


def overloaded() -> HttpError:
    """What whoever comes when there is too much to do is told: a 503, and when to come again."""
    return HttpError(503, BUSY, code=OVERLOADED, headers={"Retry-After": "1"})


def _too_large(max_body_bytes: int) -> HttpError:
    return HttpError(413, f"The request body is larger than {max_body_bytes} bytes")


async def _http_exception(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 -- starlette's types do not say it
    return refusal_response(HttpError(exc.status_code, exc.detail, headers=exc.headers))
