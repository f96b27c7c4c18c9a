"""Deleting a demo's data, so that the next start makes a new one."""

import shutil
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console

from auth import secrets
from database.addresses import file_of
from database.database import Database
from demo.people import STOREFRONT_ID, STOREFRONT_SECRET
from demo.stand_up import NotADemo
from models.accounts import connectors

_SUFFIXES = ("", "-wal", "-shm", "-mark", "-clock")
"""Of the files that belong to an SQLite database; the machine's clock has the last one."""


async def reset(url: str, data_dir: Path, out: Console) -> None:
    """Say what is deleted, and delete the demo's database and the pictures beside it.

    Nothing else is touched: the directory, the signing key and whatever else lies there stay. So do
    pictures beside a database that lies outside of ``data_dir``: they may be another server's.
    Raises NotADemo if the database is not an SQLite file that the demo made.
    """
    file = file_of(url)
    if file is None:
        raise NotADemo
    if not file.exists():
        out.print(f"There is no demo at {file}: nothing to delete.", markup=False, soft_wrap=True)
        return
    if not await _is_demo(url):
        raise NotADemo
    files = [path for suffix in _SUFFIXES if (path := Path(f"{file}{suffix}")).exists()]
    pictures = file.parent / "pictures"
    has_pictures = file.parent == data_dir and pictures.is_dir()
    paths = [*files, pictures] if has_pictures else files
    out.print(f"Deleting the demo: {', '.join(map(str, paths))}", markup=False, soft_wrap=True)
    if has_pictures:
        shutil.rmtree(pictures)
    for path in files:
        path.unlink(missing_ok=True)


async def _is_demo(url: str) -> bool:
    """Whether the demo's storefront has a token here that everybody knows."""
    database = Database.open(url)
    try:
        async with database.read() as connection:
            if not await connection.run_sync(lambda sync: sa.inspect(sync).has_table("connector")):
                return False
            secret_hash = await connection.scalar(
                sa.select(connectors.c.secret_hash).where(connectors.c.id == STOREFRONT_ID)
            )
    finally:
        await database.close()
    return secret_hash == secrets.hashed(STOREFRONT_SECRET)
