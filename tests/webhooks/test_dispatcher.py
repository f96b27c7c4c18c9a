"""The dispatcher runs beside the clock, is woken by the feed, and ends when it is told to."""

import asyncio
from datetime import timedelta

import pytest

from app import dispatcher
from jobs import loop
from jobs.webhooks import dispatch
from jobs.webhooks.dispatch import Dispatcher
from schema import webhook_messages
from tests.webhooks.conftest import Desk
from tests.webhooks.ledger import Ledger, Message

pytestmark = pytest.mark.anyio

PATIENCE_S = 60


async def test_it_is_woken_by_the_feed_and_ends_when_told(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "POLL_INTERVAL", timedelta(hours=1))
    await desk.endpoint(ledger.url())
    order, stop = await desk.order(), asyncio.Event()
    worker = dispatcher(desk.parts, desk.documents, stop)
    database = desk.parts.database
    # Other processes are woken by the database, if it can notify.
    placed = worker.ring if database.listening is None else lambda: None
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        tasks.create_task(loop.run(database, desk.clock, stop, placed=placed))
        for count in (1, 2):
            await desk.note(order)
            while len(ledger.messages) < count:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.01)
        stop.set()


async def test_it_waits_only_briefly_for_an_endpoint_that_hangs(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "PATIENCE", timedelta(milliseconds=50))

    async def hang(_message: Message) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    ledger.answer = hang
    endpoint = await desk.endpoint(ledger.url())
    await desk.note(await desk.order())
    await desk.look()
    worker: Dispatcher = desk.worker
    while not ledger.messages:  # noqa: ASYNC110 - no event to wait for
        await asyncio.sleep(0.01)
    worker.stop.set()
    async with asyncio.timeout(PATIENCE_S):
        await worker.run()
    assert await desk.statuses(endpoint) == ["PENDING"]


async def test_a_message_that_is_too_large_goes_without_its_selection(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_messages, "MAX_MESSAGE", 300)
    selection = "query($id: ID!) { serviceOrder(id: $id) { number description item { name } } }"
    await desk.endpoint(ledger.url(), selection=selection, scopes=["SERVICE_ORDER_READ"])
    await desk.note(await desk.order())
    await desk.work()
    [message] = ledger.messages
    assert message.data["serviceOrder"] is None
    assert [error["code"] for error in message.data["errors"]] == ["QUERY_TOO_COMPLEX"]
    assert message.data["sequence"] == 2
