"""Responses that are sent in pieces, because they are too long to be held in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from transport.headers import request_id_header
from transport.responses import NOSNIFF

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import Scope, Send


class StreamedResponse(Response):
    """A response of a known length. Its pieces are asked for as the client takes them.

    Nothing can be answered instead once the first piece is sent: an error then ends the connection,
    and the client sees that bytes are missing.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], *, length: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(headers=dict(headers))
        self.pieces = pieces
        self.headers["content-length"] = str(length)

    async def send_pieces(self, scope: Scope, send: Send) -> None:
        headers = [*self.raw_headers, NOSNIFF, request_id_header(scope)]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        if scope["method"] != "HEAD":
            async for piece in self.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
