"""Our own commands as processes of the system, which can be killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from settings import PREFIX

COMMAND: Final = Path(sys.executable).with_name("aftersales")
CHECK_S: Final = 0.02
"""How often a process is asked whether it still runs."""


class Service:
    """A command that is started again whenever it ends, as a supervisor does."""

    def __init__(self, *command: str, settings: Mapping[str, str], log: Path) -> None:
        self.name = " ".join(command)
        self.crashes: list[int] = []
        """The exit statuses with which it ended by itself."""
        self.command = (str(COMMAND), *command)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(PREFIX)
        } | {f"{PREFIX}{name}": value for name, value in settings.items()}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._expected = False
        self._is_over = False

    @property
    def said(self) -> str:
        """All that its processes wrote."""
        return self._log.read_text("utf-8", errors="replace") if self._log.exists() else ""

    async def run(self) -> None:
        """Until it is cancelled; then the process is killed, and all that it started."""
        try:
            while not self._is_over:
                process = self._start()
                while process.poll() is None:  # noqa: ASYNC110 - a process is no event
                    await asyncio.sleep(CHECK_S)
                if not self._expected:
                    self.crashes.append(process.returncode)
                    await asyncio.sleep(1)
        finally:
            self.kill()

    def kill(self, *, for_good: bool = False) -> bool:
        """``kill -9``. False if there is nothing to kill just now.

        A command that is killed ``for_good`` is not started again.
        """
        self._is_over = self._is_over or for_good
        if self._process is None or self._process.poll() is not None:
            return False
        self._expected = True
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return True

    def signal(self, number: signal.Signals) -> bool:
        """Send a signal to the process. False if there is none just now."""
        if self._process is None or self._process.poll() is not None:
            return False
        os.killpg(self._process.pid, number)
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        self._expected = False
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own, to be killed as one
            )
        return self._process
