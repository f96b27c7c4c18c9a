"""The fixtures of every test: a database, a server in the same process, and a stopped clock."""

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
from garbage import tune_gc, uncollected
from models.clock import Clock
from parts import Parts
from resolvers.pictures import Pictures
from schema.build import build
from tests.both import both
from tests.client import Client
from tests.closings import connections_closed
from tests.cluster import CLUSTER, NOT_THERE, Cluster, cluster_url
from tests.databases import TOLD, Backend, Files, Server, server
from tests.given import World
from tests.pooler import PROGRAM, pooler
from tests.statements import Statements

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

UMASK = os.umask(0o022)
os.umask(UMASK)


DATABASES = {
    "sqlite": "on SQLite",
    "postgresql": "on PostgreSQL",
    "pgbouncer": "on PostgreSQL behind PgBouncer: make test-pooled",
    "citus": f"on Citus: make test-distributed, with {CLUSTER}",
}
"""The databases that tests can run on, and the words for those that they did not run on."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases",
        default="sqlite,postgresql",
        help=f"the databases to run on, some of {', '.join(DATABASES)}",
    )
    parser.addoption(
        "--only-databases",
        action="store_true",
        help="run only the tests that need a database",
    )
    parser.addoption(
        "--faults",
        choices=["short", "long"],
        default="short",
        help="how long fault tests run",
    )


def chosen(config: pytest.Config) -> list[str]:
    names: list[str] = config.getoption("databases").split(",")
    if not set(names) <= set(DATABASES):
        raise pytest.UsageError(f"--databases takes {', '.join(DATABASES)}")
    if "pgbouncer" in names and PROGRAM is None:
        raise pytest.UsageError("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
    if "citus" in names and cluster_url() is None:
        raise pytest.UsageError(f"{CLUSTER} names no cluster of Citus")
    return names


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses a database, directly or through a fixture, on every chosen one."""
    if "runs_on" in metafunc.fixturenames:
        metafunc.parametrize("runs_on", chosen(metafunc.config), indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        name, _, databases = item.nodeid.partition("[")
        reason = NOT_THERE.get(name) or NOT_THERE.get(name.partition("::")[0])
        if reason is not None and "citus" in databases:
            item.add_marker(pytest.mark.skip(reason=reason))
    repeated = [item for item in items if _repeats(item)]
    config.hook.pytest_deselected(items=repeated)
    items[:] = [item for item in items if item not in set(repeated)]
    if config.getoption("only_databases"):
        sorts: dict[bool, list[pytest.Item]] = {True: [], False: []}
        for item in items:
            sorts["runs_on" in getattr(item, "fixturenames", ())].append(item)
        config.hook.pytest_deselected(items=sorts[False])
        items[:] = sorts[True]


def pytest_collection_finish() -> None:
    """Look through the modules and the tests for garbage once, and not again with each test."""
    tune_gc()


def _repeats(item: pytest.Item) -> bool:
    """Whether SQLite shows the same."""
    return _runs_on(item) != "sqlite" and item.get_closest_marker("one_database") is not None


def _runs_on(item: pytest.Item) -> str:
    call = getattr(item, "callspec", None)
    return call.params.get("runs_on", "sqlite") if call else "sqlite"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the notes of tests, and the name and the reason of each test that did not run."""
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
    if config.getoption("only_databases"):
        terminalreporter.line("everything that needs no database: make test")
    for (name, reason), times in sorted(skipped.items()):
        terminalreporter.line(f"{name} ({times} times): {reason}")
    if not missing and not skipped:
        terminalreporter.line("nothing: everything was run")


def _print_told(terminalreporter: pytest.TerminalReporter) -> None:
    notes = [
        (report.nodeid.rpartition("::")[2], text)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, text in report.user_properties
        if name == "told"
    ]
    if notes or TOLD:
        terminalreporter.section("told")
    for test, text in notes:
        terminalreporter.line(f"{test}: {text}")
    for text in TOLD:
        terminalreporter.line(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass on the notes of an xdist process."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["told"] = TOLD


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect the notes of an xdist process. Any: xdist has no types."""
    output = getattr(node, "workeroutput", None) or {}
    notes = output.pop("told", ())  # xdist calls this twice for an interrupted process
    TOLD.extend(f"{node.gateway.id}: {text}" for text in notes)


class StoppedClock(Clock):
    """A clock that moves only when a test moves it."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def pass_(self, time: timedelta) -> None:
        self.time += time


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[Statements]:
    """The statements that this process runs, through any engine or directly on a driver."""
    statements = Statements()
    event.listen(Engine, "before_cursor_execute", statements.heard)
    LISTENERS.append(statements.told)
    yield statements
    LISTENERS.remove(statements.told)
    event.remove(Engine, "before_cursor_execute", statements.heard)


@pytest.fixture(autouse=True)
def every_statement_names_its_merchant(statements: Statements) -> Iterator[None]:
    """Fail a test that runs a statement without a merchant: see tests/statements.py."""
    before = len(statements.wrong)
    yield
    assert statements.wrong[before:] == []


def pytest_fixture_setup() -> None:
    """Restore the umask: a command that a test or a fixture runs in this process sets it to 077."""
    os.umask(UMASK)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def schema():
    return _built()


@pytest.fixture(scope="session")
def walking_schema():
    return _built()


def _built():
    with uncollected():
        schema = build()
    tune_gc()
    return schema


@pytest.fixture(scope="session")
def runs_on(request: pytest.FixtureRequest) -> str:
    """The database that a test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
async def backend(
    runs_on: str,
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[Backend]:
    """Creates databases. A test that brings its own does not use it and runs once."""
    if runs_on == "sqlite":
        yield await Files.open(tmp_path_factory.mktemp("backend"))
        return
    worker = getattr(pytestconfig, "workerinput", {}).get("workerid", "main")
    name = f"aftersales_test_{runs_on}_{worker}"
    url = cluster_url() if runs_on == "citus" else None
    if url is not None:
        cluster = await Cluster.open(url, name)
        yield cluster
        await cluster.close()
        return
    with ExitStack() as stack:
        address = stack.enter_context(server())
        pooled = runs_on == "pgbouncer"
        pooler_url = stack.enter_context(pooler(address.url)) if pooled else None
        backend = await Server.open(address.url, name, pooler_url, address.bring_back)
        yield backend
        await backend.close()


@pytest.fixture
async def database_url(backend: Backend, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a migrated, empty database."""
    url = await backend.fresh(tmp_path)
    yield url
    await connections_closed()
    await backend.release(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.open(database_url)
    yield database
    await database.close()


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
    """A client that sends every query to two servers: see tests/both.py."""
    # That a planned answer is the ordinary one depends on the driver, not on a pooler.
    if request.node.get_closest_marker("asked_once") or _runs_on(request.node) == "pgbouncer":
        async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as client:
            yield client
        return
    async with both(parts, schema, walking_schema) as client:
        yield client
