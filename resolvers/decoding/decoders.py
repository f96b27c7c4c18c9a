"""A pool of decoder processes with a bounded queue."""

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
from domain.desk.evidence import Picture
from resolvers.decoding.frames import HEAD
from resolvers.decoding.headers import BadPicture, Header, read_header

LIMITS: Final = Limits(
    connections=2, waiting=16, patience=timedelta(seconds=10), transaction=timedelta(seconds=20)
)
"""Pictures decoded at once, pictures that wait and for how long, and the time for one picture.

That time is wall-clock time, which an overloaded machine exceeds. CPU time has a separate limit in
the process, ``MAX_CPU_S``, which only the picture itself exceeds.
"""
MAX_PER_UPLOADER: Final = 8
"""Pictures of one uploader, decoded or waiting: no uploader fills the queue alone."""
MAX_MEMORY: Final = 768 << 20
"""The address space of a process, in bytes; the largest accepted picture needs 600 MB."""
MAX_CPU_S: Final = 10
"""CPU seconds for one picture; the slowest honest picture takes 4."""
MAX_PICTURES_PER_PROCESS: Final = 500
"""After so many pictures a process is replaced, so that memory leaks do not add up."""

COMMAND: Final = (sys.executable, "-I", "-m", "resolvers.decoding.worker")
_INHERITED: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Environment variables that Python may need to start. The others may hold keys or passwords."""
_EXTERNAL_SIGNALS: Final = frozenset({"SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"})
"""Signals that a picture cannot cause, such as that of the system when memory is short."""

_log = logging.getLogger("aftersales.pictures")


class TooLarge(BadPicture):
    """The clean picture has too many bytes, in every quality and size that was tried."""

    def __init__(self, size: int) -> None:
        super().__init__("it cannot be made small enough")
        self.bytes = size


class Interrupted(Overloaded):
    """The process was ended from outside, whatever the picture."""


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture that was decoded and encoded again."""

    picture: Picture
    data: bytes


class Decoders:
    """Decodes a few pictures at once, and aborts a picture whose upload was cancelled."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limiter = ConnectionLimiter(limits.connections, limits)
        self._idle = [Decoder() for _ in range(limits.connections)]
        self._by_uploader: Counter[object] = Counter()

    async def thumbnail(self, data: bytes, width: int) -> CleanPicture:
        """Make a thumbnail of a clean picture. Raises BadPicture, or Overloaded."""
        return await self._decode(read_header(data), data, width)

    async def clean(self, data: bytes, uploader: object = None) -> CleanPicture:
        """Decode a picture and encode it again.

        Raises BadPicture; Overloaded if too many pictures wait, too many of one uploader, or this
        one too long.
        """
        header = read_header(data)
        if self._by_uploader[uploader] >= MAX_PER_UPLOADER:
            raise Overloaded
        self._by_uploader[uploader] += 1
        try:
            return await self._decode(header, data)
        finally:
            self._by_uploader[uploader] -= 1
            if not self._by_uploader[uploader]:
                del self._by_uploader[uploader]

    async def _decode(self, header: Header, data: bytes, width: int = 0) -> CleanPicture:
        async with self.limiter.enter():
            decoder = self._idle.pop()  # the one used last, because its process is running
            try:
                return await decoder.clean(data, width)
            except BadPicture as error:
                _log.info("%s is not taken: %s", header, error)
                raise
            finally:
                self._idle.append(decoder)

    @property
    def processes(self) -> list[int]:
        """The ids of the idle processes."""
        return [decoder.pid for decoder in self._idle if decoder.pid is not None]

    async def close(self) -> None:
        """End the processes. They start again when they are needed again."""
        for decoder in self._idle:
            await decoder.end()


class Decoder:
    """One decoder process, started when it is first needed, and replaced when it has ended."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        memory: int = MAX_MEMORY,
        cpu_s: int = MAX_CPU_S,
        pictures: int = MAX_PICTURES_PER_PROCESS,
    ) -> None:
        self._command = (*command, str(memory), str(cpu_s))
        self._max_pictures = pictures
        self._process: Process | None = None
        self._pictures_left = 0
        """How many pictures the process decodes before it is replaced."""

    @property
    def pid(self) -> int | None:
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    async def clean(self, data: bytes, width: int = 0) -> CleanPicture:
        """Clean a picture, or make a thumbnail of it, as wide as ``width``.

        Raises BadPicture or Interrupted. Cancellation kills the process.
        """
        process = await self._start()
        self._pictures_left -= 1
        try:
            answer, clean = await _exchange(process, data, width)
        except (asyncio.IncompleteReadError, ConnectionError, json.JSONDecodeError):
            raise _error_of_exit(await process.wait()) from None
        except BaseException:
            self._kill()  # a decoder that works cannot be asked to stop
            raise
        if "too_large" in answer:
            raise TooLarge(answer["too_large"])
        if "error" in answer:
            raise BadPicture(answer["error"])
        return CleanPicture(Picture(**answer["picture"]), clean)

    async def end(self) -> None:
        """End the process at once: it holds no state."""
        self._kill()
        if self._process is not None:
            await self._process.wait()

    def _kill(self) -> None:
        self._pictures_left = 0
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _start(self) -> Process:
        if self._process is None or self.pid is None or not self._pictures_left:
            await self.end()
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            )
            self._pictures_left = self._max_pictures
        return self._process


async def _exchange(process: Process, data: bytes, width: int) -> tuple[Mapping[str, Any], bytes]:
    # Any: JSON of our own worker
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None  # noqa: S101 - both are pipes
    assert stdout is not None  # noqa: S101
    stdin.write(HEAD.pack(width, len(data)) + data)
    await stdin.drain()
    answer = json.loads(await stdout.readuntil())
    size = answer["picture"]["bytes"] if "picture" in answer else 0
    return answer, await stdout.readexactly(size)


def _error_of_exit(status: int) -> Exception:
    """The error for a process that ended instead of answering."""
    if status >= 0:
        return RuntimeError(f"the decoder ended with status {status}; its error output says why")
    name = signal.Signals(-status).name
    if name == "SIGXCPU":
        return BadPicture("it takes too long to decode")
    _log.warning("a decoder was ended by %s; it is replaced", name)
    if name in _EXTERNAL_SIGNALS:
        return Interrupted(name)
    return BadPicture(f"the decoder was ended by {name}")
