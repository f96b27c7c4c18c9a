"""A PgBouncer in transaction mode in front of a PostgreSQL server."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from database.addresses import behind_pooler
from tests.ports import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin:{os.environ.get('PATH', '')}")
PATIENCE_S = 30


@contextmanager
def pooler(url: str) -> Iterator[str]:
    """The address of a pooler that serves every database of the server.

    It has a folder of its own, for the reason in ``tests/postgresql.py``.
    """
    with tempfile.TemporaryDirectory(prefix="aftersales-pooler-") as folder:
        Path(folder).chmod(0o755)
        with _pooler(Path(folder), url) as address:
            yield address


@contextmanager
def _pooler(folder: Path, url: str) -> Iterator[str]:
    assert PROGRAM is not None, "pgbouncer is not installed"
    port = free_port()
    config = folder / "pgbouncer.ini"
    config.write_text(_config(make_url(url), port))
    log_file = folder / "pgbouncer.log"
    with log_file.open("wb") as log:
        user = ["-u", _owner(make_url(url))] if os.geteuid() == 0 else []
        process = subprocess.Popen([PROGRAM, *user, str(config)], stdout=log, stderr=log)
    try:
        _wait(process, port, log_file)
        address = URL.create("postgresql+asyncpg", "tests", host="127.0.0.1", port=port)
        yield behind_pooler(address.render_as_string(hide_password=False))
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _owner(server: URL) -> str:
    """The user that PgBouncer runs as. It refuses root, so it runs as the owner of the socket."""
    socket_folder = server.query.get("host")
    return Path(socket_folder).owner() if isinstance(socket_folder, str) else "nobody"


def _config(server: URL, port: int) -> str:
    host = server.host or server.query.get("host")
    fields = {
        "host": host,
        "port": server.port,
        "user": server.username,
        "password": server.password,
    }
    target = " ".join(f"{name}={value}" for name, value in fields.items() if value)
    return f"""
[databases]
* = {target}
[pgbouncer]
pool_mode = transaction
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
# Give consecutive transactions different sessions.
server_round_robin = 1
default_pool_size = 20
max_client_conn = 1000
"""


def _wait(process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    patience = time.monotonic() + PATIENCE_S
    while time.monotonic() < patience and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(log_file.read_text())
