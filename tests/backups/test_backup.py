"""A backup is taken while a server serves and writes, is whole, and is restored elsewhere."""

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import obstore.store
import pytest

from app import create_app
from backups.take import Source, take
from tests.backups.desk import Desk, new_desk
from tests.client import Client
from tests.given import jpeg
from tests.serving.process import Command, eventually

pytestmark = pytest.mark.anyio

AROUND = 3
"""So many changes are made before the backup begins, and during it at least."""
NOTED = "SELECT count(*) FROM service_order_event WHERE kind = 'NOTED'"


@dataclass
class Writer:
    """Writes through the API without a pause, and keeps what was acknowledged."""

    client: Client
    order: str
    notes: int = 0
    pictures: list[str] = field(default_factory=list)

    async def write(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            note = {"id": self.order, "text": f"note {self.notes}"}
            assert await self.client.codes("addNote", **note) == []
            self.notes += 1
            payload = await self.client.upload(jpeg(32 + self.notes % 50, 24 + self.notes // 50))
            self.pictures.append(payload["evidence"]["url"].partition("?")[0].rpartition("/")[2])

    async def more(self) -> None:
        before = self.notes
        await eventually(lambda: self.notes >= before + AROUND)


@asynccontextmanager
async def writing(desk: Desk, token: str, order: str) -> AsyncIterator[Writer]:
    """A server that serves the desk, and a client that writes without a pause."""
    settings = {"data_dir": str(desk.folder)}
    async with Command.start(
        "serve", "--port", "PORT", database_url=desk.url, **settings
    ) as server:
        await server.ready()
        async with server.client() as client:
            writer, stop = Writer(client.as_(token), order), asyncio.Event()
            task = asyncio.create_task(writer.write(stop))
            yield writer
            stop.set()
            await task


async def test_a_backup_of_a_desk_in_use_has_what_was_acknowledged_and_is_served_elsewhere(
    tmp_path: Path, empty: Path
) -> None:
    desk, target = new_desk(empty, tmp_path / "desk"), tmp_path / "backup"
    async with desk.opened() as world:
        shop = await world.merchant()
        [order] = await world.application(shop)
    async with writing(desk, shop.owner.token, order.id) as writer:
        await writer.more()
        notes, pictures = writer.notes, list(writer.pictures)
        made = await asyncio.to_thread(desk.run, "backup", target)
        assert writer.notes >= notes + AROUND, "nothing was written during the backup"
        again = await asyncio.to_thread(desk.run, "backup", target)
        lone = Desk(tmp_path / "lone")
        lone.folder.mkdir(mode=0o700)
        shutil.copyfile(desk.file, lone.file)
    assert (made.exit_code, made.stdout.splitlines()[-1]) == (0, "Nothing is wrong."), made.output
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)

    restored = Desk(tmp_path / "restored")
    back = await asyncio.to_thread(restored.run, "restore", target)
    assert (back.exit_code, back.stdout.splitlines()[-1]) == (0, "Nothing is wrong."), back.output
    with closing(sqlite3.connect(restored.file)) as connection:
        [count] = connection.execute(NOTED).fetchone()
    assert notes <= count < writer.notes
    stored = {file.name for file in restored.pictures.glob("*/*/*")}
    assert {name.partition(".")[0] for name in pictures} <= stored
    assert len(stored) == restored.count("evidence")
    async with (
        restored.opened() as world,
        Client.of(create_app(world.parts, runs_clock=False)) as client,
    ):
        orders = await client.as_(shop.owner.token).ask("{ serviceOrders { nodes { id } } }")
        assert orders["nodes"] == [{"id": order.id}]

    found = await asyncio.to_thread(lone.run, "doctor")
    assert "COMMITS_LOST" in found.stdout


@pytest.fixture(scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory, empty: Path, anyio_backend: str) -> Path:
    """A folder with a small desk and its backup, to be copied by each test."""
    folder = tmp_path_factory.mktemp("small")
    desk = new_desk(empty, folder / "desk")
    async with (
        desk.opened() as world,
        Client.of(create_app(world.parts, runs_clock=False)) as client,
    ):
        shop = await world.merchant()
        for number in range(3):
            await client.as_(shop.owner.token).upload(jpeg(32 + number))
    backup = await asyncio.to_thread(desk.run, "backup", folder / "backup")
    assert backup.exit_code == 0, backup.output
    return folder


def the_picture(backup: Path) -> Path:
    return min(backup.glob("pictures/*/*/*"))


def change_a_picture(backup: Path) -> None:
    file = the_picture(backup)
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def change_the_database(backup: Path) -> None:
    with closing(sqlite3.connect(backup / "aftersales.db")) as connection:
        connection.execute("UPDATE merchant SET name = '?'")
        connection.commit()


def change_the_manifest(backup: Path, **values: object) -> None:
    file = backup / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed picture": (change_a_picture, "its content is not what its name says"),
    "a lost picture": (lambda backup: the_picture(backup).unlink(), "2 pictures of"),
    "no folder of pictures": (
        lambda backup: shutil.rmtree(backup / "pictures"),
        "pictures: No such folder: this is no complete backup",
    ),
    "a strange picture": (
        lambda backup: the_picture(backup).with_name("f" * 64).write_bytes(b"?"),
        "its content is not what its name says",
    ),
    "a changed database": (change_the_database, "its checksum is not that of the manifest"),
    "a lost database": (lambda backup: (backup / "aftersales.db").unlink(), "No such file"),
    "no manifest": (
        lambda backup: (backup / "manifest.json").unlink(),
        "this is no complete backup",
    ),
    "a torn manifest": (lambda backup: (backup / "manifest.json").write_text("{"), "damaged"),
    "a later format": (lambda backup: change_the_manifest(backup, format=2), "later release"),
    "a later schema": (lambda backup: change_the_manifest(backup, schema="9999"), "does not know"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_not_restored_and_leaves_nothing(
    made: Path, tmp_path: Path, damage: str
) -> None:
    backup = shutil.copytree(made / "backup", tmp_path / "backup")
    apply, expected = DAMAGES[damage]
    apply(backup)
    desk = Desk(tmp_path / "desk")
    result = desk.run("restore", backup)
    assert (result.exit_code, expected in result.stderr) == (1, True), result.output
    assert not desk.file.exists()
    assert [*desk.pictures.iterdir()] == []
    assert [file for file in desk.folder.iterdir() if "partial" in file.name] == []


def test_a_backup_is_restored_into_nothing_else_than_an_empty_place(
    made: Path, tmp_path: Path
) -> None:
    backup, desk = made / "backup", Desk(tmp_path / "desk")
    (desk.pictures / "7").mkdir(parents=True)
    assert f"{desk.pictures}: is not empty" in desk.run("restore", backup).stderr
    (desk.pictures / "7").rmdir()
    for ending in ("", "-wal", "-mark"):
        file = Path(f"{desk.file}{ending}")
        file.touch()
        assert f"{file}: exists already" in desk.run("restore", backup).stderr
        assert file.read_bytes() == b""
        file.unlink()


def test_a_backup_wants_the_key_that_it_was_made_with(made: Path, tmp_path: Path) -> None:
    other = Desk(tmp_path / "desk", key="b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q=")
    result = other.run("restore", made / "backup")
    assert (result.exit_code, "--any-key" in result.stderr) == (1, True), result.output
    assert not other.file.exists()
    other.run("restore", "--any-key", made / "backup")
    assert other.count("evidence") == 3


def test_a_backup_tells_pictures_that_changed_in_the_store_and_can_be_restored_nevertheless(
    made: Path, tmp_path: Path
) -> None:
    desk = Desk(shutil.copytree(made / "desk", tmp_path / "desk"))
    lost, changed, _ = sorted(desk.pictures.glob("*/*/*"))
    lost.unlink()
    changed.write_bytes(b"?" * changed.stat().st_size)
    result = desk.run("backup", tmp_path / "backup")
    assert result.exit_code == 1
    assert f"damaged: {changed.relative_to(desk.pictures)}" in result.stdout
    assert "PICTURE_LOST" in result.stdout
    restored = Desk(tmp_path / "restored")
    result = restored.run("restore", tmp_path / "backup")
    assert f"damaged: {changed.relative_to(desk.pictures)}" in result.stdout
    assert restored.file.exists()


def test_the_database_is_copied_again_if_pictures_were_erased_meanwhile(
    made: Path, tmp_path: Path
) -> None:
    desk = Desk(shutil.copytree(made / "desk", tmp_path / "desk"))
    erased = min(desk.pictures.glob("*/*/*"))
    erased.unlink()
    attempts: list[int] = []

    def now() -> str:
        attempts.append(len(attempts))
        if len(attempts) == 2:
            with closing(sqlite3.connect(desk.file)) as connection:
                for table in ("evidence_upload", "evidence"):
                    connection.execute(f"DELETE FROM {table} WHERE sha256 = ?", (erased.name,))  # noqa: S608 - names of ours
                connection.commit()
        return "2026-11-28T12:00:00+00:00"

    store = obstore.store.LocalStore(str(desk.pictures))
    source = Source(database=desk.file, pictures=store, release="1", key="k", now=now)
    manifest = take(source, tmp_path / "backup", lambda _database, _pictures: 0)
    assert (len(attempts), manifest.pictures) == (2, 2)
    assert len([*(tmp_path / "backup").glob("pictures/*/*/*")]) == 2


def test_a_backup_that_cannot_be_written_leaves_nothing(made: Path, tmp_path: Path) -> None:
    desk = Desk(shutil.copytree(made / "desk", tmp_path / "desk"))
    blocked = tmp_path / "file"
    blocked.touch()
    result = desk.run("backup", blocked / "backup")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    inside = desk.pictures / "backup"
    assert "is among the pictures" in desk.run("backup", inside).stderr
    assert not inside.exists()


def test_a_backup_holds_files_that_its_owner_alone_can_read(made: Path) -> None:
    backup = made / "backup"
    assert backup.stat().st_mode & 0o077 == 0
    assert (backup / "aftersales.db").stat().st_mode & 0o077 == 0
    names = {file.name for file in backup.iterdir()}
    assert names == {"aftersales.db", "manifest.json", "pictures"}
    for file in backup.glob("pictures/*/*/*"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name
