"""What every test can ask for: a database, a server in the process, and time that stands still."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore.store
import pytest
from sqlalchemy import Engine, event

from app import create_app
from auth.keys import Keys
from database.database import Database
from database.driver_connection import LISTENERS
from models.clock import Clock
from parts import Parts
from resolvers.pictures import Pictures
from schema.build import build
from tests.both import both
from tests.client import Client
from tests.databases import TOLD, Backend, Files, Server, server
from tests.given import World
from tests.pooler import PROGRAM, pooler
from tests.statements import Statements

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


DATABASES = {
    "sqlite": "on SQLite",
    "postgresql": "on PostgreSQL",
    "pgbouncer": "on PostgreSQL behind PgBouncer: make test-pooled",
}
"""What the tests can run on, and how what was not run on is called."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases",
        help=f"run what needs a database, and nothing else, on these of {', '.join(DATABASES)}",
    )
    parser.addoption(
        "--faults", choices=["short", "long"], default="short", help="how long things go wrong"
    )


def chosen(config: pytest.Config) -> list[str]:
    named = (config.getoption("databases") or "sqlite,postgresql").split(",")
    if not set(named) <= set(DATABASES):
        raise pytest.UsageError(f"--databases takes {', '.join(DATABASES)}")
    if "pgbouncer" in named and PROGRAM is None:
        raise pytest.UsageError("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    return named


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What asks for a database, or for what is made with it, runs on each of those chosen."""
    if "runs_on" in metafunc.fixturenames:
        metafunc.parametrize("runs_on", chosen(metafunc.config), indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("databases"):
        sorts: dict[bool, list[pytest.Item]] = {True: [], False: []}
        for item in items:
            sorts["runs_on" in getattr(item, "fixturenames", ())].append(item)
        config.hook.pytest_deselected(items=sorts[False])
        items[:] = sorts[True]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what tests had to tell; and say by name what was not run, and why."""
    _print_told(terminalreporter)
    missing = [words for name, words in DATABASES.items() if name not in chosen(config)]
    skipped = Counter(
        (report.nodeid.partition("[")[0], str(report.longrepr[-1]).removeprefix("Skipped: "))
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    terminalreporter.section("not run")
    for words in missing:
        terminalreporter.line(f"everything {words}")
    if config.getoption("databases"):
        terminalreporter.line("everything that needs no database: make test")
    for (name, reason), times in sorted(skipped.items()):
        terminalreporter.line(f"{name} ({times} times): {reason}")
    if not missing and not skipped:
        terminalreporter.line("nothing: everything was run")


def _print_told(terminalreporter: pytest.TerminalReporter) -> None:
    told = [
        (report.nodeid.rpartition("::")[2], what)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, what in report.user_properties
        if name == "told"
    ]
    if told or TOLD:
        terminalreporter.section("told")
    for test, what in told:
        terminalreporter.line(f"{test}: {what}")
    for what in TOLD:
        terminalreporter.line(what)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass on what a process of xdist has to tell."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["told"] = TOLD


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Any: xdist has no types."""
    output = getattr(node, "workeroutput", None) or {}
    told = output.pop("told", ())  # it is called twice for a process that was interrupted
    TOLD.extend(f"{node.gateway.id}: {what}" for what in told)


class StoppedClock(Clock):
    """Time that moves only when a test says so."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def pass_(self, time: timedelta) -> None:
        self.time += time


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[Statements]:
    """What this process runs: by all engines, and by a driver itself."""
    listening = Statements()
    event.listen(Engine, "before_cursor_execute", listening.heard)
    LISTENERS.append(listening.told)
    yield listening
    LISTENERS.remove(listening.told)
    event.remove(Engine, "before_cursor_execute", listening.heard)


@pytest.fixture(autouse=True)
def every_statement_names_its_merchant(statements: Statements) -> Iterator[None]:
    """A promise of the repository that every test is held to: see tests/statements.py."""
    before = len(statements.wrong)
    yield
    assert statements.wrong[before:] == []


@pytest.fixture(autouse=True)
def the_mask_for_new_files_stays() -> Iterator[None]:
    """A command that a test runs in this process makes files for their owner alone."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def schema():
    return build()


@pytest.fixture(scope="session")
def walking_schema():
    return build()


@pytest.fixture(scope="session")
def runs_on(request: pytest.FixtureRequest) -> str:
    """What a test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
async def backend(
    runs_on: str,
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[Backend]:
    """Where databases come from; tests that bring their own run once."""
    if runs_on == "sqlite":
        yield await Files.open(tmp_path_factory.mktemp("backend"))
        return
    worker = getattr(pytestconfig, "workerinput", {}).get("workerid", "main")
    name = f"aftersales_test_{runs_on}_{worker}"
    with ExitStack() as stack:
        address = stack.enter_context(server())
        pooled = runs_on == "pgbouncer"
        between = stack.enter_context(pooler(address.url)) if pooled else None
        opened = await Server.open(address.url, name, between, address.bring_back)
        yield opened
        await opened.close()


@pytest.fixture
async def database_url(backend: Backend, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a migrated database without a row."""
    url = await backend.fresh(tmp_path)
    yield url
    await backend.release(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def parts(database: Database, clock: StoppedClock, tmp_path: Path) -> AsyncIterator[Parts]:
    keys = Keys(b"k" * 32)
    store = obstore.store.LocalStore(str(tmp_path / "pictures"), mkdir=True)
    pictures = Pictures(store, keys)
    yield Parts(database, keys, pictures, clock)
    await pictures.close()


@pytest.fixture
def given(parts: Parts) -> World:
    return World(parts)


@pytest.fixture
async def client(
    request: pytest.FixtureRequest, parts: Parts, schema, walking_schema
) -> AsyncIterator[Client]:
    """Every query that a test asks is asked twice: see tests/both.py."""
    if request.node.get_closest_marker("asked_once"):
        async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as opened:
            yield opened
        return
    async with both(parts, schema, walking_schema) as opened:
        yield opened
