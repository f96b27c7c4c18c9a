"""The command says what is wrong, and so does its exit status."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import cli

MERCHANT = (
    "INSERT INTO merchant (id, name, enrolment, created_at)"
    " VALUES (7, '京北数码', 'NOT_ENROLLED', '2026-11-22 12:00:00')"
)

HEAD = (
    "INSERT INTO quality_head (merchant_id, position, version, time_zone)"
    " VALUES (7, 0, 1, 'Asia/Shanghai')"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AFTERSALES_DATA_DIR", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def write(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "aftersales.db")) as database:
        database.execute(statement)
        database.commit()


def test_a_database_that_is_behind_is_not_examined(folder: Path) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "aftersales migrate" in result.stderr
    assert result.stdout == ""


def test_nothing_wrong_is_one_line_and_no_failure(folder: Path) -> None:
    assert run("migrate").exit_code == 0
    result = run("doctor")
    assert (result.exit_code, result.stdout) == (0, "Nothing is wrong.\n")
    result = run("doctor", "--json")
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_command_that_rebuilds_cases_marks_every_merchant(folder: Path) -> None:
    assert run("migrate").exit_code == 0
    write(folder, MERCHANT)
    write(folder, HEAD)
    result = run("quality", "rebuild")
    assert (result.exit_code, result.stdout) == (0, "The clock will derive all cases anew.\n")
    with closing(sqlite3.connect(folder / "aftersales.db")) as database:
        assert database.execute("SELECT version FROM quality_head").fetchall() == [(0,)]


def test_a_finding_is_one_line_and_a_failure(folder: Path) -> None:
    assert run("migrate").exit_code == 0
    write(folder, MERCHANT)
    result = run("doctor")
    assert (result.exit_code, result.stdout) == (1, "STAFF_DIFFERS merchant 7: 0 main accounts\n")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "fault": "STAFF_DIFFERS",
        "note": False,
        "merchantId": "7",
        "orderId": None,
        "said": "0 main accounts",
    }
