"""Other origins: whose pages a browser lets read our answers (CORS), besides our own.

See docs/decisions/0067-other-origins.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from transport.errors import HttpError
from transport.headers import headers_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import Message, Scope, Send

Headers = list[tuple[bytes, bytes]]

PREFLIGHT_SECONDS: Final = 7200
"""How long a browser keeps the answer to a preflight; Chromium keeps none longer."""

_ORIGIN: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?"
)
_DEFAULT_PORTS: Final = (("http://", ":80"), ("https://", ":443"))

_EXPOSED: Final = (
    b"Allow, Content-Disposition, Content-Range, Date, ETag, Retry-After, WWW-Authenticate, "
    b"X-Request-ID"
)
_VARY: Final = (b"vary", b"Origin")
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT",
    # The `*` never covers Authorization. It admits what clients add for themselves, such as
    # `apollographql-client-name` and `traceparent`: we read none of it.
    "Access-Control-Allow-Headers": "Authorization, Content-Type, *",
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
}


def read_origins(text: str) -> frozenset[str]:
    """The origins in a list separated by commas, each as browsers send it.

    Raises:
        ValueError: one of them is none; the message names it.
    """
    origins = frozenset(item.strip() for item in text.split(",") if item.strip())
    for origin in sorted(origins):
        if not _ORIGIN.fullmatch(origin):
            message = f"{origin!r} is no origin such as https://desk.example.com, without a path"
            raise ValueError(message)
        for scheme, port in _DEFAULT_PORTS:
            if origin.startswith(scheme) and origin.endswith(port):
                message = f"{origin!r} has the default port, which browsers leave out"
                raise ValueError(message)
    return origins


class Origins:
    """The allowed origins, and the headers that let their pages read an answer.

    There is no `Access-Control-Allow-Credentials`: tokens come in a header that a page sets itself.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self._headers: dict[bytes | None, Headers] = {
            origin.encode(): [
                (b"access-control-allow-origin", origin.encode()),
                (b"access-control-expose-headers", _EXPOSED),
                _VARY,
            ]
            for origin in allowed
        }

    def headers_for(self, scope: Scope) -> Headers:
        """What each answer to the request carries. A cache must keep origins apart, if any."""
        return self._headers.get(headers_of(scope).get(b"origin"), [_VARY])

    def preflight(self, scope: Scope) -> Response | None:
        """The answer to a preflight; None for any other request.

        Raises:
            HttpError: 403, for a page of another origin.
        """
        headers = headers_of(scope)
        if scope["method"] != "OPTIONS" or b"access-control-request-method" not in headers:
            return None
        if headers.get(b"origin") not in self._headers:
            raise HttpError(403, "Pages of this origin cannot use this server")
        return Response(status_code=204, headers=_PREFLIGHT)

    def adding(self, scope: Scope, send: Send) -> Send:
        """A ``send`` that adds the headers to an answer that is sent in pieces."""
        headers = self.headers_for(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        return send_with_headers
