"""Statements keep to the forms that Citus takes: see tests/citus_forms.py.

tests/conftest.py checks the statements of every test; the check itself is tested here.
"""

import ast
from pathlib import Path

import pytest

from tests.citus_forms import PLAIN, refused
from tests.cluster import NOT_THERE
from tests.statements import unnamed

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT role.id FROM role WHERE role.merchant_id = $1::BIGINT FOR UPDATE", ""),
        ("SELECT role.id FROM role FOR UPDATE SKIP LOCKED", "locks"),
        ("SELECT role.id FROM role WHERE role.id = $1::BIGINT FOR SHARE OF role", "locks"),
        ("SELECT account.id FROM account FOR UPDATE", ""),
        ("UPDATE role SET name=$1::VARCHAR WHERE role.merchant_id = $2::BIGINT", ""),
        (
            (
                "WITH updated AS (UPDATE role SET name=$1::VARCHAR WHERE role.merchant_id ="
                " $2::BIGINT RETURNING role.id) SELECT updated.id FROM updated"
            ),
            "common table expression",
        ),
        (
            (
                "INSERT INTO role (merchant_id, id) VALUES ($1::BIGINT, $2::BIGINT)"
                " ON CONFLICT (merchant_id, id) DO NOTHING"
            ),
            "",
        ),
        (
            (
                "INSERT INTO role (merchant_id, id) VALUES ($1::BIGINT, $2::BIGINT)"
                " ON CONFLICT (merchant_id, id) DO UPDATE SET id = coalesce(role.id, excluded.id)"
            ),
            "",
        ),
        (
            (
                "INSERT INTO export (merchant_id, id) VALUES ($1::BIGINT, $2::BIGINT)"
                " ON CONFLICT (merchant_id, id) DO UPDATE SET updated_at = now()"
            ),
            "immutable",
        ),
        (
            (
                "INSERT INTO export (merchant_id, id) VALUES ($1::BIGINT, $2::BIGINT)"
                " ON CONFLICT (merchant_id, id) DO UPDATE SET id = excluded.id"
                " WHERE export.updated_at < excluded.updated_at - interval '1 day'"
            ),
            "immutable",
        ),
        (
            (
                "INSERT INTO idempotency_key (merchant_id, key) SELECT $1::BIGINT AS a,"
                " $2::VARCHAR AS b ON CONFLICT (merchant_id, key) DO UPDATE SET key = excluded.key"
                " WHERE idempotency_key.created_at <= $3::TIMESTAMP WITH TIME ZONE"
            ),
            "the query lacks",
        ),
        ("SELECT role.id FROM role WHERE role.merchant_id = $1", ""),
        ("INSERT INTO role (merchant_id, id) VALUES ($1, $2)", ""),
        ("INSERT INTO role (merchant_id, id) SELECT $1::BIGINT, $2::BIGINT", ""),
        (
            "SELECT pg_notify($2::VARCHAR, '') FROM role WHERE role.merchant_id = $1::BIGINT",
            "notifies",
        ),
        (
            (
                "SELECT employee.id FROM account LEFT OUTER JOIN employee ON employee.merchant_id"
                " = account.merchant_id WHERE account.id = $1::BIGINT"
            ),
            "outer join",
        ),
        (
            (
                "SELECT account.id FROM employee LEFT OUTER JOIN account ON account.merchant_id"
                " = employee.merchant_id WHERE employee.merchant_id = $1::BIGINT"
            ),
            "",
        ),
        (
            (
                "SELECT role.id FROM sign_in JOIN role ON role.id = sign_in.account_id"
                " WHERE role.merchant_id = $1::BIGINT"
            ),
            "coordinator",
        ),
    ],
)
def test_a_form_that_citus_does_not_take_is_seen(sql: str, expected: str) -> None:
    forms = refused(sql, names_merchant=not unnamed(sql))
    assert [expected in form for form in forms] == ([True] if expected else [])


@pytest.mark.parametrize("place", PLAIN)
def test_an_exception_names_a_function(place: str) -> None:
    if place.endswith("/"):
        assert (ROOT / place).is_dir()
        return
    file, _, name = place.partition(":")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, functions)}


@pytest.mark.parametrize("place", NOT_THERE)
def test_what_does_not_run_on_a_cluster_exists(place: str) -> None:
    file, _, name = place.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text("utf-8") or not name
