"""Listens to every statement that a test runs, and says which of them name no merchant.

A tenant's table is to be read and written only where the merchant is named: by a value, or by being
equal to that of a table where it is. What the database is sent is looked at, as text: SQLAlchemy
writes it in few ways.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

from greenlet import greenlet  # type: ignore[import-untyped]  # it brings no types

from database.driver_connection import StatementEvent
from models.merchant import merchants
from models.tables import METADATA
from resolvers.context import Context

ROOT: Final = Path(__file__).parents[1]

TENANT: Final = {
    table.name: "merchant_id"
    for table in METADATA.sorted_tables
    if "merchant_id" in table.primary_key.columns
} | {merchants.name: "id"}
"""The tables that can be distributed, and the column that names the merchant."""

EXCEPTIONS: Final = {
    "auth/authenticator.py": "finds out which merchant it is that asks",
    "jobs/": "the clock looks for what is due at any merchant",
    "doctor/": "the doctor looks for what belongs to no merchant",
    "demo/": "the demo is made and shown for all its merchants at once",
}
"""Who may leave the merchant out, besides the platform's own staff, and tests that look at rows."""

_NAME: Final = r'"?(\w+)"?'
_TABLE: Final = re.compile(
    rf"\b(?:FROM|JOIN|UPDATE|INTO)\s+{_NAME}(?:\s+AS\s+{_NAME})?", re.IGNORECASE
)
_INSERT: Final = re.compile(rf"\bINSERT\s+INTO\s+{_NAME}\s*\(([^)]*)\)", re.IGNORECASE)
_COLUMN: Final = rf"(?:{_NAME}\.)?{_NAME}"
_VALUE: Final = r"(?:\?|\$\d|:\w|%\(|\d|NULL|SELECT CAST\(NULL)"
_NAMED: Final = re.compile(rf"{_COLUMN}\s*(?:=\s*(?:ANY\s*\(\s*)?|IN\s*\(\s*){_VALUE}")
_TUPLE: Final = re.compile(r"\(([\w\". ,]+)\)\s+IN\s*\(")
_EQUAL: Final = re.compile(rf"{_COLUMN}\s*=\s*{_COLUMN}\b(?!\s*\()")
_DERIVED: Final = re.compile(rf"\)\s+AS\s+{_NAME}", re.IGNORECASE)
_ROWS: Final = re.compile(r"\bjson_(?:each|to_recordset)\s*\(", re.IGNORECASE)

_GIVEN: Final = re.compile(r"\bWITH ORDINALITY AS \w+\(([^)]*)\)")
"""The parameters of many, as a relation, by which each of theirs are found."""

_NOTHING: Final = re.compile(r"\bWHERE (?:0 = 1|false)\b")
"""What those are answered with who may read nothing."""


@cache
def unnamed(sql: str) -> frozenset[str]:
    """The tenants' tables in a statement, by the names they have there, of no named merchant."""
    if _NOTHING.search(sql):
        return frozenset()
    tables = {alias or name: name for name, alias in _TABLE.findall(sql) if name in TENANT}
    columns = {f"{alias}.{TENANT[name]}" for alias, name in tables.items()}
    known = {f"{name}.merchant_id" for name in _named_inside(sql)}
    for names in _GIVEN.findall(sql):
        known |= {
            f"{table}.{name}" for table in ("parameters", "steps") for name in names.split(", ")
        }
    for table, given in _INSERT.findall(sql):
        if TENANT.get(table) in re.split(r"[\s,\"]+", given):
            known.add(f"{table}.{TENANT[table]}")
    only = next(iter(tables)) if len(tables) == 1 else ""
    known |= {f"{table or only}.{column}" for table, column in _NAMED.findall(sql)}
    for inside in _TUPLE.findall(sql):
        known |= {f"{table or only}.{name}" for table, name in re.findall(_COLUMN, inside)}
    equal = [(f"{a or only}.{b}", f"{c or only}.{d}") for a, b, c, d in _EQUAL.findall(sql)]
    before = -1
    while len(known) > before:
        before = len(known)
        known |= {one for pair in equal for one in pair if known & set(pair)}
    return frozenset(columns - known)


def _named_inside(sql: str) -> Iterator[str]:
    """The derived tables whose rows are of named merchants."""
    for found in _DERIVED.finditer(sql):
        depth, start = 1, found.start()
        while depth and start:
            start -= 1
            depth += {")": 1, "(": -1}.get(sql[start], 0)
        inside = sql[start : found.start()]
        # What is made of a parameter's rows says the merchant in each.
        of_a_parameter = _ROWS.search(sql[max(0, start - len("json_to_recordset")) : found.end()])
        is_query = inside.lstrip("( ").startswith("SELECT")
        if of_a_parameter or (is_query and not unnamed(inside)):
            yield found[1]


@dataclass(slots=True)
class Statements:
    """What was run: each text once, with how it came to be run where it names no merchant."""

    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def heard(self, *run: Any) -> None:
        """A statement is about to be run: as SQLAlchemy's ``before_cursor_execute`` tells it."""
        self.note(run[2])

    def told(self, told: StatementEvent) -> None:
        """The same, by a driver itself."""
        self.note(told.statement)

    def note(self, sql: str) -> None:
        """A statement is about to be run, by whatever way."""
        self.seen.add(sql)
        if missing := unnamed(sql):
            frames = list(_frames())
            if not _is_excepted(frames):
                where = " ".join(dict.fromkeys(_ours(frames)))
                self.wrong.append(f"{', '.join(sorted(missing))} in: {sql}\nrun by: {where}")


def _is_excepted(frames: list[FrameType]) -> bool:
    contexts = [context for frame in frames for context in _contexts(frame)]
    files = list(_ours(frames))
    if any(file.startswith(one) for file in files for one in EXCEPTIONS):
        return True
    viewers = [context.viewer_or_none for context in contexts]
    if viewers:
        return all(viewer is not None and viewer.merchant_id is None for viewer in viewers)
    # Nobody's request: a test that looks for itself, or a migration.
    return not any(
        file.startswith(("schema/", "execution/", "resolvers/", "projection/")) for file in files
    )


def _contexts(frame: FrameType) -> Iterator[Context]:
    for value in frame.f_locals.values():
        held = value if isinstance(value, Context) else getattr(value, "context", None)
        if isinstance(held, Context):
            yield held


def _frames() -> Iterator[FrameType]:
    """Who called whom, from the innermost out. SQLAlchemy runs drivers in a greenlet of its own."""
    running: Any = greenlet.getcurrent()
    frame: FrameType | None = sys._getframe()
    while running is not None:
        while frame is not None:
            yield frame
            frame = frame.f_back
        running = running.parent
        frame = running and running.gr_frame


def _ours(frames: list[FrameType]) -> Iterator[str]:
    for frame in frames:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT) and ".venv" not in file.parts:
            yield str(file.relative_to(ROOT))
