"""A WebSocket whose bytes a test writes itself."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from websockets.frames import Close, Frame, Opcode

from tests.serving.process import PATIENCE_S
from tests.serving.reading import Peer, Served

HEADERS: Final = {
    "Host": "desk",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "graphql-transport-ws",
}
INIT: Final = {"type": "connection_init"}


def handshake(first: str = "GET /graphql HTTP/1.1", /, **other: str | None) -> bytes:
    """A good request, with other headers (`sec_websocket_key=…`) or without them (None)."""
    headers: dict[str, str | None] = {name.lower(): value for name, value in HEADERS.items()}
    headers |= {name.replace("_", "-"): value for name, value in other.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([first, *lines]).encode() + b"\r\n\r\n"


def frame(
    data: bytes | dict[str, Any] | str,
    opcode: Opcode = Opcode.TEXT,
    *,
    fin: bool = True,
    mask: bool = True,
) -> bytes:
    if not isinstance(data, bytes):
        data = data.encode() if isinstance(data, str) else json.dumps(data).encode()
    return Frame(opcode, data, fin).serialize(mask=mask)


def subscribe(query: str = "subscription { idle }", id_: object = "1", **variables: Any) -> bytes:
    payload = {"query": query, "variables": variables}
    return frame({"id": id_, "type": "subscribe", "payload": payload})


class End(NamedTuple):
    """The close frame; 1006 where there was none."""

    code: int
    reason: str = ""


@dataclass
class RawSocket:
    peer: Peer

    async def send(self, *frames: bytes) -> None:
        await self.peer.send(b"".join(frames))

    async def frame(self) -> tuple[Opcode, bytes] | None:
        """The next frame of the server; None if the connection has ended."""
        reader = self.peer.reader
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                first, length = await reader.readexactly(2)
                if length == 126:
                    length = int.from_bytes(await reader.readexactly(2))
                elif length == 127:
                    length = int.from_bytes(await reader.readexactly(8))
                return Opcode(first & 15), await reader.readexactly(length)
        return None

    async def message(self) -> dict[str, Any]:
        """The next message of the server."""
        while received := await self.frame():
            opcode, data = received
            if opcode is Opcode.TEXT:
                return json.loads(data)
            assert opcode is not Opcode.CLOSE, Close.parse(data)
        raise AssertionError("the connection has ended")

    async def end(self) -> End:
        """Read until the server closes."""
        while received := await self.frame():
            opcode, data = received
            if opcode is Opcode.CLOSE:
                close = Close.parse(data)
                return End(close.code, close.reason)
        return End(1006)


@asynccontextmanager
async def opened(
    served: Served, *, initialised: bool = True, address: str = "127.0.0.1", **headers: str | None
) -> AsyncIterator[RawSocket]:
    async with served.peer(address) as peer:
        socket = RawSocket(peer)
        await socket.send(handshake(**headers))
        answer = await peer.refusal()
        assert answer.status == 101
        assert answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        if initialised:
            await socket.send(frame(INIT))
            assert await socket.message() == {"type": "connection_ack"}
        yield socket


def key() -> str:
    """Something random, so that no two pings are alike."""
    return os.urandom(4).hex()
