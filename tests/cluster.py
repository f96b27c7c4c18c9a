"""A cluster of Citus that the environment names: distributed databases for the tests.

A database of a cluster consists of one on each node, of the same name. Copies of all of them are a
copy of it.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from database.database import Database
from models import distribution, schema_version
from settings import PREFIX, Settings
from tests.reuse import SHARDS_AS_TABLES, Released, Template

CLUSTER: Final = f"{PREFIX}TEST_CITUS_URL"
"""The environment variable with the address of a database on the coordinator, with its nodes."""
_CLAIMING: Final = (
    "tests/assignment/test_claiming.py::test_claiming_and_counting_read_the_index_of_each_ones_work"
)
_PLANS: Final = "the coordinator explains which machine it asks, not how that one reads"
NOT_THERE: Final = {
    "tests/house/test_migrations.py": "the earliest migrations cannot be undone there",
    "tests/database/test_batcher.py": "nothing is batched there",
    "tests/desk/test_together.py": "nothing is batched there",
    "tests/house/test_statements.py::test_no_query_takes_more_statements_for_more_rows": (
        "who asks is read by two statements"
    ),
    "tests/house/test_logs.py::test_a_bug_is_logged_without_what_the_client_sent": (
        "a table has no triggers there"
    ),
    "tests/house/test_side_by_side.py::test_a_change_that_stops_others_is_found": (
        "Citus refuses two of the changes itself"
    ),
    "tests/quality/test_score_plans.py::test_scores_and_plans_come_from_indexes": _PLANS,
    "tests/serving/test_processes.py::test_of_two_processes_that_migrate_at_once_both_succeed": (
        "the earliest migrations cannot be undone there"
    ),
    "tests/feed/test_restored.py": "a dump of one machine is no copy of all",
    "tests/exports/test_plans.py": _PLANS,
    "tests/webhooks/test_plans.py": _PLANS,
    "tests/house/test_plans.py": _PLANS,
    "tests/house/test_search_plans.py": _PLANS,
    "tests/house/test_reason_plans.py": _PLANS,
    _CLAIMING: _PLANS,
    "tests/enrolment/test_regions.py::"
    "test_the_migration_copies_the_names_into_every_stored_address": (
        "no database was distributed before that migration"
    ),
    "tests/jobs/test_consequences.py::test_the_oldest_deadline_of_all_merchants_comes_first": (
        "each batch is of one merchant"
    ),
    "tests/jobs/test_delete_keys.py::test_a_transaction_deletes_a_batch_and_no_more": (
        "a batch needs a statement more, which finds the merchant"
    ),
}
"""Tests and files of tests that do not run on a cluster, with the reason."""
_TRIES: Final = 5
_END_SESSIONS: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
SHARDS: Final = 4
"""Fewer than usual: a copy has fewer files."""


class Cluster:
    """Copies of one database that is migrated, empty and distributed.

    A copy that was released is emptied for the next test, on each node by itself.
    """

    def __init__(self, name: str, nodes: Sequence[URL]) -> None:
        self._name = name
        self._coordinator, *_ = self._nodes = nodes
        self._made = 0
        self._templates: Sequence[Template] = []
        self._released = Released()

    @classmethod
    async def open(cls, url: str, name: str) -> Self:
        cluster = cls(name, await nodes_of(url))
        await cluster._make_template()
        return cluster

    async def _make_template(self) -> None:
        url = await create_empty(self._nodes, self._name, shards=SHARDS)
        database = Database.open(_text(url))
        await schema_version.upgrade(database)
        await distribution.distribute(database)
        await database.close()
        # A copy has no settings either.
        await _on_each(self._nodes, f"ALTER DATABASE {self._name} RESET ALL")
        self._templates = [
            await Template.read(node, SHARDS_AS_TABLES) for node in self._copies(self._name)
        ]
        # The daemon of Citus is connected to each database, and nobody may be while it is copied.
        await _on_each(
            self._nodes,
            f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false",
            f"{_END_SESSIONS} '{self._name}'",
        )

    async def fresh(self, folder: Path) -> str:  # noqa: ARG002 - the cluster keeps its own
        name = await self._restored() or await self._copied()
        self._released.count_use(name)
        return _text(self._coordinator.set(database=name))

    def _copies(self, name: str) -> Sequence[URL]:
        """The addresses of a database on each node."""
        return [node.set(database=name) for node in self._nodes]

    async def _restored(self) -> str | None:
        for name in self._released:
            copies = zip(self._templates, self._copies(name), strict=True)
            restored = await asyncio.gather(*(template.restore(url) for template, url in copies))
            if all(restored):
                return name
            await drop(self._nodes, name)
        return None

    async def _copied(self) -> str:
        self._made += 1
        name = f"{self._name}_{self._made}"
        await _on_each(
            self._nodes,
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {self._name} STRATEGY FILE_COPY",
        )
        return name

    async def release(self, url: str) -> None:
        name = str(make_url(url).database)
        if not self._released.keep(name):
            await drop(self._nodes, name)

    async def close(self) -> None:
        for name in (*self._released, self._name):
            await drop(self._nodes, name)


def cluster_url() -> str | None:
    """The address that the environment names."""
    return os.environ.get(CLUSTER)


async def nodes_of(url: str) -> Sequence[URL]:
    """The nodes of the cluster with a database of this address, the coordinator first."""
    coordinator = make_url(Settings(database_url=url).database)
    workers = await _ask(
        coordinator, "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0"
    )
    return [coordinator, *(coordinator.set(host=host, port=port) for host, port in workers)]


async def create_empty(nodes: Sequence[URL], name: str, *, shards: int | None = None) -> URL:
    """The address of a new database on the nodes; on one alone it is a plain PostgreSQL's."""
    await drop(nodes, name)
    await _on_each(nodes, f"CREATE DATABASE {name}")
    coordinator, *workers = [node.set(database=name) for node in nodes]
    if workers:
        for node in (coordinator, *workers):
            await _ask(node, "CREATE EXTENSION citus")
        settings = [f"ALTER DATABASE {name} SET citus.shard_count = {shards}"] if shards else []
        await _ask(
            coordinator,
            *settings,
            _call("citus_set_coordinator_host", coordinator),
            *[_call("citus_add_node", node) for node in workers],
        )
    return coordinator


async def drop(nodes: Sequence[URL], name: str) -> None:
    """Delete a database on all nodes."""
    for tries in range(_TRIES, -1, -1):
        try:
            await _on_each(nodes, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        except DBAPIError:
            # The daemon of Citus connects to each database again.
            if not tries:
                raise
            await asyncio.sleep(0.2)
        else:
            return


async def _on_each(nodes: Sequence[URL], *statements: str) -> None:
    # In a database without Citus, which does not let anyone alter its own.
    await asyncio.gather(*(_ask(node.set(database="postgres"), *statements) for node in nodes))


def _call(function: str, node: URL) -> str:
    return f"SELECT {function}('{node.host}', {node.port})"


async def _ask(url: URL, *statements: str) -> list[tuple[str, int]]:
    """Run statements, each in a transaction of its own; return the rows of the last."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    rows: list[tuple[str, int]] = []
    try:
        async with engine.connect() as connection:
            for statement in statements:
                result = await connection.execute(sa.text(statement))
                rows = [tuple(row) for row in result] if result.returns_rows else []
    finally:
        await engine.dispose()
    return rows


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
