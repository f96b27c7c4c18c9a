"""Keeps the processes of `serve --workers` running: replaces one that dies or does not answer."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE

LONGEST_PASS_S: Final = 2.0
"""What one pass of the loop counts at most. If it took longer, the supervisor itself was stopped,
and perhaps the others with it (Ctrl-Z): their silence proves nothing."""

_STARTING, _SERVING = b"0", b"1"

_log = logging.getLogger("aftersales.processes")


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits for a process, in seconds."""

    start_s: float = 120.0
    """Until it serves. A busy machine takes long to import everything."""
    silence_s: float = 20.0
    """Until its event loop runs again. One request can keep it for some seconds."""
    stop_s: float = 35.0
    """Until it has ended after it was told to."""
    beat_s: float = 1.0
    """Between two signs of life."""
    settled_s: float = 60.0
    """After so long, its end does not count as one more failure in a row."""
    longest_delay_s: float = 30.0
    """Before the next start, after many failures in a row."""


@dataclass
class _Process:
    process: SpawnProcess
    beats: Connection
    started_at: float
    heard_at: float
    serves: bool = False
    is_told: bool = False
    """Whether it was killed for its silence."""


@dataclass
class _Place:
    """One of the processes that there shall be, and the one that fills it."""

    start_at: float = 0.0
    failures: int = 0
    filled_by: _Process | None = None


