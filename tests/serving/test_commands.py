"""What an operator can mend ends a command with one line, and commands leave files private."""

import os
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from database.addresses import file_of
from settings import PREFIX
from tests.databases import Backend
from tests.direct import run_directly
from tests.disks import disk
from tests.ports import free_port
from tests.serving.process import COMMAND, KEY

pytestmark = pytest.mark.anyio

SECRET = "s3cret-of-the-desk"
TIMEOUT_S = 120


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    said: list[str]
    """The lines on its standard error."""
    printed: str


def run(*arguments: str, **environment: str) -> Ended:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    more = {f"{PREFIX}{name}": value for name, value in environment.items()} | {"COLUMNS": "999"}
    ran = subprocess.run(
        [COMMAND, *arguments],
        env={**ours, **more},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Ended(ran.returncode, ran.stderr.splitlines(), ran.stdout)


def line_of(ended: Ended, *, status: int = 1) -> str:
    """The one line that the command ended with, and no secret in it."""
    assert (ended.status, len(ended.said)) == (status, 1), ended
    [line] = ended.said
    assert SECRET not in line + ended.printed
    return line


def spoiled(folder: Path) -> Path:
    """A data folder whose database is no database."""
    folder.mkdir(mode=0o700)
    file = folder / "aftersales.db"
    file.write_bytes(b"no header" * 10_000)
    file.chmod(0o600)
    return folder


def blocked(folder: Path) -> Path:
    """A data folder that is a file."""
    folder.write_text("")
    return folder


def nowhere(_folder: Path) -> Path:
    """A data folder that cannot be made."""
    return Path("/proc/nothing/data")


def keyless(folder: Path) -> Path:
    """A data folder whose key is none."""
    folder.mkdir(mode=0o700)
    kept = folder / "signing-key"
    kept.touch(mode=0o600)
    kept.write_text(SECRET)
    return folder


@pytest.mark.parametrize("command", ["migrate", "worker", "demo"])
def test_a_corrupt_file_ends_each_command_with_one_line(tmp_path: Path, command: str) -> None:
    port = ("--port", str(free_port())) if command in {"demo", "serve"} else ()
    ended = run(command, *port, DATA_DIR=str(spoiled(tmp_path / "data")))
    assert "corrupt" in line_of(ended)


@pytest.mark.parametrize(
    ("make", "expected"),
    [(blocked, "File exists"), (nowhere, "No such file"), (keyless, "32 bytes in base64")],
)
def test_a_data_folder_that_cannot_be_used_ends_a_command_with_one_line(
    tmp_path: Path, make, expected: str
) -> None:
    ended = run("migrate", DATA_DIR=str(make(tmp_path / "data")))
    assert expected in line_of(ended, status=2)


def test_a_read_only_data_folder_ends_a_command_with_one_line(tmp_path: Path) -> None:
    with disk(tmp_path, "ro", "size=1m"):  # it takes no writes, not even from root
        ended = run("migrate", DATA_DIR=str(tmp_path / "data"))
        assert "Read-only file system" in line_of(ended, status=2)


@pytest.mark.parametrize(
    "url", [f"ftp://desk:{SECRET}@store.test/pictures", f"http://[::bad/{SECRET}"]
)
def test_a_store_of_pictures_that_is_none_ends_a_command_with_one_line(
    tmp_path: Path, url: str
) -> None:
    ended = run("migrate", DATA_DIR=str(tmp_path / "data"), PICTURES_URL=url)
    assert "AFTERSALES_PICTURES_URL" in line_of(ended, status=2)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"postgresql://desk:{SECRET}@db.test:port/desk", "not the address of a database"),
        (f"postgresql://desk:{SECRET}@db.test/desk?sslmode=require", "`ssl=`"),
        (f"mysql://desk:{SECRET}@db.test/desk", "postgresql://"),
    ],
)
def test_an_address_that_is_none_ends_a_command_with_one_line(url: str, expected: str) -> None:
    assert expected in line_of(run("migrate", DATABASE_URL=url), status=2)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_ends_a_command_with_one_line(tmp_path: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = line_of(run(command, "--port", port, DATA_DIR=str(tmp_path / "data")))
    assert line == (
        f"Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another --port."
    )


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_metrics_on_the_port_of_the_api_end_a_command_with_one_line(
    tmp_path: Path, command: str
) -> None:
    port = str(free_port())
    data = str(tmp_path / "data")
    line = line_of(run(command, "--port", port, METRICS_PORT=port, DATA_DIR=data))
    assert line == (
        f"The API and the metrics cannot share port {port}. Choose another AFTERSALES_METRICS_PORT."
    )


def test_an_address_of_another_machine_ends_serve_with_one_line(tmp_path: Path) -> None:
    ended = run("serve", "--host", "192.0.2.1", DATA_DIR=str(tmp_path / "data"))
    assert line_of(ended).startswith("Cannot listen on 192.0.2.1:8000: ")
    assert line_of(ended).endswith("Choose another --host.")


def test_trusted_documents_that_are_broken_end_serve_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "documents.json"
    file.write_text("{")
    ended = run(
        "serve",
        "--port",
        str(free_port()),
        DATA_DIR=str(tmp_path / "data"),
        TRUSTED_DOCUMENTS_FILE=str(file),
    )
    assert str(file) in line_of(ended, status=2)


@pytest.fixture
def environment(database_url: str) -> Mapping[str, str]:
    path = file_of(database_url)
    if path is not None:
        path.chmod(0o600)
    return {"DATABASE_URL": database_url, "SIGNING_KEY": KEY}


@pytest.mark.parametrize("command", ["migrate", "serve"])
async def test_a_database_that_is_newer_than_the_server_is_called_so(
    database_url: str, environment: Mapping[str, str], tmp_path: Path, command: str
) -> None:
    if not file_of(database_url) and command != "migrate":
        pytest.skip("the same as on SQLite, where it takes less time")
    later = ("alembic_version SET version_num = '9999'", "schema_floor SET revision = '9999'")
    await run_directly(database_url, *(f"UPDATE {change}" for change in later))
    port = ("--port", str(free_port())) if command == "serve" else ()
    ended = run(command, *port, DATA_DIR=str(tmp_path / "data"), **environment)
    assert "newer than this server" in line_of(ended)


async def test_a_database_without_migrations_is_called_behind(tmp_path: Path) -> None:
    ended = run("doctor", DATA_DIR=str(tmp_path / "data"))
    assert "run `aftersales migrate`" in line_of(ended)


async def test_a_locked_file_ends_a_command_with_one_line(
    database_url: str, environment: Mapping[str, str], tmp_path: Path
) -> None:
    path = file_of(database_url)
    if path is None:
        pytest.skip("PostgreSQL is not locked as a whole")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("SELECT * FROM merchant")  # opens the log, which needs a lock of its own
        other.execute("BEGIN IMMEDIATE")
        ended = run(
            "account",
            "boss",
            "--password",
            f"{SECRET}-long",
            DATA_DIR=str(tmp_path / "data"),
            TRANSACTION_TIMEOUT="3",
            **environment,
        )
    assert "locked" in line_of(ended)


async def test_a_server_that_refuses_ends_a_command_with_one_line(
    backend: Backend, runs_on: str, tmp_path: Path
) -> None:
    if runs_on == "pgbouncer":
        pytest.skip("PgBouncer refuses with an error of its own, as if the server were away")
    url = await backend.fresh(tmp_path)
    if file_of(url):
        pytest.skip("SQLite has no roles")
    parsed = sa.make_url(url)
    missing = {
        "does not exist": parsed.set(database="nothing", password=SECRET),
        "refuses": parsed.set(username="nobody", password=SECRET),
    }
    for expected, wrong in missing.items():
        said = wrong.render_as_string(hide_password=False)
        ended = run("migrate", DATABASE_URL=said, SIGNING_KEY=KEY, DATA_DIR=str(tmp_path / "data"))
        assert expected in line_of(ended)
    await backend.release(url)


def test_settings_masks_every_secret(tmp_path: Path) -> None:
    server = f"postgresql://desk:{SECRET}@db.test:5432/desk?password={SECRET}&ssl=require"
    ended = run(
        "settings",
        DATA_DIR=str(tmp_path),
        DATABASE_URL=server,
        DATABASE_READ_URL=server,
        DATABASE_LISTEN_URL=server,
        PICTURES_URL=f"s3://AKIA:{SECRET}@bucket/p?aws_secret_access_key={SECRET}&region=eu",
        SIGNING_KEY=KEY,
    )
    assert (ended.status, ended.said) == (0, [])
    assert SECRET not in ended.printed
    assert KEY not in ended.printed
    assert "region=eu" in ended.printed


def modes(folder: Path) -> dict[str, int]:
    """Of all that lies in a folder, and of itself."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


def test_what_a_command_makes_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert run("migrate", DATA_DIR=str(folder)).status == 0
    found = modes(folder)
    assert {"aftersales.db", "signing-key", "pictures"} <= set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


def test_what_was_readable_by_others_is_closed_and_the_folder_is_warned_of(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert run("migrate", DATA_DIR=str(folder)).status == 0
    with closing(sqlite3.connect(folder / "aftersales.db")) as open_:
        open_.execute("BEGIN")
        open_.execute("SELECT * FROM merchant").fetchall()  # so that its two logs are there
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        ended = run("migrate", DATA_DIR=str(folder))
        assert ended.status == 0
        found = modes(folder)
        assert {name for name, mode in found.items() if mode & 0o077} == {"."}
        assert {"aftersales.db-wal", "aftersales.db-shm"} <= set(found)
    assert [one for one in ended.said if f"chmod 700 {folder}" in one]
