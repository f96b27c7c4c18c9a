"""`kill -9` of a worker loses nothing, and what is sent again has the same id."""

import asyncio
import base64
import contextlib
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.processes import Service
from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import OK, Ledger, Message

pytestmark = pytest.mark.anyio

PATIENCE_S = 60
ORDERS, STEPS = 6, 3
KILLED_AT = 4
"""The message during which the worker is killed."""


async def test_another_worker_goes_on_after_one_that_was_killed(
    desk: Desk, ledger: Ledger, database_url: str, tmp_path: Path
) -> None:
    desk.clock.time = datetime.now(UTC)  # the worker's clock is the real one
    endpoint = await desk.endpoint(ledger.url())
    orders = await desk.given.application(desk.shop, ORDERS)
    for _ in range(STEPS):
        for order in orders:
            await desk.note(order)
    settings = {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(tmp_path),
        "SIGNING_KEY": base64.b64encode(b"k" * 32).decode(),
        "WEBHOOKS_INSIDE": "true",
    }
    worker = Service("worker", settings=settings, log=tmp_path / "worker.log")
    killed = asyncio.Event()

    async def answer(_message: Message) -> bytes:
        if len(ledger.messages) == KILLED_AT:
            running.cancel()  # kills the process
            killed.set()
        return OK

    ledger.answer = answer
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(PATIENCE_S):
        await killed.wait()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert worker.crashes == []
    desk.clock.time = datetime.now(UTC) + timedelta(minutes=2)  # its hold has run out
    await desk.work()
    ids = defaultdict[tuple[str, int], set[str]](set)
    first = defaultdict[str, list[int]](list)
    for message in ledger.messages:
        order_id, sequence = message.place
        ids[message.place].add(message.id)
        if sequence not in first[order_id]:
            first[order_id].append(sequence)
    assert await desk.statuses(endpoint) == ["DELIVERED"] * ORDERS * STEPS
    assert ids.keys() == {(order.id, 2 + step) for order in orders for step in range(STEPS)}
    assert all(len(same) == 1 for same in ids.values())
    assert len(set[str]().union(*ids.values())) == ORDERS * STEPS
    assert all(sequences == sorted(sequences) for sequences in first.values())
    assert len(ledger.messages) > ORDERS * STEPS, "something was sent again"
