"""Responses for files that clients cache: validators, and parts of a file (RFC 9110)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from transport.headers import header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


def is_unchanged(scope: Scope, etag: str) -> bool:
    """Whether the client has the file already: `If-None-Match` names it."""
    known = header(scope, b"if-none-match")
    return known.strip() == "*" or etag in _TAG.findall(known)


def unchanged_response(etag: str, headers: Mapping[str, str]) -> Response:
    """The 304 response."""
    return Response(status_code=304, headers={**headers, "ETag": etag})


def file_response(
    scope: Scope, data: bytes, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The file, or the part of it that the client asks for."""
    headers = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
    part = _part(scope, etag, len(data))
    if part is None:
        return Response(data, headers=headers, media_type=media_type)
    size = f"bytes */{len(data)}"
    if not part:
        return Response(status_code=416, headers={**headers, "Content-Range": size})
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    content = data[part.start : part.stop]
    return Response(content, status_code=206, headers=headers, media_type=media_type)


def _part(scope: Scope, etag: str, size: int) -> range | None:
    """The bytes that are asked for, none if there are no such bytes; None for the whole file.

    Several ranges, and those of another version of the file, are answered by all of it.
    """
    match = _RANGE.fullmatch(header(scope, b"range").strip())
    condition = header(scope, b"if-range").strip()
    if match is None or match.groups() == ("", "") or condition not in {"", etag}:
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None  # not valid, and so ignored
    return range(int(first), min(size, int(last) + 1) if last else size)
