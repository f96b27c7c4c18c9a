"""A dump of PostgreSQL and a copy of the pictures are a desk again, as docs/operating.md says."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url
from typer.testing import CliRunner

from cli import cli
from settings import PREFIX
from tests.client import Client
from tests.given import World, jpeg
from tests.replica.streaming import PROGRAMS
from tests.serving.process import KEY

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]


@pytest.fixture
def only_postgresql(runs_on: str) -> None:
    if runs_on != "postgresql":
        pytest.skip("`aftersales backup` is for SQLite, and a dump goes past a pooler")
    if not (PROGRAMS / "pg_dump").exists():
        pytest.skip("there is no pg_dump beside the PostgreSQL server")


def call(program: str, *arguments: str | Path) -> None:
    subprocess.run([PROGRAMS / program, *arguments], check=True, capture_output=True)


def plain(url: URL) -> str:
    """The address as PostgreSQL's own programs take it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def test_a_dump_and_the_pictures_copied_after_it_are_a_desk_that_the_doctor_finds_whole(
    only_postgresql: None, client: Client, given: World, database_url: str, tmp_path: Path
) -> None:
    shop = await given.merchant()
    [order] = await given.application(shop)
    owner = client.as_(shop.owner.token)
    assert await owner.codes("addNote", id=order.id, text="备注") == []
    await owner.upload(jpeg())
    source = make_url(database_url)
    target = source.set(database=f"{source.database}_restored")
    dump, pictures = tmp_path / "aftersales.dump", tmp_path / "restored-pictures"
    try:
        await asyncio.to_thread(call, "pg_dump", "--format=custom", f"--file={dump}", plain(source))
        shutil.copytree(tmp_path / "pictures", pictures)
        createdb = (f"--maintenance-db={plain(source)}", str(target.database))
        await asyncio.to_thread(call, "createdb", *createdb)
        options = ("--exit-on-error", "--single-transaction", "--no-owner")
        await asyncio.to_thread(call, "pg_restore", *options, f"--dbname={plain(target)}", dump)
        environment = {
            f"{PREFIX}DATABASE_URL": plain(target),
            f"{PREFIX}PICTURES_URL": str(pictures),
            f"{PREFIX}SIGNING_KEY": KEY,
        }

        def run(command: str) -> tuple[int, str]:
            result = CliRunner().invoke(cli, [command], env=environment)
            return result.exit_code, result.stdout.strip()

        assert await asyncio.to_thread(run, "migrate") == (0, "The database is up to date.")
        status, words = await asyncio.to_thread(run, "doctor")
        assert (status, words.splitlines()[-1]) == (0, "Nothing is wrong.")
        next(pictures.glob("*/*/*")).unlink()
        status, words = await asyncio.to_thread(run, "doctor")
        assert (status, "PICTURE_LOST" in words) == (1, True)
    finally:
        dropdb = ("--if-exists", "--force", f"--maintenance-db={plain(source)}")
        await asyncio.to_thread(call, "dropdb", *dropdb, str(target.database))
