"""What ``aftersales demo`` does before it serves: bring the database up to date and fill it."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from database.database import Database
from demo.create import TOTAL, create
from demo.people import STOREFRONT_ID
from jobs.quality.alerts import compare
from jobs.quality.derive import derive
from jobs.quality.snapshots import make_due
from jobs.sequencer import sequence
from models import schema_version
from models.accounts import connectors
from models.merchant import merchants
from resolvers.pictures import Pictures

_STALE: Final = timedelta(hours=4)


class NotADemo(Exception):
    """The database holds merchants that are not the demo's."""


async def stand_up(database: Database, pictures: Pictures, now: datetime, out: Console) -> bool:
    """Bring the database up to date, and make the demo if there is none.

    Returns whether the demo was made just now. Raises NotADemo.
    """
    await schema_version.upgrade(database)
    async with database.read() as connection:
        made_at = await connection.scalar(
            sa.select(connectors.c.created_at).where(connectors.c.id == STOREFRONT_ID)
        )
        merchant_count = await connection.scalar(sa.select(sa.func.count()).select_from(merchants))
    if made_at is None:
        if merchant_count:
            raise NotADemo
        with _progress_bar(out) as bar:
            task = bar.add_task("Making the demo", total=TOTAL)
            await create(database, pictures, now, lambda count: bar.advance(task, count))
        await catch_up(database, now)
        return True
    if now - made_at > _STALE:
        hours = (now - made_at) // timedelta(hours=1)
        out.print(f"This demo is {hours} hours old: the clock has approved what came due since.")
    return False


async def catch_up(database: Database, now: datetime) -> None:
    """Do what the server's jobs do in their first minutes.

    Place the events in the feed, derive the cases that figures count, make the snapshots of months
    that are over, and compare the figures with the thresholds. The jobs go on where this was
    interrupted. Here the first visitor finds figures, scores and alerts that are current.
    """
    while await sequence(database, now):
        pass
    while await derive(database):
        pass
    await make_due(database, now)
    for _ in range(2):  # the first time creates the watches of new merchants
        await compare(database, now)


def _progress_bar(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=out,
    )
