"""The real application on an empty database of its own, for what is asked from another process."""

import asyncio
import tempfile
from pathlib import Path

from app import create_app
from models import schema_version
from parts import parts_of
from settings import load


async def _migrate(folder: Path) -> None:
    parts = parts_of(load(data_dir=folder))
    await schema_version.upgrade(parts.database)
    await parts.database.close()


_folder = Path(tempfile.mkdtemp(prefix="aftersales-"))
asyncio.run(_migrate(_folder))
app = create_app(parts_of(load(data_dir=_folder)), runs_clock=True)
