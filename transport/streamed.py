"""Files that are sent in pieces, because they are too large for memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from transport.headers import request_id_header
from transport.responses import NOSNIFF
from transport.routes import Streamed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import Receive, Scope, Send


class StreamedFile(Streamed):
    """A file of a known length. Its pieces are asked for as the client takes them.

    An error in the middle ends the connection, and the client sees that bytes are missing.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], *, length: int, headers: Mapping[str, str]
    ) -> None:
        self._pieces = pieces
        response = Response(headers={**headers, "Content-Length": str(length)})
        self._headers = [*response.raw_headers, NOSNIFF]

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the interface's
        headers = [*self._headers, request_id_header(scope)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] != "HEAD":
            async for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
