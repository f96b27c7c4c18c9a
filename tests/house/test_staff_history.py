"""Every function that changes staff, or a platform account, records the change once."""

import ast
from collections import Counter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
WRITERS: Final = {"staff_change", "_change"}
"""The transactions in which staff and platform accounts are changed."""
RECORDERS: Final = {"record", "_record", "_record_disabled"}


def called(function: ast.AsyncFunctionDef) -> Counter[str]:
    return Counter(
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )


def test_every_use_case_that_changes_staff_records_it_once() -> None:
    files = [
        *(ROOT / "resolvers/staff").glob("*.py"),
        ROOT / "resolvers/platform/accounts.py",
    ]
    use_cases = {
        node.name: sum(calls[name] for name in RECORDERS)
        for file in files
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.AsyncFunctionDef) and (calls := called(node)).keys() & WRITERS
    }
    assert len(use_cases) >= 11
    assert use_cases == dict.fromkeys(use_cases, 1), (
        "record the change in its transaction: see resolvers/staff/history.py"
    )
