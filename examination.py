"""What the commands need to run the doctor, and to print what it finds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from database.commit_mark import MarkFile, accept_loss
from doctor import commits
from doctor.examine import examine
from doctor.finding import Finding
from models.clock import SandboxClock
from parts import Parts
from settings import Settings
from startup import require_current

EXAMINATION_TIMEOUT: Final = timedelta(days=7)
"""The limit of the doctor's one transaction, set so high that it is none."""


def patient(settings: Settings) -> Settings:
    """The settings of a process that examines: a transaction may last."""
    timeout = {"transaction_timeout": EXAMINATION_TIMEOUT.total_seconds()}
    return settings.model_copy(update=timeout)


async def examine_current(parts: Parts, report: Callable[[Finding], None]) -> None:
    """Run all checks. Raises NotCurrent if the database needs `migrate`."""
    await require_current(parts.database)
    await parts.clock.measure(parts.database)
    clock = SandboxClock(parts.clock)
    mark_file = MarkFile.read(parts.marked_file) if parts.marked_file else None
    async with parts.database.read() as connection:
        await clock.follow_in(connection)  # a sandbox's time, even if the settings have none
        if parts.marked_file is not None:
            async for finding in commits.examine(connection, mark_file):
                report(finding)
        await examine(connection, parts.pictures, clock.now(), report)


async def accept_commits_lost(parts: Parts) -> None:
    """Forget the commits that are missing. Nothing happens on PostgreSQL."""
    if parts.marked_file is None:
        return
    await require_current(parts.database)
    async with parts.database.read() as connection:
        accept_loss(parts.marked_file, await commits.mark_of(connection))
