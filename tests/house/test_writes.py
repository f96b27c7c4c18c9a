"""A use case writes in a transaction; the one that may write without one is named here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from database.compiled import Statement
from database.prepared import Prepared
from models.journal.statements import PauseCheck, update_and_event
from models.service_order import service_orders
from models.write_mark import write_marks

ROOT = Path(__file__).parents[2]
FOLDERS = ("auth", "demo", "doctor", "execution", "jobs", "resolvers", "schema", "transport")
AUTOCOMMIT = {
    "resolvers/context.py",  # passes it on
    "resolvers/service_orders/act.py",  # a step with an order is one statement: decision 29
}
INNER = {
    "_writing_connection",
    "_reading_connection",
    "batchers",
    "begin_statements",
    "writing",
    "idle",
}
"""Internals of the database: using them would write outside a transaction."""


def attributes(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    yield from (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def users(*names: str) -> set[str]:
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    files += sorted(ROOT.glob("*.py"))
    return {
        str(file.relative_to(ROOT)) for file in files if not set(names).isdisjoint(attributes(file))
    }


def test_a_step_with_an_order_is_all_that_writes_without_a_transaction() -> None:
    assert users("autocommit") == AUTOCOMMIT


def test_no_use_case_takes_a_connection_past_the_sessions() -> None:
    inner = users(*INNER)
    assert {file for file in inner if file.startswith(("auth/", "jobs/", "resolvers/"))} == set()


def test_a_statement_knows_whether_it_writes() -> None:
    """Also if the write is inside a SELECT: an autocommit session counts its writes."""
    dialect = sa.dialects.postgresql.asyncpg.dialect()
    columns = service_orders.c
    row = dict.fromkeys(write_marks.c.keys(), 1)
    insert = sa.insert(write_marks).values(row).returning(write_marks.c.slot)
    writes = [
        insert,
        sa.update(service_orders).values(version=2),
        sa.delete(service_orders),
        sa.select(insert.cte("told").c.slot),
        sa.select(columns.id).add_cte(insert.cte("told")),
    ]
    reads = [
        sa.select(columns.id),
        sa.select(columns.id).with_for_update(),
        sa.select(sa.select(columns.id).cte("found").c.id),
    ]
    assert [Statement(statement, dialect).writes for statement in writes] == [True] * len(writes)
    assert [Statement(statement, dialect).writes for statement in reads] == [False] * len(reads)
    for step in (
        update_and_event(("status",), pauses=PauseCheck.UNCHANGED),
        update_and_event((), pauses=PauseCheck.NONE),
    ):
        assert isinstance(step, Prepared)
        assert step.compiled(dialect).writes
