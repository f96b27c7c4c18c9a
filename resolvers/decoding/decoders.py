"""A few processes that decode, and a short queue in front of them."""

import asyncio
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from database.connection_limiter import ConnectionLimiter, Limits, Overloaded
from domain.evidence import Picture
from resolvers.decoding.headers import BadPicture, Header, read_header
from resolvers.decoding.worker import LENGTH

LIMITS: Final = Limits(
    connections=2, waiting=16, patience=timedelta(seconds=10), transaction=timedelta(seconds=20)
)
"""How many pictures are decoded at a time, how many wait and for how long, and how long one takes.

The processor's time has a limit of its own in the process, which is the picture's fault to reach.
This one is on the clock: a machine that is too busy reaches it.
"""
SHARE: Final = 8
"""How many places one asker may have, at work and in the queue: nobody takes all of them."""
MAX_MEMORY: Final = 768 << 20
"""The address space of a process, in bytes; the largest picture that is taken needs 600 MB."""
PROCESSOR_S: Final = 10
"""What a picture may take of the processor, in seconds; the slowest honest one takes 4."""
PICTURES_OF_A_PROCESS: Final = 500
"""After so many a process is replaced: what a library leaks does not add up."""

COMMAND: Final = (sys.executable, "-I", "-m", "resolvers.decoding.worker")
_HANDED_ON: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What Python may need to start. The rest stays here: our environment holds keys and passwords."""
_FROM_OUTSIDE: Final = frozenset({"SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"})
"""Signals that a picture cannot cause. The system kills a process where memory is short."""

_log = logging.getLogger("aftersales.pictures")


class Interrupted(Overloaded):
    """The process was ended from outside, which says nothing about the picture."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture that was decoded and encoded anew."""

    picture: Picture
    data: bytes


class Decoders:
    """Decodes a few pictures at a time, and stops one that nobody waits for any more."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.lane = ConnectionLimiter(limits.connections, limits)
        self._idle = [Decoder() for _ in range(limits.connections)]
        self._asking: Counter[object] = Counter()

    async def clean(self, data: bytes, asker: object = None) -> Clean:
        """Raises BadPicture; Overloaded where too many wait, too many of one asker, or too long."""
        header = read_header(data)
        if self._asking[asker] >= SHARE:
            raise Overloaded
        self._asking[asker] += 1
        try:
            return await self._decoded(header, data)
        finally:
            self._asking[asker] -= 1
            if not self._asking[asker]:
                del self._asking[asker]

    async def _decoded(self, header: Header, data: bytes) -> Clean:
        async with self.lane.enter():
            decoder = self._idle.pop()  # the one that was used last: it runs already
            try:
                return await decoder.clean(data)
            except BadPicture as bad:
                _log.info("%s is not taken: %s", header, bad)
                raise
            finally:
                self._idle.append(decoder)

    @property
    def processes(self) -> list[int]:
        """The processes that run and are at nothing."""
        return [one.pid for one in self._idle if one.pid is not None]

    async def close(self) -> None:
        """End the processes. They may be used again, and are started anew then."""
        for one in self._idle:
            await one.end()


class Decoder:
    """One process, started when it is needed first, and replaced when it has ended."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        memory: int = MAX_MEMORY,
        processor_s: int = PROCESSOR_S,
        pictures: int = PICTURES_OF_A_PROCESS,
    ) -> None:
        self._command = (*command, str(memory), str(processor_s))
        self._pictures = pictures
        self._process: Process | None = None
        self._left = 0
        """How many more pictures the process is given."""

    @property
    def pid(self) -> int | None:
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    async def clean(self, data: bytes) -> Clean:
        """Raises BadPicture, and Interrupted. If it is cancelled, the process is killed."""
        process = await self._running()
        self._left -= 1
        try:
            said, clean = await _ask(process, data)
        except (asyncio.IncompleteReadError, ConnectionError, json.JSONDecodeError):
            raise _reason(await process.wait()) from None
        except BaseException:
            self._kill()  # a decoder cannot be asked to stop
            raise
        if "error" in said:
            raise BadPicture(said["error"])
        return Clean(Picture(**said["picture"]), clean)

    async def end(self) -> None:
        """End the process, whatever it is at: it holds nothing that is worth keeping."""
        self._kill()
        if self._process is not None:
            await self._process.wait()

    def _kill(self) -> None:
        self._left = 0
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _running(self) -> Process:
        if self._process is None or self.pid is None or not self._left:
            await self.end()
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                env={name: os.environ[name] for name in _HANDED_ON if name in os.environ},
            )
            self._left = self._pictures
        return self._process


async def _ask(process: Process, data: bytes) -> tuple[Mapping[str, Any], bytes]:
    # Any: JSON of our own worker
    source, answers = process.stdin, process.stdout
    assert source is not None  # noqa: S101 - both are pipes
    assert answers is not None  # noqa: S101
    source.write(LENGTH.pack(len(data)) + data)
    await source.drain()
    said = json.loads(await answers.readuntil())
    size = said["picture"]["bytes"] if "picture" in said else 0
    return said, await answers.readexactly(size)


def _reason(status: int) -> Exception:
    """What to make of a process that ended instead of answering."""
    if status >= 0:
        return RuntimeError(f"the decoder ended with status {status}; it has said why")
    name = signal.Signals(-status).name
    if name == "SIGXCPU":
        return BadPicture("it takes too long to decode")
    _log.warning("a decoder was ended by %s; it is replaced", name)
    if name in _FROM_OUTSIDE:
        return Interrupted(name)
    return BadPicture(f"the decoder was ended by {name}")
