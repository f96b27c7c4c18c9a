"""Answers to HTTP/1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

_ANY: Final = 2**62


class Unchunked(RequestResponseCycle):
    """HTTP/1.0 knows no chunks: an answer without a length ends with its connection.

    Uvicorn would send chunks, and a client or an older proxy would take their lengths for events.
    """

    _has_length = True

    async def send(self, message: ASGISendEvent) -> None:
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _ in message.get("headers", ())}
            self._has_length = b"content-length" in names or self.scope["method"] == "HEAD"
            if not self._has_length:
                self.chunked_encoding = False
        elif message["type"] == "http.response.body" and not self._has_length:
            body, is_last = message.get("body", b""), not message.get("more_body", False)
            # Uvicorn counts down from it; another piece may be waiting to be written.
            self.expected_content_length = len(body) if is_last else _ANY
        await super().send(message)
