"""What counting for the metrics costs: `make bench-metrics`.

Two applications answer the same pages in this process, on the demo's data in SQLite: one counts
its requests, the other does not. They take turns, one request each, in changing order, so that
both meet the same machine. The table shows the medians of the processor time.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import uvloop
from starlette.types import ASGIApp

from app import create_app
from bench.in_process import PAGES, post
from demo.create import create
from demo.people import PASSWORD
from garbage import tune_gc
from models import schema_version
from schema.build import build
from serve import prepare
from settings import load
from watching.counts import Counts, RequestCounts

LIMIT: Final = 0.02
"""The share of a page that counting may cost."""

ONE: Final = "one order"
"""The smallest read, of which counting takes the largest share."""


async def main(rounds: int) -> bool:
    """Print the table; whether the pages are within the limit."""
    with tempfile.TemporaryDirectory() as folder:
        parts = prepare(load(data_dir=folder, log_level="error", sandbox=True))
        await schema_version.upgrade(parts.database)
        await create(parts.database, parts.pictures, parts.clock.now(), lambda _count: None)
        schema = build()
        off = create_app(parts, runs_clock=False, schema=schema)
        counting = replace(parts, counts=Counts(requests=RequestCounts()))
        on = create_app(counting, runs_clock=False, schema=schema)
        token = await _sign_in(off)
        first = "{ serviceOrders(first: 1) { nodes { id } } }"
        page = json.loads(await post(off, first, token))
        order = page["data"]["serviceOrders"]["nodes"][0]["id"]
        pages = {**PAGES, ONE: f'{{ serviceOrder(id: "{order}") {{ id number status }} }}'}
        tune_gc()
        print("| answer | µs off | µs on | difference | share |")
        print("|---|--:|--:|--:|--:|")
        shares = {
            name: await _row(name, text, (off, on), token, rounds) for name, text in pages.items()
        }
        await parts.database.close()
    return all(shares[name] < LIMIT for name in PAGES)


async def _sign_in(app: ASGIApp) -> str:
    query = f"""mutation {{ signIn(input: {{login: "digital-reviewer", password: "{PASSWORD}"}})
      {{ accessToken }} }}"""
    token: str = json.loads(await post(app, query, None))["data"]["signIn"]["accessToken"]
    return token


async def _row(
    name: str, text: str, apps: tuple[ASGIApp, ASGIApp], token: str, rounds: int
) -> float:
    """Print one row; the share of the page."""
    for app in apps * 3:
        await post(app, text, token)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for which in _turns(number):
            began = time.process_time_ns()
            await post(apps[which], text, token)
            times[which].append((time.process_time_ns() - began) / 1000)
    off, on = (statistics.median(those) for those in times)
    difference = statistics.median(b - a for a, b in zip(*times, strict=True))
    print(
        f"| {name} | {off:,.1f} | {on:,.1f} | {difference:+,.2f} | {difference / off:+.2%} |",
        flush=True,
    )
    return difference / off


def _turns(number: int) -> Iterator[int]:
    yield number % 2
    yield 1 - number % 2


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2_000)
    is_within = uvloop.run(main(parser.parse_args().rounds))
    print(f"pages: {'within' if is_within else 'over'} {LIMIT:.0%}")
