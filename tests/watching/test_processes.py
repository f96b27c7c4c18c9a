"""The figures of several processes are one sum, which never goes back."""

import asyncio
import os
import pickle
import re
import signal
import sys
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from database.database import Database
from jobs.keep_time import keep_time
from models.clock import TimeState, WallClock
from serve import config_of
from settings import Settings
from tests.ports import free_port
from tests.serving.process import Command
from watching.counts import Counts
from watching.pipe import Gathering, answer_questions
from watching.snapshot import Buckets, Snapshot, add_up, decode, encode

pytestmark = pytest.mark.anyio

NAME = "aftersales_requests_total"
DESK = 'aftersales_requests_total{operation="Desk",outcome="ok"}'
ROOT = Path(__file__).parents[2]
OPEN = "aftersales_streams_open"


def snapshot_of(count: int) -> Snapshot:
    return {NAME: {("Desk", "ok"): count}, OPEN: {(): count}, "aftersales_processes": {(): 1}}


def test_a_snapshot_is_the_same_after_its_way_through_the_pipe() -> None:
    snapshot: Snapshot = {
        NAME: {("Desk", "ok"): 3},
        "aftersales_sweep_lateness_seconds": {(): Buckets((1, 0, 2), 7.5)},
    }
    assert decode(encode(snapshot)) == snapshot
    assert add_up([snapshot, snapshot]) == {
        NAME: {("Desk", "ok"): 6},
        "aftersales_sweep_lateness_seconds": {(): Buckets((2, 0, 4), 15.0)},
    }


def test_of_several_skews_the_widest_counts() -> None:
    skews: list[Snapshot] = [
        {"aftersales_clock_skew_seconds": {(): skew}} for skew in (0.5, -2.0, 1.0)
    ]
    assert add_up(skews) == {"aftersales_clock_skew_seconds": {(): -2.0}}


def test_the_application_reads_the_register_of_its_own_process_s_connections() -> None:
    config = config_of(Settings(), workers=2)
    # As a process is started: the configuration is pickled as a whole.
    app, protocol = pickle.loads(pickle.dumps((config.app, config.http)))  # noqa: S301 - our own
    assert app.keywords["connections"] is protocol.keywords["connections"]
    assert app.keywords["is_alone"] is False


async def test_the_event_loop_notes_the_clock_for_the_thread_that_serves_the_metrics() -> None:
    stop, counts = asyncio.Event(), Counts()

    class Skewed(WallClock):
        def state(self) -> TimeState:
            return TimeState(skew=timedelta(seconds=-31), error=timedelta(seconds=1), unfit="so")

        async def measure(self, database: Database) -> None:  # noqa: ARG002 - it asks none
            stop.set()

    await keep_time(Database.open("sqlite+aiosqlite:///none.db"), Skewed(), stop, counts)
    assert (counts.clock_skew_s, counts.clock_error_s, counts.clock_waits) == (-31, 1, True)


async def test_a_process_that_hangs_or_ends_leaves_its_counts_in_the_sum() -> None:
    gathering, counts = Gathering(timeout_s=0.05), [10, 5]
    (first, first_end), (_, second_end) = gathering.add(), gathering.add()

    async def take() -> Snapshot:
        return await asyncio.to_thread(gathering.take)

    async with asyncio.TaskGroup() as tasks:
        hanging = tasks.create_task(answer_questions(first_end, lambda: snapshot_of(counts[0])))
        tasks.create_task(answer_questions(second_end, lambda: snapshot_of(counts[1])))
        whole = await take()
        assert whole[NAME] == {("Desk", "ok"): 15}
        assert (whole[OPEN], whole["aftersales_processes"]) == ({(): 15}, {(): 2})

        hanging.cancel()
        counts[1] = 6
        whole = await take()
        assert whole[NAME] == {("Desk", "ok"): 16}
        # What it has open is not known.
        assert (whole[OPEN], whole["aftersales_processes_silent"]) == ({(): 6}, {(): 1})

        gathering.remove(first)
        unread, its_end = gathering.add()  # one that starts, and does not answer yet
        whole = await take()
        assert whole[NAME] == {("Desk", "ok"): 16}
        assert (whole[OPEN], whole["aftersales_processes_silent"]) == ({(): 6}, {(): 1})
        gathering.remove(unread)
        its_end.close()
        gathering.close()


async def test_supervised_processes_have_one_page_of_metrics_also_after_one_was_killed() -> None:
    port, metrics_port = free_port(), free_port()
    words = (sys.executable, "-m", "tests.watching.supervised", port, metrics_port)
    async with (
        Command.running(*words, port=port, cwd=ROOT) as command,
        httpx2.AsyncClient(limits=httpx2.Limits(max_keepalive_connections=0)) as http,
    ):

        async def scrape() -> dict[str, float]:
            text = (await http.get(f"http://127.0.0.1:{metrics_port}/metrics")).text
            pairs = re.findall(r"^(\S+) (\S+)$", text, re.MULTILINE)
            return {name: float(value) for name, value in pairs}

        await command.heard("Application startup complete", times=2)
        for _ in range(20):
            await http.get(f"http://127.0.0.1:{port}/")
        before = await scrape()
        assert (before["aftersales_processes"], before[DESK]) == (2, 20)
        os.kill(min(command.children()), signal.SIGKILL)
        await command.heard("ended: SIGKILL")
        assert (await scrape())[DESK] == 20
