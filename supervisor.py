"""Keeps the processes of `serve --workers` running: replaces one that dies or hangs."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from watching.pipe import Gathering, Peer, answer_questions
from watching.snapshot import Snapshot

MAX_PASS_S: Final = 2.0
"""The most that one pass of the loop adds to the clock. A longer pass means that the supervisor
itself was stopped, perhaps with all processes (Ctrl-Z): then their silence proves nothing."""

_STARTING, _SERVING = b"0", b"1"

_log = logging.getLogger("aftersales.processes")


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits for a process, in seconds."""

    start_s: float = 120.0
    """Until it serves. On a busy machine, imports take long."""
    silence_s: float = 20.0
    """Without a heartbeat. One request can block the event loop for some seconds."""
    stop_s: float = 35.0
    """Until it has ended after a signal to stop."""
    beat_s: float = 1.0
    """Between two heartbeats."""
    settled_s: float = 60.0
    """A process that lived this long starts a new count of failures."""
    max_delay_s: float = 30.0
    """The longest delay of a restart, after many failures in a row."""


@dataclass
class _Process:
    process: SpawnProcess
    heartbeats: Connection
    started_at: float
    heard_at: float
    is_serving: bool = False
    is_killed: bool = False
    """Whether SIGKILL was sent to it."""
    peer: Peer | None = None
    """How its metrics are asked for, if anybody watches them."""


@dataclass
class _Slot:
    """One of the configured number of processes, and the process that runs in it, if any."""

    start_at: float = 0.0
    failures: int = 0
    process: _Process | None = None


class Supervisor:
    """Runs the configured number of processes on shared sockets.

    Uvicorn's supervisor pings one process after the other and waits for each, so it does not notice
    the end of a process while another one is stopped. See docs/decisions/0039-the-supervisor.md.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        patience: Patience | None = None,
        gathering: Gathering | None = None,
    ) -> None:
        """``gathering`` gathers the metrics of all processes."""
        self._config = config
        self._sockets = sockets
        self._patience = patience or Patience()
        self._gathering = gathering
        self._slots = [_Slot() for _ in range(config.workers)]
        self._signals: list[int] = []
        self._now = 0.0
        """Seconds for which the supervisor has run, without the time in which it was stopped."""
        self._has_served = False
        self._stops_at: float | None = None
        """When the remaining processes are killed; None until told to stop."""
        self._status = 0

    def run(self) -> int:
        """Run until told to stop and the last process has ended. Return the exit status."""
        with self._signal_pipe() as signals:
            while self._stops_at is None or self._running():
                self._start_due()
                self._wait(signals)
                self._handle_signals()
                self._replace()
                self._kill_silent()
        return self._status

    @contextlib.contextmanager
    def _signal_pipe(self) -> Iterator[int]:
        """Record signals, and make them end a wait, which a handler alone would not."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: self._signals.append(received))
        yield reading
        signal.set_wakeup_fd(-1)
        os.close(reading)
        os.close(writing)

    def _running(self) -> list[_Process]:
        return [slot.process for slot in self._slots if slot.process is not None]

    def _start_due(self) -> None:
        for slot in self._slots:
            if slot.process is None and self._stops_at is None and slot.start_at <= self._now:
                slot.process = self._start()

    def _start(self) -> _Process:
        # Spawned, not forked: a fork would inherit locks of threads, signal handlers, and the
        # pipes of the other processes.
        context = multiprocessing.get_context("spawn")
        heartbeats, child_end = context.Pipe(duplex=False)
        peer, questions = self._gathering.add() if self._gathering else (None, None)
        process = context.Process(
            target=_serve,
            args=(self._config, self._sockets, child_end, self._patience.beat_s, questions),
        )
        process.start()
        child_end.close()  # or the end of the process would not close the pipe
        if questions is not None:
            questions.close()
        os.set_blocking(heartbeats.fileno(), False)
        _log.info("process %d started", process.pid)
        return _Process(process, heartbeats, self._now, self._now, peer=peer)

    def _wait(self, signals: int) -> None:
        """Wait for a signal, a heartbeat or the end of a process, for half a beat at most."""
        began = time.monotonic()
        heartbeats = {p.heartbeats: p for p in self._running() if not p.heartbeats.closed}
        sentinels = [running.process.sentinel for running in self._running()]
        ready = wait([signals, *heartbeats, *sentinels], timeout=self._patience.beat_s / 2)
        self._now += min(time.monotonic() - began, MAX_PASS_S)
        for source in ready:
            if source == signals:
                os.read(signals, 4096)
            elif isinstance(source, Connection):
                self._read_heartbeats(heartbeats[source])

    def _read_heartbeats(self, process: _Process) -> None:
        heartbeats = os.read(process.heartbeats.fileno(), 65_536)
        if not heartbeats:
            process.heartbeats.close()  # it is ending; its sentinel tells when it has ended
            return
        process.heard_at = self._now
        if heartbeats.endswith(_SERVING):
            process.is_serving = self._has_served = True

    def _handle_signals(self) -> None:
        while self._signals:
            name = signal.Signals(self._signals.pop(0)).name
            if self._stops_at is None:
                _log.info("told to stop by %s", name)
                self._stop()
            elif name == "SIGINT":
                self._stops_at = self._now  # a second Ctrl-C: kill now

    def _stop(self) -> None:
        """Tell all processes to stop, and close the port, so that clients go to another server.

        A process that is stopped by a signal is continued; otherwise it would keep the port.
        """
        self._stops_at = self._now + self._patience.stop_s
        for sock in self._sockets:
            sock.close()
        for running in self._running():
            for number in (signal.SIGTERM, signal.SIGCONT):
                _send(running.process, number)

    def _replace(self) -> None:
        for slot in self._slots:
            ended = slot.process
            if ended is None or ended.process.exitcode is None:
                continue
            slot.process = None
            ended.heartbeats.close()
            if self._gathering is not None and ended.peer is not None:
                self._gathering.remove(ended.peer)
            status = ended.process.exitcode
            if self._stops_at is not None:
                _log.info("process %d ended: %s", ended.process.pid, _describe(status))
                continue
            _log.error("process %d ended: %s", ended.process.pid, _describe(status))
            if status > 0 and not self._has_served:
                # No process has ever served, and the next would fail too: end with an error.
                _log.error("the server cannot start")
                self._status = STARTUP_FAILURE
                self._stop()
            self._delay(slot, lived=self._now - ended.started_at)

    def _delay(self, slot: _Slot, *, lived: float) -> None:
        """Replace a process at once after its first failure, then with growing delays."""
        patience = self._patience
        slot.failures = 1 if lived >= patience.settled_s else slot.failures + 1
        delay = 0.0 if slot.failures == 1 else 2.0 ** min(slot.failures - 2, 16)
        slot.start_at = self._now + min(delay, patience.max_delay_s)

    def _kill_silent(self) -> None:
        is_late = self._stops_at is not None and self._now >= self._stops_at
        for running in self._running():
            silence = self._now - running.heard_at
            limit = self._patience.silence_s if running.is_serving else self._patience.start_s
            if not running.is_killed and (is_late or silence >= limit):
                pid = running.process.pid
                _log.error("process %d has been silent for %.0f s: killed", pid, silence)
                running.is_killed = True
                _send(running.process, signal.SIGKILL)


