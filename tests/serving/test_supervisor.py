"""The supervisor notices a process that is dead or stopped, and no process keeps it from that."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx2
import pytest

from tests.ports import free_port
from tests.serving.process import Command, eventually, is_alive

pytestmark = pytest.mark.anyio

ROOT: Final = Path(__file__).parents[2]
LINE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR aftersales.processes ")
IN_TIME_S: Final = 5
"""On an idle machine it is a tenth of a second; uvicorn's supervisor took up to 30."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def supervised(
    workers: int = 3, application: str = "app", **patience: float
) -> AsyncIterator[Command]:
    port = free_port()
    words = (sys.executable, "-m", "tests.serving.supervised", port, workers)
    app = f"tests.serving.supervised_app:{application}"
    async with Command.running(*words, app, json.dumps(patience), port=port, cwd=ROOT) as command:
        yield command


async def served_by(command: Command, path: str = "/") -> int:
    async with command.client() as client:
        return int((await client.http.get(path)).text)


async def test_a_dead_process_is_replaced_at_once_while_another_one_is_stopped() -> None:
    async with supervised(silence_s=60) as command:
        await command.ready(processes=3)
        stopped, serving, victim = sorted(command.children())
        os.kill(stopped, signal.SIGSTOP)
        await asyncio.sleep(1)  # uvicorn's supervisor now waits for that one
        os.kill(victim, signal.SIGKILL)
        await eventually(lambda: not is_alive(victim))
        async with asyncio.timeout(IN_TIME_S):
            while len(command.children() - {victim}) < 3:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)
        await command.heard(f"process {victim} ended: SIGKILL")
        assert any(LINE.match(line) and "SIGKILL" in line for line in command.said)
        await command.ready(processes=4)
        assert {stopped, serving} < command.children()
        by = {await served_by(command) for _ in range(20)}
        assert stopped not in by


async def test_a_stopped_process_is_replaced() -> None:
    async with supervised(workers=2, silence_s=3) as command:
        await command.ready(processes=2)
        stopped, serving = sorted(command.children())
        os.kill(stopped, signal.SIGSTOP)
        await command.heard(f"process {stopped} has been silent for")
        await command.heard(f"process {stopped} ended: SIGKILL")
        await command.ready(processes=3)
        assert serving in command.children()
        assert stopped not in command.children()


async def test_a_process_whose_loop_hangs_is_replaced_though_its_threads_run() -> None:
    async with supervised(workers=2, silence_s=3) as command:
        await command.ready(processes=2)
        with contextlib.suppress(httpx2.HTTPError):
            await served_by(command, "/block/30")
        await command.heard("ended: SIGKILL")
        await command.ready(processes=3)


async def test_a_process_that_is_busy_for_a_while_is_left_alone() -> None:
    async with supervised(workers=2, silence_s=20) as command:
        await command.ready(processes=2)
        before = command.children()
        assert await served_by(command, "/block/4") in before
        assert command.children() == before


async def test_processes_are_not_blamed_for_the_time_in_which_the_supervisor_was_stopped() -> None:
    async with supervised(workers=2, silence_s=3) as command:
        await command.ready(processes=2)
        before = command.children()
        everybody = (command.process.pid, *before)
        for one in everybody:
            os.kill(one, signal.SIGSTOP)
        await asyncio.sleep(5)
        for one in everybody:
            os.kill(one, signal.SIGCONT)
        await asyncio.sleep(1)
        assert await served_by(command) in before
        assert command.children() == before


async def test_processes_that_die_while_they_start_are_started_more_and_more_rarely() -> None:
    async with supervised(workers=1, application="dying") as command:
        await command.heard("ended: SIGKILL", times=3)
        heard = len(command.said)
        await asyncio.sleep(3)
        assert sum("started" in line for line in command.said[heard:]) <= 2
        command.stop()
        assert await command.end() == 0


async def test_a_server_that_cannot_start_ends_and_says_so() -> None:
    async with supervised(workers=2, application="unfit") as command:
        assert await command.end() == 3
        await command.heard("the server cannot start")


async def test_told_to_stop_it_ends_though_a_process_is_stopped() -> None:
    async with supervised(workers=2) as command:
        await command.ready(processes=2)
        children = command.children()
        os.kill(min(children), signal.SIGSTOP)
        command.stop()
        assert await command.end() == 0
        assert not any(map(is_alive, children))


async def test_told_to_stop_it_kills_who_does_not_end() -> None:
    async with supervised(workers=2, stop_s=2) as command:
        await command.ready(processes=2)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await served_by(command, "/block/30")
        command.stop()
        assert await command.end() == 0
        assert any("silent" in line for line in command.said)
