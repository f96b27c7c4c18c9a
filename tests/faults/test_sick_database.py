"""A database that answers, and cannot do what it is asked: full, read-only, locked, corrupt."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from app import create_app
from database.addresses import file_of
from database.availability import SETTLED_S, Availability, Unreachable
from database.backoff import RETRY
from database.connection_limiter import Limits
from database.database import Database
from database.outages import DISPROVED_BY_READING, Outage
from jobs import loop
from models.health import TRY_EVERY_S
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock
from tests.direct import run_directly
from tests.given import OrderRef, World

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

NOTE: Final = (
    """mutation($id: ID!) { addNote(input: {id: $id, text: "催促"}) { refusals { code } } }"""
)
QUEUE: Final = "{ serviceOrders { nodes { id } } }"
MOST_NOTES: Final = 200
"""So many notes need more pages than the ones that an SQLite file has."""
IMPATIENT: Final = Limits(transaction=timedelta(seconds=2))
CUT: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
BY_SQLSTATE: Final = {
    "25006": Outage.READ_ONLY,
    "28000": Outage.REFUSED,
    "42501": Outage.REFUSED,
    "3D000": Outage.MISSING,
    "53100": Outage.DISK_FULL,
    "53200": Outage.OUT_OF_MEMORY,
    "53300": Outage.NO_CONNECTIONS,
    "53400": Outage.LIMIT,
    "55P03": Outage.LOCKED,
    "57014": Outage.SLOW,
    "57P03": Outage.AWAY,
    "58030": Outage.IO_ERROR,
    "XX001": Outage.CORRUPT,
    "XX002": Outage.CORRUPT,
}


class Desk:
    """A client and an order; asks for a note, and tells whether it was refused as it should be."""

    def __init__(self, client: Client, token: str, order: OrderRef) -> None:
        self.client = client
        self._owner = client.as_(token)
        self._order = order

    async def note(self) -> bool:
        """Whether the note was taken. If not, the answer has to be UNAVAILABLE."""
        answer = await self._owner.post({"query": NOTE, "variables": {"id": self._order.id}})
        if answer.status_code == 200:
            assert answer.json() == {"data": {"addNote": {"refusals": []}}}
            return True
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        [error] = answer.json()["errors"]
        assert error["extensions"] == {"code": "UNAVAILABLE", "retryAfter": 1.0}
        return False

    async def read(self) -> int:
        return (await self._owner.post({"query": QUEUE})).status_code

    async def status(self) -> str | None:
        """What ``/readyz`` says is wrong."""
        answer = await self.client.http.get("/readyz")
        said: str = answer.json()["status"]
        assert answer.status_code == (200 if said == "ok" else 503)
        return None if said == "ok" else said


@pytest.fixture
async def desk(client: Client, given: World) -> Desk:
    order = await given.order(shop := await given.merchant())
    return Desk(client, shop.owner.token, order)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged, without a traceback."""
    ours = [one for one in caplog.records if one.name.startswith("aftersales")]
    assert [one for one in ours if one.exc_info] == []
    return [one.getMessage() for one in ours if one.levelno >= logging.WARNING]


async def recovered(desk: Desk) -> None:
    """Wait until ``/readyz`` is content: writing is not tried more often than once a second."""
    async with asyncio.timeout(30 * TRY_EVERY_S):
        while await desk.status():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)


@pytest.fixture
def on_server(database_url: str) -> str:
    if file_of(database_url):
        pytest.skip("SQLite has no SQLSTATE, and no server")
    return database_url


@pytest.fixture
def on_file(database_url: str) -> Path:
    path = file_of(database_url)
    if path is None:
        pytest.skip("PostgreSQL looks after its own files")
    return path


def raising(state: str, kind: str) -> str:
    raised = f"RAISE EXCEPTION 'sick' USING ERRCODE = '{state}'"
    return (
        f"CREATE FUNCTION sick_{kind}() RETURNS {kind} LANGUAGE plpgsql AS "
        f"$$ BEGIN {raised}; END $$"
    )


