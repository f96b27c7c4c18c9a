"""The way of a snapshot from a process that serves to the supervisor of all.

The supervisor asks over a socket pair, with the number of its question, and the process answers
with that number and its snapshot, in frames of four bytes of length.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from watching.snapshot import NOTHING, Snapshot, add_up, decode, encode, lasting

TIMEOUT_S: Final = 1.0
"""How long all processes together may take to answer."""

_NUMBER: Final = struct.Struct("!I")
_PROCESSES: Final = "aftersales_processes"
_SILENT: Final = "aftersales_processes_silent"


async def answer_questions(questions: socket.socket, take: Callable[[], Snapshot]) -> None:
    """Answer the supervisor for as long as it asks; ``questions`` is the process's end."""
    questions.settimeout(0)
    reader, writer = await asyncio.open_connection(sock=questions)
    try:
        while True:
            question = await reader.readexactly(_NUMBER.size)
            answer = question + encode(take())
            writer.write(_NUMBER.pack(len(answer)) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        return  # the supervisor has ended
    finally:
        writer.close()


@dataclass(slots=True, eq=False)
class Peer:
    """The supervisor's view of one process."""

    ours: socket.socket
    latest: Snapshot = field(default_factory=dict)
    """The last snapshot that it has sent."""
    answered: int = 0
    """The number of the question that this snapshot answers."""
    received: bytearray = field(default_factory=bytearray)

    def ask(self, question: int) -> None:
        # A process that hangs leaves its questions unread, until no more of them fit.
        with contextlib.suppress(BlockingIOError, OSError):
            self.ours.send(_NUMBER.pack(question))

    def read(self) -> bool:
        """Read what has arrived; False once the process has closed its end."""
        try:
            data = self.ours.recv(1 << 20)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.received += data
        while len(self.received) >= _NUMBER.size:
            (length,) = _NUMBER.unpack_from(self.received)
            end = _NUMBER.size + length
            if len(self.received) < end:
                break
            (self.answered,) = _NUMBER.unpack_from(self.received, _NUMBER.size)
            self.latest = decode(bytes(self.received[2 * _NUMBER.size : end]))
            del self.received[:end]
        return bool(data)


class Gathering:
    """Gathers the snapshots of the processes, and keeps the counts of those that have ended.

    A sum of counts that went back would look as if all of them had begun anew.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._peers: dict[Peer, None] = {}
        self._ended: Snapshot = NOTHING
        self._question = 0

    def add(self) -> tuple[Peer, socket.socket]:
        """A new process, and its end of the pair."""
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        peer = Peer(ours)
        with self._lock:
            self._peers[peer] = None
        return peer, theirs

    def remove(self, peer: Peer) -> None:
        """Keep the counts of a process that has ended, as they were when it last answered."""
        with self._lock:
            del self._peers[peer]
            peer.read()
            peer.ours.close()
            self._ended = add_up([self._ended, lasting(peer.latest)])

    def close(self) -> None:
        for peer in list(self._peers):
            self.remove(peer)

    def take(self) -> Snapshot:
        """Ask all processes, and add up what they answer in time."""
        with self._lock:
            self._question += 1
            peers = list(self._peers)
            self._ask(peers)
            silent = [peer for peer in peers if peer.answered != self._question]
            latest = [lasting(p.latest) if p in silent else p.latest for p in peers]
            own: Snapshot = {_PROCESSES: {(): 0}, _SILENT: {(): len(silent)}}
            return add_up([own, self._ended, *latest])

    def _ask(self, peers: Iterable[Peer]) -> None:
        with selectors.DefaultSelector() as waiting:
            for peer in peers:
                peer.ask(self._question)
                waiting.register(peer.ours, selectors.EVENT_READ, peer)
            end = time.monotonic() + self._timeout_s
            while waiting.get_map() and (left := end - time.monotonic()) > 0:
                for key, _ in waiting.select(left):
                    peer = key.data
                    if not peer.read() or peer.answered == self._question:
                        waiting.unregister(peer.ours)
