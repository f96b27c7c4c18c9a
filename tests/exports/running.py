"""Asking for exports, running them in this process, and reading their files."""

import asyncio
import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jobs.exports.exporting import Exporting
from jobs.exports.run import claim, run_export
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock

EXPORT = """id status format columns total rowsWritten bytes revealsContacts error url
  requestedBy { kind name } createdAt startedAt finishedAt expiresAt updatedAt"""
READ = f"query($id: ID!) {{ export(id: $id) {{ {EXPORT} }} }}"


async def ask(client: Client, *columns: str, format: str = "CSV", **given: Any) -> Any:
    """The export that the client asks for."""
    payload = await client.do(
        "exportServiceOrders",
        f"export {{ {EXPORT} }}",
        columns=list(columns) or ["NUMBER"],
        format=format,
        **given,
    )
    assert payload["refusals"] == []
    return payload["export"]


async def run_all(parts: Parts, **changes: Any) -> int:
    """Run every export that waits; returns how many."""
    exporting: Exporting = replace(parts.exporting, **changes)
    count = 0
    while (row := await claim(exporting)) is not None:
        await run_export(exporting, row, asyncio.Event())
        count += 1
    return count


class CountingClock(StoppedClock):
    """A stopped clock that calls ``at_page`` when a page was written and its rows were counted.

    An export asks for the time when it is begun, twice for a page whose contacts it reveals, and
    once for any other page.
    """

    def __init__(self, time: datetime, at_page: Callable[[], None], *, asked: int = 3) -> None:
        super().__init__()
        self.time = time
        self._left = asked
        self._at_page = at_page

    def now(self) -> datetime:
        self._left -= 1
        if self._left == 0:
            self._at_page()
        return self.time


async def run_and_stop(parts: Parts, **changes: Any) -> None:
    """Begin an export that reveals contacts, and stop the process after the first page."""
    row, stop = await claim(parts.exporting), asyncio.Event()
    assert row is not None
    clock = CountingClock(parts.clock.now(), stop.set)
    await run_export(replace(parts.exporting, clock=clock, **changes), row, stop)


async def see(client: Client, export: Any) -> Any:
    return await client.ask(READ, id=export["id"])


async def download(client: Client, url: str) -> bytes:
    parts = urlsplit(url)
    response = await client.http.get(f"{parts.path}?{parts.query}")
    assert response.status_code == 200, response.text
    return response.content


async def exported(client: Client, parts: Parts, *columns: str, **given: Any) -> bytes:
    """The file of an export that is asked for and run."""
    export = await ask(client, *columns, **given)
    await run_all(parts)
    export = await see(client, export)
    assert export["status"] == "DONE", export
    return await download(client, export["url"])


def rows_of(content: bytes) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def stored(folder: Path) -> list[Path]:
    """The files of exports in the store of a test."""
    return sorted(file for file in folder.glob("pictures/exports/**/*") if file.is_file())
