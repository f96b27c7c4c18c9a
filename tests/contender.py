"""A process that decides on the same orders as others do: see test_races_of_processes.py.

It reads one line of orders for each round, and writes one line of the answers. It can also claim
orders until there are none: see test_races_of_claims.py; and submit applications: see
intake/test_bulk_races.py.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from datetime import datetime
from typing import Any, Final

import obstore.store

from app import create_app
from auth.keys import Keys
from database.connection_limiter import Limits
from database.database import Database
from jobs.timers import fire_timers
from parts import Parts
from resolvers.pictures import Pictures
from tests.client import Client
from tests.conftest import StoppedClock

DECISIONS: Final[dict[str, Any]] = {
    "APPROVE": {"approve": {}},
    "REJECT": {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}},
}
CLOCK: Final = "CLOCK"
"""Given instead of an action: the clock decides."""
CLAIM: Final = "CLAIM"
"""Given instead of an action: claim as many orders at a time as the line says, until none come."""
SUBMIT: Final = "SUBMIT"
"""Given instead of an action: submit the applications of the line by one request."""
LONGEST_DELAY_S: Final = 0.3
"""Without a delay the clock, which takes all due orders together, wins almost always."""


async def decide(client: Client, order: str, action: str) -> list[dict[str, Any]]:
    payload = await client.do("reviewServiceOrder", id=order, decision=DECISIONS[action])
    refusals: list[dict[str, Any]] = payload["refusals"]
    return refusals


async def claim(client: Client, count: int) -> dict[str, Any]:
    """The keys of the claimed orders, each answer's own; and the longest time of an answer."""
    claims: list[list[str]] = []
    longest = 0.0
    while not claims or claims[-1]:
        start = time.perf_counter()
        shape = "serviceOrders { number }"
        payload = await client.do("claimServiceOrders", shape, queue="REVIEW", count=count)
        longest = max(longest, time.perf_counter() - start)
        assert payload["refusals"] == []
        claims.append([order["number"] for order in payload["serviceOrders"]])
    return {"claims": claims[:-1], "longest": longest}


async def submit(client: Client, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shape = "results { replayed application { id } refusals { code retryable } }"
    payload = await client.do("submitApplications", shape, applications=entries)
    results: list[dict[str, Any]] = payload["results"]
    return results


async def contend(url: str, signing_key: str, now: str, action: str, token: str) -> None:
    clock = StoppedClock()
    clock.time = datetime.fromisoformat(now)
    database, keys = Database.open(url, Limits(connections=2)), Keys.read(signing_key)
    with tempfile.TemporaryDirectory() as folder:
        pictures = Pictures(obstore.store.LocalStore(folder), keys)
        app = create_app(Parts(database, keys, pictures, clock), runs_clock=False)
        async with Client.of(app) as client:
            await client.as_(token).ask("{ viewer { name } }")  # the first time takes longer
            say("ready")
            while line := await asyncio.to_thread(sys.stdin.readline):
                if action == CLOCK:
                    await asyncio.sleep(random.uniform(0, LONGEST_DELAY_S))
                    say((await fire_timers(database, clock.now())).approved)
                elif action == SUBMIT:
                    entries = json.loads(line)
                    say(await submit(client.as_(token), entries))
                elif action == CLAIM:
                    say(await claim(client.as_(token), json.loads(line)))
                else:
                    asking = client.as_(token)
                    say([await decide(asking, order, action) for order in json.loads(line)])
    await database.close()


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(contend(*sys.argv[1:]))
