"""On SQLite the machine's clock is the only one: a jump ahead is noticed before it is believed."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from database.database import Database
from models.machine_clock import CONFIRMED_AFTER, JUMP, MachineClock
from tests.machine import WrongMachine

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
NEAR = timedelta(seconds=1)


@pytest.fixture
def machine() -> WrongMachine:
    return WrongMachine()


@pytest.fixture
def clock(machine: WrongMachine) -> MachineClock:
    return MachineClock(machine.clocks)


def near(one: timedelta | None, other: timedelta) -> bool:
    return one is not None and abs(one - other) < NEAR


def test_time_that_passes_is_no_jump_however_long_nobody_looks(
    machine: WrongMachine, clock: MachineClock
) -> None:
    for _ in range(3):
        machine.wait(300 * HOUR)
        assert clock.state().waits is None
        assert abs(clock.now() - datetime.now(UTC) - machine.waited) < NEAR


def test_a_clock_that_is_set_slowly_does_not_jump(
    machine: WrongMachine, clock: MachineClock
) -> None:
    for _ in range(100):
        machine.wait(timedelta(minutes=1))
        machine.jump(timedelta(milliseconds=30))  # 500 ppm
        assert clock.state().waits is None


def test_a_jump_ahead_is_waited_out_until_it_has_stood_for_ten_minutes(
    machine: WrongMachine, clock: MachineClock, caplog: pytest.LogCaptureFixture
) -> None:
    machine.jump(3 * HOUR)
    assert near(clock.state().jump, 3 * HOUR)
    assert clock.state().unfit is None
    machine.wait(CONFIRMED_AFTER - NEAR)
    assert near(clock.state().jump, 3 * HOUR)
    machine.wait(2 * NEAR)
    assert clock.state().waits is None
    assert [one.levelno for one in caplog.records] == [logging.WARNING] * 2


def test_a_jump_that_is_taken_back_is_over_at_once(
    machine: WrongMachine, clock: MachineClock
) -> None:
    machine.jump(3 * HOUR)
    assert clock.state().waits == "the machine's clock jumped ahead by 10800.0 s"
    machine.jump(-3 * HOUR)
    assert clock.state().waits is None


def test_going_back_and_returning_is_no_jump_ahead(
    machine: WrongMachine, clock: MachineClock
) -> None:
    for by in (-3 * HOUR, 3 * HOUR):
        machine.jump(by)
        assert clock.state().waits is None


def test_the_reading_that_shows_the_jump_is_the_first_that_waits(
    machine: WrongMachine, clock: MachineClock
) -> None:
    machine.jump(2 * JUMP)
    now = clock.now()
    assert abs(now - datetime.now(UTC) - 2 * JUMP) < NEAR
    assert clock.state().waits


async def test_started_again_in_the_middle_of_a_jump_it_still_waits(
    machine: WrongMachine, database: Database, tmp_path: Path
) -> None:
    kept_in = tmp_path / "desk.db-clock"
    first = MachineClock(machine.clocks, kept_in=kept_in)
    await first.measure(database)
    machine.jump(3 * HOUR)
    second = MachineClock(machine.clocks, kept_in=kept_in)
    await second.measure(database)
    assert near(second.state().jump, 3 * HOUR)
    machine.wait(timedelta(minutes=4))
    again = MachineClock(machine.clocks, kept_in=kept_in)  # it was not kept: nobody confirmed it
    await again.measure(database)
    assert near(again.state().jump, 3 * HOUR)
    machine.wait(CONFIRMED_AFTER)
    assert again.state().waits is None
    await again.measure(database)
    assert MachineClock(machine.clocks, kept_in=kept_in).state().waits is None


async def test_what_was_kept_before_the_system_started_says_nothing(
    machine: WrongMachine, database: Database, tmp_path: Path
) -> None:
    kept_in = tmp_path / "desk.db-clock"
    await MachineClock(machine.clocks, kept_in=kept_in).measure(database)
    kept_in.write_text(json.dumps(json.loads(kept_in.read_text()) | {"boot": "another"}))
    machine.jump(3 * HOUR)
    assert MachineClock(machine.clocks, kept_in=kept_in).state().waits is None


def test_a_kept_reading_that_cannot_be_read_is_told(
    machine: WrongMachine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept_in = tmp_path / "desk.db-clock"
    kept_in.write_text("{")
    assert MachineClock(machine.clocks, kept_in=kept_in).state().waits is None
    assert caplog.messages == ["cannot read desk.db-clock: JSONDecodeError"]
