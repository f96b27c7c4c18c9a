"""Asking for exports, running them in this process, and reading their files."""

import asyncio
import csv
import io
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from jobs.exports.exporting import Exporting
from jobs.exports.run import claim, run_export
from parts import Parts
from tests.client import Client

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
