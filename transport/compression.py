"""Compression of responses: gzip, for clients that accept it, where it saves more than it costs.

zstd would make responses smaller in less time, but needs one more package with a compiled part.
gzip comes with Python, and every client understands it.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

from transport.header_values import cached_by_value, quality_of
from transport.headers import headers_of

if TYPE_CHECKING:
    from starlette.types import Scope

    Header = tuple[bytes, bytes]

GZIP: Final = "gzip"
BROTLI: Final = "br"

MIN_BYTES: Final = 1024
"""A shorter response fits into one or two packets either way."""

MAX_COMPRESSED_ON_LOOP: Final = 128 * 1024
"""In bytes: a quarter of a millisecond. A longer response is compressed in a thread, which costs a
tenth more but lets other requests continue (`python -m bench.compressing`)."""

FAST: Final = 1
SMALL: Final = 9
"""For content that is compressed once and sent often."""

_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS


async def compress_response(
    scope: Scope, headers: list[Header], body: bytes | memoryview
) -> tuple[list[Header], bytes | memoryview]:
    """The headers and body to send: compressed if the body is JSON and the client prefers that."""
    accept_encoding = headers_of(scope).get(b"accept-encoding")
    if accept_encoding is None or not accepts_gzip(accept_encoding.decode("latin-1")):
        return headers, body
    by_name = dict(headers)
    if b"json" not in by_name.get(b"content-type", b"") or b"content-encoding" in by_name:
        return headers, body
    if len(body) > MAX_COMPRESSED_ON_LOOP:
        body = await asyncio.to_thread(compressed, bytes(body))
    else:
        body = compressed(bytes(body))
    length = (b"content-length", b"%d" % len(body))
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    return [*kept, length, (b"content-encoding", GZIP.encode())], body


@cached_by_value
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client that sends this header prefers a compressed response."""
    return _accepts(GZIP, accept_encoding)


@cached_by_value
def accepts_brotli(accept_encoding: str) -> bool:
    """Whether a client that sends this header takes Brotli: for files compressed when built."""
    return _accepts(BROTLI, accept_encoding)


def _accepts(coding: str, accept_encoding: str) -> bool:
    qualities: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        qualities[name] = quality_of(parameters)
    quality = qualities.get(coding, qualities.get("*", 0.0))
    return quality > 0 and quality >= qualities.get("identity", 0.0)


def compressed(content: bytes, *, level: int = FAST) -> bytes:
    """The content in gzip's format, without a file name or a time: the same bytes each time."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, _GZIP_FORMAT)
    return compressor.compress(content) + compressor.flush()