@pytest.mark.parametrize("state", BY_SQLSTATE)
async def test_what_a_server_suffers_from_is_unavailable_and_said_once(
    desk: Desk,
    on_server: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    # However fast the machine is: what only reads ends no outage of writing, and an outage that
    # reading disproves is not over while writing has just failed.
    ends_by_reading = BY_SQLSTATE[state] in DISPROVED_BY_READING
    monkeypatch.setattr("database.availability.SETTLED_S", 3600.0 if ends_by_reading else 0.0)
    await run_directly(
        on_server,
        raising(state, "event_trigger"),
        raising(state, "trigger"),
        "CREATE TRIGGER sick BEFORE INSERT ON service_order_event EXECUTE FUNCTION sick_trigger()",
        "CREATE EVENT TRIGGER sick ON ddl_command_start WHEN TAG IN ('CREATE TABLE') "
        "EXECUTE FUNCTION sick_event_trigger()",
    )
    for _ in range(3):
        assert not await desk.note()
        assert await desk.read() == 200
        assert await desk.status() == BY_SQLSTATE[state]
    assert warnings(caplog) == [f"{BY_SQLSTATE[state]}: sick"]

    await run_directly(
        on_server, "DROP EVENT TRIGGER sick", "DROP TRIGGER sick ON service_order_event"
    )
    await recovered(desk)
    assert await desk.note()
    assert warnings(caplog)[1:] == ["the database answers again"]


async def test_a_server_that_was_made_read_only_is_not_ready_though_it_answers(
    desk: Desk, on_server: str, runs_on: str, caplog: pytest.LogCaptureFixture
) -> None:
    if runs_on == "pgbouncer":
        pytest.skip("PgBouncer goes on with the session that made the change and keeps the old")
    name = sa.make_url(on_server).database
    assert await desk.status() is None
    await run_directly(
        on_server, f"ALTER DATABASE {name} SET default_transaction_read_only = on", CUT
    )
    async with asyncio.timeout(30):
        # Nobody writes: the server's settings tell.
        while await desk.status() != Outage.READ_ONLY:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)
    assert not await desk.note()
    assert await desk.read() == 200
    assert sum("read-only" in one for one in warnings(caplog)) == 1

    await run_directly(on_server, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await recovered(desk)
    assert await desk.note()


@pytest.mark.parametrize(
    ("pragma", "outage"),
    [
        ("max_page_count = 1", Outage.DISK_FULL),  # what it has is more, and all that it gets
        ("query_only = on", Outage.READ_ONLY),
    ],
)
async def test_a_file_that_takes_no_writes_is_unavailable_and_said_once(
    desk: Desk,
    database: Database,
    on_file: Path,
    caplog: pytest.LogCaptureFixture,
    pragma: str,
    outage: Outage,
) -> None:
    def sicken(connection: Any, _record: object) -> None:  # Any: a wrapped driver
        connection.cursor().execute(f"PRAGMA {pragma}")

    sa.event.listen(database.writing.sync_engine, "connect", sicken)
    await database.writing.dispose()
    taken = [await desk.note() for _ in range(MOST_NOTES)]
    assert not taken[-1]
    assert await desk.read() == 200
    assert await desk.status() == outage
    sa.event.remove(database.writing.sync_engine, "connect", sicken)
    await recovered(desk)
    assert await desk.note()
    [met, *others] = warnings(caplog)
    assert met.startswith(f"{outage}: ")
    assert others == ["the database answers again"]


async def test_a_file_that_another_process_has_locked_is_unavailable_in_time(
    database_url: str, parts: Parts, given: World, on_file: Path, schema
) -> None:
    order = await given.order(shop := await given.merchant())
    impatient = Database.open(database_url, IMPATIENT)
    own = Parts(impatient, parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(own, runs_clock=False, schema=schema)) as client:
        desk = Desk(client, shop.owner.token, order)
        with closing(sqlite3.connect(on_file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with asyncio.timeout(20 * IMPATIENT.transaction.total_seconds()):
                assert not await desk.note()
            assert await desk.status() == Outage.LOCKED
            assert await desk.read() == 200
            other.execute("ROLLBACK")
        await recovered(desk)
        assert await desk.note()
    await impatient.close()


async def test_a_corrupt_file_is_unavailable_and_said_once(
    database_url: str, parts: Parts, given: World, on_file: Path, schema, caplog
) -> None:
    order = await given.order(shop := await given.merchant())
    await parts.database.close()
    with on_file.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(0)
        file.write(b"no header" * (size // 9))
    own = Parts(Database.open(database_url), parts.keys, parts.pictures, parts.clock)
    async with Client.of(create_app(own, runs_clock=False, schema=schema)) as client:
        desk = Desk(client, shop.owner.token, order)
        for _ in range(3):
            assert not await desk.note()
            assert await desk.status() == Outage.CORRUPT
            assert await desk.read() == 503
    assert warnings(caplog) == [f"{Outage.CORRUPT}: file is not a database"]


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)


def log_deleted(path: Path) -> None:
    Path(f"{path}-wal").unlink()


def index_deleted(path: Path) -> None:
    Path(f"{path}-shm").unlink()


@pytest.mark.parametrize("strike", [deleted, replaced, log_deleted, index_deleted])
async def test_nothing_is_acknowledged_into_a_file_that_is_gone(
    desk: Desk,
    on_file: Path,
    caplog: pytest.LogCaptureFixture,
    strike: Callable[[Path], None],
) -> None:
    assert await desk.note()
    assert await desk.read() == 200
    strike(on_file)
    for _ in range(3):
        assert not await desk.note()
        assert await desk.read() == 503
        assert await desk.status() == Outage.REPLACED
    [said] = warnings(caplog)
    assert said.startswith(f"{Outage.REPLACED}: {on_file}")
    assert "stop the server" in said


async def test_a_file_that_is_moved_away_and_back_is_used_again(desk: Desk, on_file: Path) -> None:
    assert await desk.note()
    on_file.rename(on_file.with_name("away.db"))
    assert not await desk.note()
    on_file.with_name("away.db").rename(on_file)
    await recovered(desk)
    assert await desk.note()


async def test_what_is_committed_as_the_file_goes_is_not_acknowledged(
    database: Database, given: World, on_file: Path
) -> None:
    await given.merchant()

    async def write() -> None:
        async with database.write() as connection:
            await connection.execute(sa.text("UPDATE merchant SET name = 'x'"))
            deleted(on_file)

    with pytest.raises(Unreachable) as raised:
        await write()
    assert raised.value.outage is Outage.REPLACED


async def test_others_may_open_and_close_the_file_meanwhile(desk: Desk, database_url: str) -> None:
    assert await desk.note()
    for _ in range(3):
        other = Database.open(database_url)
        async with other.write() as connection:
            await connection.execute(sa.text("UPDATE merchant SET name = name"))
        await other.close()
        assert await desk.note()
        assert await desk.status() is None


class Counting(Availability):
    met = 0

    def record_failure(self, error: Unreachable, *, writes: bool) -> None:
        self.met += 1
        super().record_failure(error, writes=writes)


async def test_the_clock_asks_a_sick_file_less_and_less_often_and_at_once_when_it_is_well(
    database: Database,
    given: World,
    clock: StoppedClock,
    on_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    order = await given.order(await given.merchant())
    clock.pass_(timedelta(hours=48))
    away, stop = on_file.with_name("away.db"), asyncio.Event()
    counting = Counting(database.availability.check)
    counted = replace(database, availability=counting)
    on_file.rename(away)
    ticking = asyncio.create_task(loop.run(counted, clock, stop))
    await asyncio.sleep(12 * RETRY.total_seconds())
    # After 0, 1, 3 and 7 seconds the clock and what derives cases; after 0, 2, 4 and 8 what
    # compares figures; every 2 s at last the sequencer, seven times; and once each of the two that
    # forget, and what makes snapshots. Delays are up to a fifth shorter.
    assert 1 <= counting.met <= 26
    assert len(warnings(caplog)) == 1
    away.rename(on_file)
    await asyncio.sleep(SETTLED_S)
    async with counted.read():
        pass
    async with asyncio.timeout(30):
        while (await given.row(order)).status != "AWAITING_SHIPMENT":  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.05)
    stop.set()
    await ticking
