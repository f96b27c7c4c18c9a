"""A proxy in front of a PostgreSQL server that can swallow what it should hand on."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.engine import URL, make_url

from tests.closings import closings_collected

CHUNK: Final = 65_536
DEFAULT_PORT: Final = 5432


@dataclass(eq=False)
class Passage:
    """One connection through the proxy. Once it ``swallows``, neither side hears the other."""

    swallows: bool = False
    is_cut: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Proxy:
    """Hands on bytes, or takes them and does not: to both sides the connection seems open."""

    server: URL
    swallows_new: bool = False
    passages: set[Passage] = field(default_factory=set)
    servings: set[asyncio.Task[None]] = field(default_factory=set)
    """What serves the connections: to be ended with the proxy, or their sockets stay open."""

    @classmethod
    @asynccontextmanager
    async def start(cls, url: str) -> AsyncIterator[tuple["Proxy", str]]:
        """A proxy, and the database's address through it."""
        proxy = cls(make_url(url))
        listening = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        other = {name: said for name, said in proxy.server.query.items() if name != "host"}
        through = proxy.server.set(host="127.0.0.1", port=port, query=other)
        try:
            yield proxy, through.render_as_string(hide_password=False)
        finally:
            listening.close()
            for serving in proxy.servings:
                serving.cancel()
            await asyncio.gather(*proxy.servings, return_exceptions=True)
            await closings_collected()

    def swallow(self, most: int, chance: random.Random) -> int:
        """Let some of the connections swallow everything from now on; says how many."""
        whole = sorted((one for one in self.passages if not one.swallows), key=id)
        struck = chance.sample(whole, min(most, len(whole)))
        for one in struck:
            one.swallows = True
        return len(struck)

    def cut(self) -> int:
        """Cut every connection; says how many there were. New ones get through."""
        for passage in self.passages:
            passage.is_cut.set()
        return len(self.passages)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self.servings.add(serving)
        serving.add_done_callback(self.servings.discard)
        passage = Passage(self.swallows_new)
        try:
            there_reader, there_writer = await self._connect()
        except ConnectionRefusedError:
            writer.transport.abort()
            return
        except BaseException:
            writer.transport.abort()
            raise
        self.passages.add(passage)
        pumps: list[asyncio.Task[object]] = [
            asyncio.create_task(_pump(reader, there_writer, passage)),
            asyncio.create_task(_pump(there_reader, writer, passage)),
            asyncio.create_task(passage.is_cut.wait()),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.passages.discard(passage)
            for pump in pumps:
                pump.cancel()
            for one in (writer, there_writer):
                one.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder, port = self.server.query.get("host"), self.server.port or DEFAULT_PORT
        if isinstance(folder, str):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self.server.host, port)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passage: Passage
) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            if not passage.swallows:
                writer.write(data)
                await writer.drain()
