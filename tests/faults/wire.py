"""One HTTP request on a connection of its own, which can be cut."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

HOST: Final = "127.0.0.1"
LONGEST_S: Final = 60
"""After so long a client gives up waiting, as it would behind a proxy."""


class Unanswered(Exception):
    """There was no answer, or not all of it: what was asked may have been done, or not."""


class Cut(Enum):
    """Where the client's own connection breaks."""

    IN_THE_REQUEST = auto()
    BEFORE_THE_ANSWER = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Any: JSON."""

    status: int
    body: Any

    @property
    def codes(self) -> list[str]:
        """Of the errors that stand at the top."""
        return [error["extensions"]["code"] for error in self.body.get("errors", ())]


async def ask(
    port: int,
    body: Mapping[str, object],
    token: str,
    *,
    cut: Cut | None = None,
    after_s: float = 0.0,
) -> Answer:
    """Send a GraphQL request. Raises Unanswered.

    A cut comes in the middle of the request, or so many seconds after it was sent.
    """
    sent = json.dumps(body).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
        f"Authorization: Bearer {token}\r\nAccept-Language: en\r\n\r\n"
    )
    return await _exchange(port, head.encode() + sent, cut=cut, after_s=after_s)


async def is_ready(port: int) -> bool:
    """Whether a server says so itself."""
    request = f"GET /readyz HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"
    try:
        return (await _exchange(port, request.encode())).status == 200
    except Unanswered:
        return False


async def _exchange(
    port: int, request: bytes, *, cut: Cut | None = None, after_s: float = 0.0
) -> Answer:
    try:
        async with asyncio.timeout(LONGEST_S):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                end = len(request) // 2 if cut is Cut.IN_THE_REQUEST else len(request)
                writer.write(request[:end])
                await writer.drain()
                if cut is not None:
                    await asyncio.sleep(after_s)
                    raise Unanswered
                return _parsed(await reader.read())
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError) as error:
        raise Unanswered from error


def _parsed(answer: bytes) -> Answer:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if len(body) < int(headers.get("content-length", "1")):
        raise Unanswered
    return Answer(int(first.split(" ")[1]), json.loads(body))
