"""A small internet: names that a test invents, and addresses that all lead to this machine."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from httpcore2 import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream

from outgoing.addresses import Address
from outgoing.bounded_stream import BoundedStream
from outgoing.resolver import NameNotResolved

PUBLIC: Final = "93.184.216.34"
_UNBOUNDED: Final = 2**62


@dataclass
class Names:
    """A resolver. A name has a list of answers, of which the last one stays."""

    answers: dict[str, list[Sequence[str]]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str) -> Sequence[Address]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if answers is None:
            raise NameNotResolved
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(text) for text in answer]


class Silence:
    """A resolver that never answers."""

    async def __call__(self, host: str) -> Sequence[Address]:  # noqa: ARG002 - never answered
        await asyncio.Event().wait()
        raise NameNotResolved


@dataclass
class Wires(AsyncNetworkBackend):
    """A network that connects to this machine whatever the address, and takes notes.

    Nothing answers at the addresses in ``dead``.
    """

    port: int
    dead: Sequence[str] = ()
    called: list[str] = field(default_factory=list)
    streams: list[BoundedStream] = field(default_factory=list)

    @property
    def bytes_read(self) -> int:
        return sum(_UNBOUNDED - stream.allowance for stream in self.streams)

    async def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002 - as the class that it extends
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the same
        local_address: str | None = None,  # noqa: ARG002 - the same
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> AsyncNetworkStream:
        self.called.append(host)
        if host in self.dead:
            await asyncio.Event().wait()
        stream = await AnyIOBackend().connect_tcp("127.0.0.1", self.port)
        return self._counted(stream)

    def _counted(self, stream: AsyncNetworkStream) -> AsyncNetworkStream:
        self.streams.append(_Counted(stream, _UNBOUNDED))
        return self.streams[-1]


class _Counted(BoundedStream):
    async def start_tls(self, *args: object, **kwargs: object) -> AsyncNetworkStream:
        return await self._stream.start_tls(*args, **kwargs)  # type: ignore[arg-type] # passed on
