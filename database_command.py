"""The commands `aftersales migrate`, `aftersales distribute` and `aftersales quality rebuild`."""

import asyncio
import tempfile

import typer

from database.database import Database
from models import distribution, schema_version
from models.queries.quality_cases import reset_heads
from parts import Parts
from startup import err, load_settings, once_available, open_parts, out, require_current, run


def upgrade() -> None:
    """Bring the database up to this server."""
    parts = open_parts(load_settings())
    run(parts, once_available(lambda: schema_version.upgrade(parts.database)))
    out.print("The database is up to date.")


def check_or_draft(title: str | None) -> None:
    """Compare the migrations with the models, or draft a migration, in a temporary database."""
    asyncio.run(_check_or_draft(title))


async def _check_or_draft(title: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(f"sqlite+aiosqlite:///{folder}/scratch.db")
        try:
            await schema_version.upgrade(database)
            if title:
                await schema_version.draft(database, title)
            else:
                await schema_version.compare(database)
                out.print("migrations: ok")
        except schema_version.Differs as differs:
            err.print(str(differs), markup=False, soft_wrap=True)
            raise typer.Exit(1) from None
        finally:
            await database.close()


def distribute(*, check: bool) -> None:
    """Distribute the tables; with ``check``, only compare where they are."""
    parts = open_parts(load_settings())
    run(parts, _distribute(parts, check=check))


async def _distribute(parts: Parts, *, check: bool) -> None:
    await require_current(parts.database)
    if not check:
        for table in await distribution.distribute(parts.database):
            out.print(f"distributed {table}")
    differences = await distribution.find_differences(parts.database)
    for difference in differences:
        err.print(difference.line(), markup=False, soft_wrap=True)
    if differences:
        raise typer.Exit(1)
    out.print("The tables are distributed.")


def rebuild_cases() -> None:
    """Let the clock derive all cases of service quality anew."""
    parts = open_parts(load_settings())
    run(parts, _reset_heads(parts))
    out.print("The clock will derive all cases anew.")


async def _reset_heads(parts: Parts) -> None:
    await require_current(parts.database)
    async with parts.database.write() as connection:
        await reset_heads(connection)
