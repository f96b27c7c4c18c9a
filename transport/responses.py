"""JSON responses, and errors in the format of GraphQL errors."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import orjson
from starlette.responses import Response

from domain.text import Language
from transport.language import translated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from transport.errors import HttpError

JSON: Final = "application/json"

NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
"""Stops browsers from guessing another content type than the response declares."""

_VARY: Final = (b"vary", b"Accept, Accept-Language, Authorization, Accept-Encoding")


class JsonResponse(Response):
    """Writes its few headers as bytes; Starlette would encode each of them for each response."""

    error_code: str | None = None
    """The code of its first error, for those who count the answers."""

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
            (b"cache-control", _cache_control(cache_lifetime)),
            _VARY,
            NOSNIFF,
        ]
        if headers:
            self.raw_headers += [(n.lower().encode(), v.encode()) for n, v in headers.items()]


def json_response(
    content: object,
    *,
    status: int = 200,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
    cache_lifetime: timedelta | None = None,
) -> JsonResponse:
    """Encode with orjson, which also splices the ready-made `orjson.Fragment`s of a plan.

    With ``cache_lifetime`` shared caches may keep the response that long; without, none may.
    """
    return JsonResponse(
        orjson.dumps(content),
        status=status,
        media_type=media_type,
        headers=headers,
        cache_lifetime=cache_lifetime,
    )


def error_response(
    error: HttpError, *, language: Language = Language.EN, media_type: str = JSON
) -> Response:
    """Word an HTTP error the way GraphQL words its errors."""
    extensions = {"code": error.code, **error.facts}
    content = {"message": translated(error.message, language), "extensions": extensions}
    # Under `application/json`, an error of the document is a 200: older clients rely on it.
    is_ok = error.about_document and media_type == JSON
    response = json_response(
        {"errors": [content]},
        status=200 if is_ok else error.status,
        media_type=media_type,
        headers=error.headers,
    )
    response.error_code = error.code
    return response


def bug_response(
    request_id: str, *, language: Language = Language.EN, media_type: str = JSON
) -> Response:
    """The 500 response for an uncaught exception."""
    content = internal_error(request_id)
    content["message"] = translated(str(content["message"]), language)
    return json_response({"errors": [content]}, status=500, media_type=media_type)


def internal_error(request_id: str) -> dict[str, object]:
    """The GraphQL error for an uncaught exception. The details are logged under the request id."""
    extensions = {"code": "INTERNAL", "requestId": request_id}
    return {"message": "Internal error", "extensions": extensions}


@cache
def _content_type(media_type: str) -> tuple[bytes, bytes]:
    return b"content-type", f"{media_type}; charset=utf-8".encode()


def _cache_control(cache_lifetime: timedelta | None) -> bytes:
    return (
        b"public, max-age=%d" % cache_lifetime.total_seconds()
        if cache_lifetime
        else b"private, no-store"
    )
