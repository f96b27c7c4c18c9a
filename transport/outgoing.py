"""What goes back for one request: signed on its way out, and compressed where that is wanted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from transport.compression import GZIP, MIN_BYTES, compressed

if TYPE_CHECKING:
    from starlette.types import Message, Send

    Header = tuple[bytes, bytes]

NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
"""No browser shall take an answer for something else than what it says it is."""

MAX_COMPRESSED_ON_LOOP: Final = 128 * 1024
"""In bytes: a quarter of a millisecond. What is longer is compressed in a thread, which costs a
tenth more and lets the others go on meanwhile (`python -m bench.compressing`)."""


class Outgoing:
    """What goes back for one request: signed, and compressed if it is long JSON and may be."""

    __slots__ = ("_accepts_gzip", "_held", "_send", "_signature", "started")

    def __init__(self, send: Send, *, signature: Header, accepts_gzip: bool) -> None:
        self.started = False
        self._send = send
        self._signature = signature
        self._accepts_gzip = accepts_gzip
        self._held: Message | None = None
        """The start of an answer whose length and coding are not known yet."""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = headers = [*message["headers"], self._signature]
            if all(name != NOSNIFF[0] for name, _ in headers):
                headers.append(NOSNIFF)
            if self._accepts_gzip and is_long_json(headers):
                self._held = message
                return
        elif self._held is not None:
            start, self._held = self._held, None
            if not message.get("more_body"):
                start["headers"], message["body"] = await gzipped(start["headers"], message["body"])
            await self._send(start)
        await self._send(message)


def is_long_json(headers: list[Header]) -> bool:
    found = dict(headers)
    return (
        int(found.get(b"content-length", b"0")) >= MIN_BYTES
        and b"json" in found.get(b"content-type", b"")
        and b"content-encoding" not in found
    )


async def gzipped(headers: list[Header], body: bytes) -> tuple[list[Header], bytes]:
    """An answer as it goes out compressed."""
    small = await _compressed(body)
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    length = (b"content-length", b"%d" % len(small))
    return [*kept, length, (b"content-encoding", GZIP.encode())], small


async def _compressed(body: bytes) -> bytes:
    if len(body) > MAX_COMPRESSED_ON_LOOP:
        return await asyncio.to_thread(compressed, body)
    return compressed(body)
