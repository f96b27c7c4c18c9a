"""Limits of the edge: the number of concurrent requests, and the length of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from domain.desk.evidence import (
    FORMATS,
    MAX_PICTURES,
    MAX_PIXELS,
    PICTURE_BYTES_LIMIT,
    THUMBNAIL_WIDTHS,
)
from transport.errors import HttpError, overloaded
from transport.headers import headers_of

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope

MAX_BODY_BYTES: Final = 2 * 1024 * 1024

MAX_JSON_BYTES: Final = 512 * 1024
"""The limit for a body without files. A hundred applications of three items have about 200 KiB."""

MAX_CONCURRENT_REQUESTS: Final = 512
"""How many requests a process answers concurrently; it parses and shapes one at a time. A request
that is still arriving does not count (`transport/protocol.py`)."""

RULES: Final[Mapping[str, object]] = {
    "maxPictures": MAX_PICTURES,
    "maxBytes": PICTURE_BYTES_LIMIT - 1,
    "maxPixels": MAX_PIXELS,
    "mediaTypes": list(FORMATS.values()),
    "thumbnailWidths": list(THUMBNAIL_WIDTHS),
}
"""The fields of the query `evidenceRules`, for those whose picture did not fit into a request."""

HEALTH_CHECKS: Final = frozenset({"/healthz", "/readyz"})
"""Paths that are answered even by an overloaded server."""


class RequestLimits:
    """Counts concurrent requests and the bytes of each body, and refuses what is over the limit."""

    def __init__(
        self,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        max_json_bytes: int = MAX_JSON_BYTES,
        max_concurrent: int = MAX_CONCURRENT_REQUESTS,
    ) -> None:
        self.max_body_bytes = max_body_bytes
        self.max_json_bytes = min(max_json_bytes, max_body_bytes)
        self.max_concurrent = max_concurrent
        self.concurrent = 0
        """Requests that are being answered, including those to be refused."""

    def check_concurrency(self, scope: Scope) -> None:
        """Raises HttpError: 503."""
        if self.concurrent > self.max_concurrent and scope["path"] not in HEALTH_CHECKS:
            raise overloaded()

    def limited(self, scope: Scope, receive: Receive) -> Receive:
        """Refuse a body that is declared too long, and count the bytes that arrive.

        The declared length may be missing or false.

        Raises:
            HttpError: 413, here or from the function that is returned.
        """
        headers = headers_of(scope)
        has_files = (
            headers.get(b"content-type", b"")[:10].lower() == b"multipart/"
            or scope["method"] == "PUT"
        )
        limit = self.max_body_bytes if has_files else self.max_json_bytes
        declared = headers.get(b"content-length", b"")
        # Python refuses to convert thousands of digits; no true length has twenty.
        if declared.isdigit() and int(declared[:20]) > limit:
            raise too_large(limit, has_files=has_files)
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise too_large(limit, has_files=has_files)
            return message

        return receive_limited


def too_large(limit: int, *, has_files: bool) -> HttpError:
    """The 413 response. An upload is told the limits of a picture, too: it has to meet them."""
    rules = {"evidenceRules": RULES} if has_files else {}
    message = f"The request body is larger than {limit} bytes"
    return HttpError(413, message, facts={"limit": limit, **rules})
