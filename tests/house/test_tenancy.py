"""Merchants can be distributed over machines: tables and statements name their merchant.

tests/conftest.py checks the statements of every test; the check itself is tested here.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from auth.viewer import Viewer
from database.database import Database
from domain.actors import ActorKind
from models.distribution import PLACEMENTS, Kind
from models.service_order import service_orders
from models.tables import METADATA
from resolvers.context import ClientRequest, Context
from tests.given import World
from tests.statements import TENANT, Statements, unnamed

ROOT = Path(__file__).parents[2]
SCALING = (ROOT / "docs" / "scaling.md").read_text("utf-8")

TENANTS = [table for table in METADATA.sorted_tables if table.name in TENANT]
GLOBAL = [table for table in METADATA.sorted_tables if table.name not in TENANT]
GLOBAL_NAMES = {
    "account",
    "connector",
    "evaluation_plan",
    "pause_window",
    "platform_account_event",
    "platform_feed_head",
    "quality_benchmark",
    "platform_thresholds",
    "sandbox_clock",
    "schema_floor",
    "sign_in",
    "sign_in_throttle",
    "password_reset",
    "identity_provider",
    "identity",
    "write_mark",
}
"""The tables that belong to no merchant."""


def keys(table: sa.Table) -> list[tuple[str, list[str]]]:
    """The name and the columns of each primary key, unique constraint and unique index."""
    constraints = [
        (str(constraint.name), [column.name for column in constraint.columns])
        for constraint in table.constraints
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint)
    ]
    indexes = [
        (str(index.name), [column.name for column in index.columns])
        for index in table.indexes
        if index.unique
    ]
    return [*constraints, *indexes]


def test_every_table_is_a_tenants_or_is_known_to_be_nobodys() -> None:
    assert {table.name for table in GLOBAL} == GLOBAL_NAMES, (
        "begin the primary key of a merchant's table with merchant_id; add the name of any other"
        " table to GLOBAL_NAMES in tests/house/test_tenancy.py"
    )
    assert {name for name, column in TENANT.items() if column == "id"} == {"merchant"}


@pytest.mark.parametrize("table", TENANTS, ids=str)
def test_what_is_unique_at_a_tenant_begins_with_the_merchant(table: sa.Table) -> None:
    unique = keys(table)
    assert unique
    assert {name: columns for name, columns in unique if columns[0] != TENANT[table.name]} == {}


@pytest.mark.parametrize("table", TENANTS, ids=str)
def test_a_tenants_foreign_keys_begin_with_the_merchant_on_both_sides(table: sa.Table) -> None:
    for constraint in table.foreign_key_constraints:
        first = constraint.elements[0]
        assert first.parent.name == TENANT[table.name], constraint.name
        assert first.column.table.name in TENANT, constraint.name
        assert first.column.name == TENANT[first.column.table.name], constraint.name


@pytest.mark.parametrize("table", GLOBAL, ids=str)
def test_what_is_nobodys_refers_to_no_tenant(table: sa.Table) -> None:
    assert {key.referred_table.name for key in table.foreign_key_constraints} & set(TENANT) == set()


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=str)
def test_no_value_is_made_by_the_database(table: sa.Table) -> None:
    for column in table.columns:
        assert column.server_default is None, column
        assert column.identity is None, column
        assert not isinstance(column.default, sa.Sequence), column


MADE_BY_THE_DATABASE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'",
    "postgresql": """
        SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND (attidentity <> '' OR atthasdef)""",
}


@pytest.mark.anyio
async def test_the_catalogue_of_the_database_says_the_same(database: Database) -> None:
    async with database.read() as connection:
        made = await connection.exec_driver_sql(MADE_BY_THE_DATABASE[connection.dialect.name])
        assert made.scalars().all() == []
        await connection.run_sync(check_catalogue)


def check_catalogue(connection: sa.Connection) -> None:
    inspector = sa.inspect(connection)
    assert set(inspector.get_table_names()) == {*METADATA.tables, "alembic_version"}
    for name, merchant in TENANT.items():
        unique: list[Sequence[str | None]] = [
            inspector.get_pk_constraint(name)["constrained_columns"],
            *[constraint["column_names"] for constraint in inspector.get_unique_constraints(name)],
            *[index["column_names"] for index in inspector.get_indexes(name) if index["unique"]],
        ]
        assert {columns[0] for columns in unique} == {merchant}, name
        for key in inspector.get_foreign_keys(name):
            other = key["referred_table"]
            assert key["constrained_columns"][0] == merchant, key
            assert key["referred_columns"][0] == TENANT[other], key
    for table in GLOBAL:
        others = {key["referred_table"] for key in inspector.get_foreign_keys(table.name)}
        assert others & set(TENANT) == set()


# Statements


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT role.id FROM role WHERE role.merchant_id = $1::BIGINT", set()),
        ("SELECT role.id FROM role WHERE role.merchant_id = ?", set()),
        ("SELECT role.id FROM role WHERE role.merchant_id IN ($1, $2)", set()),
        ("SELECT r.id FROM role AS r WHERE (r.merchant_id, r.id) IN (($1, $2))", set()),
        ("SELECT id FROM role WHERE merchant_id = 7", set()),
        ("SELECT role.id FROM role WHERE 0 = 1", set()),
        ("SELECT account.id FROM account", set()),
        ("SELECT merchant.name FROM merchant WHERE merchant.id = $1", set()),
        ("INSERT INTO role (merchant_id, id) VALUES ($1, $2)", set()),
        ("UPDATE role SET name=$1 WHERE role.merchant_id = $2 AND role.id = $3", set()),
        (
            (
                "SELECT * FROM service_order JOIN merchant"
                " ON merchant.id = service_order.merchant_id WHERE service_order.merchant_id = $1"
            ),
            set(),
        ),
        (
            (
                "SELECT * FROM (SELECT * FROM role WHERE role.merchant_id = $1 LIMIT 2) AS page"
                " JOIN merchant ON merchant.id = page.merchant_id"
            ),
            set(),
        ),
        ("SELECT role.id FROM role WHERE role.id = $1", {"role.merchant_id"}),
        ("SELECT role.merchant_id FROM role", {"role.merchant_id"}),
        ("DELETE FROM role WHERE role.id = $1", {"role.merchant_id"}),
        ("UPDATE role SET name=$1 WHERE role.id = $3", {"role.merchant_id"}),
        ("INSERT INTO role (id) VALUES ($1)", {"role.merchant_id"}),
        ("SELECT merchant.name FROM merchant WHERE merchant.name = $1", {"merchant.id"}),
        (
            (
                "SELECT * FROM role JOIN employee_role ON employee_role.role_id = role.id"
                " WHERE role.merchant_id = $1"
            ),
            {"employee_role.merchant_id"},
        ),
        (
            "SELECT * FROM account JOIN employee ON employee.merchant_id = account.merchant_id",
            {"employee.merchant_id"},
        ),
        (
            (
                "SELECT * FROM (SELECT * FROM role LIMIT 2) AS page"
                " JOIN merchant ON merchant.id = page.merchant_id"
            ),
            {"role.merchant_id", "merchant.id"},
        ),
    ],
)
def test_a_statement_names_the_merchant_or_not(sql: str, expected: set[str]) -> None:
    assert unnamed(sql) == expected


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("merchant_id", "is_wrong"), [(7, True), (None, False)], ids=["a merchant's", "the platform's"]
)
async def test_a_statement_without_a_merchant_is_noticed_where_it_serves_one(
    given: World, statements: Statements, merchant_id: int | None, *, is_wrong: bool
) -> None:
    context: Any = Context(
        given.parts.services,
        ClientRequest(now=datetime.now().astimezone()),
        Viewer(kind=ActorKind.EMPLOYEE, id=1, name="小A", merchant_id=merchant_id, grants={}),
    )
    recorded = Statements()
    engine = given.parts.database.reading.sync_engine
    event.listen(engine, "before_cursor_execute", recorded.heard)
    async with context.read() as connection:
        await connection.execute(sa.select(service_orders.c.id))
    event.remove(engine, "before_cursor_execute", recorded.heard)
    assert [text.startswith("service_order.merchant_id in: ") for text in recorded.wrong] == (
        [True] if is_wrong else []
    )
    statements.wrong.clear()  # this test runs a wrong statement on purpose


# How to distribute them


def test_the_docs_show_what_the_command_does() -> None:
    [block] = re.findall(r"```sql\n(SELECT create_.*?)```", SCALING, re.DOTALL)
    calls = [f"{placement.call};" for placement in PLACEMENTS if placement.call is not None]
    assert block.splitlines() == calls, "docs/scaling.md shows the calls of models/distribution.py"


def test_every_table_has_a_place_in_an_order_in_which_it_can_be_distributed() -> None:
    done: set[str] = set()
    for placement in PLACEMENTS:
        table = METADATA.tables[placement.table]
        assert (placement.kind is Kind.BY_MERCHANT) == (table.name in TENANT)
        assert placement.column == TENANT.get(table.name)
        assert {key.referred_table.name for key in table.foreign_key_constraints} <= done, table
        done.add(table.name)
    assert len(PLACEMENTS) == len(done)
    missing = set(METADATA.tables) - done
    assert not missing, f"add where the rows of {missing} are to models/distribution.py"


def test_nothing_refers_from_the_machines_to_the_coordinator() -> None:
    """Citus takes no such key: rows of the coordinator are on no other machine."""
    kinds = {placement.table: placement.kind for placement in PLACEMENTS}
    for table in METADATA.sorted_tables:
        if kinds[table.name] is not Kind.COORDINATOR:
            others = {key.referred_table.name for key in table.foreign_key_constraints}
            assert Kind.COORDINATOR not in {kinds[other] for other in others}, table
