"""Every column that can hold text says what erasure makes of it, or why it stays."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import models
import models.sandbox
from domain.personal_data import (
    DELETED,
    ERASED,
    EXPIRING,
    KEPT,
    OTHERS,
    Loses,
    erased,
    months_before,
)
from models.tables import METADATA

PAGE = (Path(__file__).parents[2] / "docs" / "personal-data.md").read_text("utf-8")
WHOLE = {*DELETED, *EXPIRING, *OTHERS}
"""The tables that need no word on each column."""


def texts() -> list[tuple[str, str]]:
    """The columns of text and JSON, enums left out."""
    return [
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if _holds_text(column.type)
    ]


def _holds_text(kind: sa.types.TypeEngine[Any]) -> bool:
    if isinstance(kind, sa.types.TypeDecorator):
        return _holds_text(kind.impl_instance)
    return isinstance(kind, sa.String | sa.JSON) and not isinstance(kind, sa.Enum)


def test_every_column_with_text_is_erased_or_says_why_it_stays() -> None:
    assert models.sandbox.SandboxClock.__tablename__ in METADATA.tables
    assert len(texts()) > 120
    missing = [
        f"{table}.{column}"
        for table, column in texts()
        if table not in WHOLE
        and column not in ERASED.get(table, {})
        and f"{table}.{column}" not in KEPT
    ]
    assert missing == [], "add them to ERASED, or with a reason to KEPT, in domain/personal_data.py"


def test_the_tables_name_what_there_is_and_each_once() -> None:
    columns = {f"{table}.{column}" for table, column in texts()}
    erased_columns = {f"{table}.{column}" for table, rows in ERASED.items() for column in rows}
    assert erased_columns <= columns
    assert columns >= KEPT.keys()
    assert erased_columns.isdisjoint(KEPT)
    assert METADATA.tables.keys() == WHOLE | ERASED.keys() | {"quality_case"}
    assert not WHOLE & ERASED.keys()
    assert len(WHOLE) == len(DELETED) + len(EXPIRING) + len(OTHERS)


def test_docs_say_of_each_place_what_becomes_of_it() -> None:
    named = set(re.findall(r"^\| `([\w.]+)` \|", PAGE, re.MULTILINE))
    expected = {f"{table}.{column}" for table, rows in ERASED.items() for column in rows}
    assert named == expected | DELETED.keys() | EXPIRING.keys() | KEPT.keys(), (
        "the tables of docs/personal-data.md have a row for each, and no other"
    )


def test_what_is_erased_once_does_not_change_again() -> None:
    paths = {
        column: change.paths
        for rows in ERASED.values()
        for column, change in rows.items()
        if isinstance(change, Loses)
    }
    assert paths
    for table, rows in ERASED.items():
        row: dict[str, object] = {**dict.fromkeys(rows, "text"), "actor_kind": "CUSTOMER"}
        for column, change in rows.items():
            if isinstance(change, Loses):
                row[column] = {path[0]: {path[-1]: "text"} for path in change.paths}
        once = row | erased(table, row)
        assert erased(table, once) == {}
        assert "text" not in str([once[column] for column in rows])


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2026-01-31", 24, "2024-01-31"),
        ("2026-12-15", 12, "2025-12-15"),
    ],
)
def test_months_are_those_of_the_calendar(now: str, months: int, expected: str) -> None:
    time = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert months_before(time, months) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
