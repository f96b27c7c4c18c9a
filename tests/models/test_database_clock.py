"""On PostgreSQL the desk's time is the database's, however wrong the machine's clock is."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from database.database import Database
from models.clock import ClockUnfit, SandboxClock
from models.database_clock import (
    GOOD_FOR,
    MAX_SKEW,
    NOTED_SKEW,
    DatabaseClock,
    Measurement,
    _is_better,
)
from tests.machine import WrongMachine

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)


@pytest.fixture
def server(database: Database) -> Database:
    if database.is_sqlite:
        pytest.skip("SQLite has no clock of its own")
    return database


async def off(clock: DatabaseClock, server: Database) -> timedelta:
    """How far the clock is from the database's, at least."""
    async with server.read() as connection:
        before = clock.now()
        said = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
        after = clock.now()
    return max(before - said, said - after, timedelta())


@pytest.mark.parametrize("skew", [-3 * HOUR, -HOUR / 6, timedelta(), HOUR / 6, 3 * HOUR])
async def test_the_machine_s_clock_does_not_matter(server: Database, skew: timedelta) -> None:
    clock = DatabaseClock(WrongMachine(skew).clocks)
    await clock.measure(server)
    state = clock.state()
    assert state.error is not None
    assert state.skew is not None
    assert abs(state.skew - skew) <= state.error + timedelta(seconds=0.5)
    assert await off(clock, server) <= state.error + MS


async def test_a_jump_of_the_machine_s_clock_moves_nothing(server: Database) -> None:
    machine = WrongMachine()
    clock = DatabaseClock(machine.clocks)
    await clock.measure(server)
    for by in (3 * HOUR, -6 * HOUR):
        machine.jump(by)
        assert await off(clock, server) <= (clock.state().error or HOUR) + MS


async def test_before_it_was_measured_nothing_is_written(server: Database) -> None:
    clock = DatabaseClock()
    with pytest.raises(ClockUnfit):
        clock.demand_fit()
    await clock.measure(server)
    clock.demand_fit()


async def test_a_measurement_is_good_for_ten_minutes(server: Database) -> None:
    machine = WrongMachine()
    clock = DatabaseClock(machine.clocks)
    await clock.measure(server)
    machine.wait(GOOD_FOR - timedelta(seconds=30))
    assert "too long" not in (clock.state().unfit or "")
    machine.wait(timedelta(minutes=1))
    assert clock.state().unfit == "the database's time was not asked for too long"


@pytest.mark.parametrize("sign", [1, -1])
async def test_a_skew_is_told_when_it_comes_grows_and_goes(
    server: Database, sign: int, caplog: pytest.LogCaptureFixture
) -> None:
    machine = WrongMachine()
    clock = DatabaseClock(machine.clocks)
    told = []
    for skew in (timedelta(), NOTED_SKEW * 1.4, NOTED_SKEW * 0.8, MAX_SKEW * 1.1, timedelta()):
        machine.skew = sign * skew
        for _ in range(2):
            caplog.clear()
            await clock.measure(server)
            told.append(len(caplog.messages))
    # Each once, and none for what wavers about the limit.
    assert told == [0, 0, 1, 0, 0, 0, 1, 0, 1, 0]


async def test_above_thirty_seconds_a_process_is_unfit(server: Database) -> None:
    machine = WrongMachine()
    clock = SandboxClock(DatabaseClock(machine.clocks))
    await clock.measure(server)
    assert clock.state().waits is None
    machine.jump(MAX_SKEW + timedelta(seconds=2))  # at once, not at the next measurement
    assert clock.state().waits == "the machine's clock differs from the database's by +32.0 s"
    machine.jump(-MAX_SKEW)
    assert clock.state().waits is None


@pytest.mark.parametrize(
    ("passed", "off", "error", "better"),
    [
        (5, 0 * MS, 1 * MS, True),
        (5, 0 * MS, 2 * MS, False),  # a slow answer makes nothing better
        (60, 0 * MS, 2 * MS, True),  # but by then the old one may be off as far
        (5, 5 * MS, 2 * MS, True),  # both cannot be true
        (5, -5 * MS, 2 * MS, True),
        (5, HOUR, HOUR / 2, True),  # the database's clock was set
    ],
)
def test_a_new_measurement_counts_if_it_is_better_or_contradicts_the_old_one(
    passed: float, off: timedelta, error: timedelta, better: bool
) -> None:
    old = Measurement(NOON, 100.0, MS)
    new = Measurement(NOON + timedelta(seconds=passed) + off, 100.0 + passed, error)
    assert _is_better(new, old) is better