def _send(process: SpawnProcess, number: signal.Signals) -> None:
    # The pid cannot belong to another process: it stays reserved until `exitcode` is read.
    if process.pid is not None and process.exitcode is None:
        os.kill(process.pid, number)


def _describe(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


class _Server(uvicorn.Server):
    """Uvicorn's server, whose event loop sends heartbeats, and metrics when asked for them."""

    def __init__(
        self,
        config: uvicorn.Config,
        heartbeats: Connection,
        beat_s: float,
        questions: socket.socket | None,
    ) -> None:
        super().__init__(config)
        self._questions = questions
        self._answering: asyncio.Task[None] | None = None
        self._heartbeats = heartbeats
        self._beat_s = beat_s
        os.set_blocking(heartbeats.fileno(), False)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._beat()
        await super().startup(sockets)
        self._send_heartbeat()
        snapshot: Callable[[], Snapshot] | None = getattr(self.config.loaded_app, "snapshot", None)
        if self._questions is not None and snapshot is not None:
            self._answering = asyncio.create_task(answer_questions(self._questions, snapshot))

    def _beat(self) -> None:
        # On the loop, not in a thread: a thread would continue while the loop hangs.
        self._send_heartbeat()
        asyncio.get_running_loop().call_later(self._beat_s, self._beat)

    def _send_heartbeat(self) -> None:
        # A full pipe holds heartbeats enough; without a parent, this process is about to end.
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._heartbeats.fileno(), _SERVING if self.started else _STARTING)


def _serve(
    config: uvicorn.Config,
    sockets: list[socket.socket],
    heartbeats: Connection,
    beat_s: float,
    questions: socket.socket | None,
) -> None:
    config.configure_logging()
    with contextlib.suppress(KeyboardInterrupt):  # the parent is interrupted too, and logs it
        _Server(config, heartbeats, beat_s, questions).run(sockets)