class Supervisor:
    """Starts as many processes as the configuration says, on sockets that they share.

    It is not uvicorn's: that asks one process after the other and waits for each, so a process that
    is stopped keeps the end of another one from being noticed. See
    docs/decisions/0039-the-supervisor.md.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        patience: Patience | None = None,
    ) -> None:
        self._config = config
        self._sockets = sockets
        self._patience = patience or Patience()
        self._places = [_Place() for _ in range(config.workers)]
        self._signals: list[int] = []
        self._now = 0.0
        """Seconds in which this process ran."""
        self._has_served = False
        self._stops_at: float | None = None
        """When what still runs is killed; None unless told to stop."""
        self._status = 0

    def run(self) -> int:
        """Run until told to stop, and until the last process has ended. Return the exit status."""
        with self._awakened_by_signals() as awakened:
            while self._stops_at is None or self._running():
                self._start_due()
                self._pass(awakened)
                self._obey()
                self._replace()
                self._kill_silent()
        return self._status

    @contextlib.contextmanager
    def _awakened_by_signals(self) -> Iterator[int]:
        """Note signals, and make them end a wait; a handler alone would not."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda number, _frame: self._signals.append(number))
        yield reading
        signal.set_wakeup_fd(-1)
        os.close(reading)
        os.close(writing)

    def _running(self) -> list[_Process]:
        return [place.filled_by for place in self._places if place.filled_by is not None]

    def _start_due(self) -> None:
        for place in self._places:
            if place.filled_by is None and self._stops_at is None and place.start_at <= self._now:
                place.filled_by = self._start()

    def _start(self) -> _Process:
        # Spawned, not forked: a fork would inherit threads' locks, signal handlers, and the pipes
        # of the other processes.
        spawning = multiprocessing.get_context("spawn")
        beats, far_end = spawning.Pipe(duplex=False)
        process = spawning.Process(
            target=_serve, args=(self._config, self._sockets, far_end, self._patience.beat_s)
        )
        process.start()
        far_end.close()  # or its end would never be seen
        os.set_blocking(beats.fileno(), False)
        _log.info("process %d started", process.pid)
        return _Process(process, beats, self._now, self._now)

    def _pass(self, awakened: int) -> None:
        """Wait until something happens, for a beat at most, and take in what it was."""
        began = time.monotonic()
        running = {one.beats: one for one in self._running() if not one.beats.closed}
        ends = [one.process.sentinel for one in self._running()]
        ready = wait([awakened, *running, *ends], timeout=self._patience.beat_s / 2)
        self._now += min(time.monotonic() - began, LONGEST_PASS_S)
        for one in ready:
            if one == awakened:
                os.read(awakened, 4096)
            elif isinstance(one, Connection):
                self._hear(running[one])

    def _hear(self, process: _Process) -> None:
        said = os.read(process.beats.fileno(), 65_536)
        if not said:
            process.beats.close()  # it ends; that it has ended, its sentinel says
            return
        process.heard_at = self._now
        if said.endswith(_SERVING):
            process.serves = self._has_served = True

    def _obey(self) -> None:
        while self._signals:
            name = signal.Signals(self._signals.pop(0)).name
            if self._stops_at is None:
                _log.info("told to stop by %s", name)
                self._stop()
            elif name == "SIGINT":
                self._stops_at = self._now  # impatient

    def _stop(self) -> None:
        """Tell all to stop, and let go of the port: who comes now is refused, and goes elsewhere.

        A process that is stopped by a signal is continued, or it would keep the port.
        """
        self._stops_at = self._now + self._patience.stop_s
        for listening in self._sockets:
            listening.close()
        for one in self._running():
            for what in (signal.SIGTERM, signal.SIGCONT):
                _send(one.process, what)

    def _replace(self) -> None:
        for place in self._places:
            ended = place.filled_by
            if ended is None or ended.process.exitcode is None:
                continue
            place.filled_by = None
            ended.beats.close()
            status = ended.process.exitcode
            if self._stops_at is not None:
                _log.info("process %d ended: %s", ended.process.pid, _worded(status))
                continue
            _log.error("process %d ended: %s", ended.process.pid, _worded(status))
            if status > 0 and not self._has_served:
                # None ever served: the next would fare no better. Whoever started us must know.
                _log.error("the server cannot start")
                self._status = STARTUP_FAILURE
                self._stop()
            self._delay(place, lived=self._now - ended.started_at)

    def _delay(self, place: _Place, *, lived: float) -> None:
        """The first is replaced at once; those that keep dying more and more rarely."""
        patience = self._patience
        place.failures = 1 if lived >= patience.settled_s else place.failures + 1
        delay = 0.0 if place.failures == 1 else 2.0 ** min(place.failures - 2, 16)
        place.start_at = self._now + min(delay, patience.longest_delay_s)

    def _kill_silent(self) -> None:
        is_late = self._stops_at is not None and self._now >= self._stops_at
        for one in self._running():
            silent = self._now - one.heard_at
            longest = self._patience.silence_s if one.serves else self._patience.start_s
            if not one.is_told and (is_late or silent >= longest):
                _log.error("process %d has been silent for %.0f s: killed", one.process.pid, silent)
                one.is_told = True
                _send(one.process, signal.SIGKILL)


def _send(process: SpawnProcess, what: signal.Signals) -> None:
    # Safe against another process with this number: ours keeps it until we ask how it ended.
    if process.pid is not None and process.exitcode is None:
        os.kill(process.pid, what)


def _worded(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


class _Server(uvicorn.Server):
    """Uvicorn's server, whose event loop gives signs of life."""

    def __init__(self, config: uvicorn.Config, beats: Connection, beat_s: float) -> None:
        super().__init__(config)
        self._beats = beats
        self._beat_s = beat_s
        os.set_blocking(beats.fileno(), False)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._beat()
        await super().startup(sockets)
        self._say()

    def _beat(self) -> None:
        # On the loop, not in a thread: a thread would go on while the loop hangs.
        self._say()
        asyncio.get_running_loop().call_later(self._beat_s, self._beat)

    def _say(self) -> None:
        # A full pipe says enough; without a parent, this process is about to end.
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._beats.fileno(), _SERVING if self.started else _STARTING)


def _serve(
    config: uvicorn.Config, sockets: list[socket.socket], beats: Connection, beat_s: float
) -> None:
    config.configure_logging()
    with contextlib.suppress(KeyboardInterrupt):  # the parent was interrupted too, and says so
        _Server(config, beats, beat_s).run(sockets)
