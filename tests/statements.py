"""Records every statement that a test runs, and finds those that name no merchant.

A statement must name the merchant of each tenant table that it uses: it compares the column with a
value, or with the column of another table whose merchant is named. The check reads the text of the
statement, which SQLAlchemy writes in few ways.
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
from tests.citus_forms import is_plain, refused

ROOT: Final = Path(__file__).parents[1]

TENANT: Final = {
    table.name: "merchant_id"
    for table in METADATA.sorted_tables
    if "merchant_id" in table.primary_key.columns
} | {merchants.name: "id"}
"""The tenant tables, and the column of each that holds the merchant."""

EXCEPTIONS: Final = {
    "auth/authenticator.py": "finds out which merchant it is that asks",
    "jobs/": "the clock looks for what is due at any merchant",
    "doctor/": "the doctor looks for what belongs to no merchant",
    "demo/": "the demo is made and shown for all its merchants at once",
}
"""Files that may leave the merchant out. So may the platform's staff, and tests."""

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
"""The relation of parameters in a batch statement; each row names its merchant."""

_NOTHING: Final = re.compile(r"\bWHERE (?:0 = 1|false)\b")
"""The condition for a viewer who may read nothing."""


@cache
def unnamed(sql: str) -> frozenset[str]:
    """The merchant columns of the tenant tables that a statement leaves open, by alias."""
    if _NOTHING.search(sql):
        return frozenset()
    tables = {alias or name: name for name, alias in _TABLE.findall(sql) if name in TENANT}
    columns = {f"{alias}.{TENANT[name]}" for alias, name in tables.items()}
    named = {f"{name}.merchant_id" for name in _named_inside(sql)}
    for names in _GIVEN.findall(sql):
        named |= {
            f"{table}.{name}" for table in ("parameters", "steps") for name in names.split(", ")
        }
    for table, inserted in _INSERT.findall(sql):
        if TENANT.get(table) in re.split(r"[\s,\"]+", inserted):
            named.add(f"{table}.{TENANT[table]}")
    only = next(iter(tables)) if len(tables) == 1 else ""
    named |= {f"{table or only}.{column}" for table, column in _NAMED.findall(sql)}
    for inside in _TUPLE.findall(sql):
        named |= {f"{table or only}.{name}" for table, name in re.findall(_COLUMN, inside)}
    equal = [(f"{a or only}.{b}", f"{c or only}.{d}") for a, b, c, d in _EQUAL.findall(sql)]
    size = -1
    while len(named) > size:
        size = len(named)
        named |= {column for pair in equal for column in pair if named & set(pair)}
    return frozenset(columns - named)


def _named_inside(sql: str) -> Iterator[str]:
    """The aliases of derived tables whose rows belong to named merchants."""
    for match in _DERIVED.finditer(sql):
        depth, start = 1, match.start()
        while depth and start:
            start -= 1
            depth += {")": 1, "(": -1}.get(sql[start], 0)
        inside = sql[start : match.start()]
        # Each row of a parameter names its merchant.
        is_parameter = _ROWS.search(sql[max(0, start - len("json_to_recordset")) : match.end()])
        is_query = inside.lstrip("( ").startswith("SELECT")
        if is_parameter or (is_query and not unnamed(inside)):
            yield match[1]


@dataclass(slots=True)
class Statements:
    """The texts that were run, and for each that names no merchant who ran it."""

    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def heard(self, *run: Any) -> None:
        """Listener for SQLAlchemy's ``before_cursor_execute``."""
        self.note(run[2])

    def told(self, statement: StatementEvent) -> None:
        """Listener for statements that go directly to a driver."""
        self.note(statement.statement)

    def note(self, sql: str) -> None:
        """Record a statement."""
        self.seen.add(sql)
        if missing := unnamed(sql):
            frames = list(_frames())
            if not _is_excepted(frames):
                where = " ".join(dict.fromkeys(_ours(frames)))
                self.wrong.append(f"{', '.join(sorted(missing))} in: {sql}\nrun by: {where}")
        if forms := refused(sql, names_merchant=not missing):
            frames = list(_frames())
            places = set(_places(frames))
            if places and not is_plain(places):
                where = " ".join(dict.fromkeys(_ours(frames)))
                self.wrong.append(f"Citus: {', '.join(forms)} in: {sql}\nrun by: {where}")


def _is_excepted(frames: list[FrameType]) -> bool:
    contexts = [context for frame in frames for context in _contexts(frame)]
    files = list(_ours(frames))
    if any(file.startswith(tuple(EXCEPTIONS)) for file in files):
        return True
    viewers = [context.viewer_or_none for context in contexts]
    if viewers:
        return all(viewer is not None and viewer.merchant_id is None for viewer in viewers)
    # Outside a request: a test that reads rows, or a migration.
    return not any(
        file.startswith(("schema/", "execution/", "resolvers/", "projection/")) for file in files
    )


def _places(frames: list[FrameType]) -> Iterator[str]:
    """The functions of the server, as ``PLAIN`` names them; none if a test itself asks."""
    for frame in frames:
        for file in _ours([frame]):
            if not file.startswith(("tests/", "bench/")):
                yield f"{file}:{frame.f_code.co_name}"


def _contexts(frame: FrameType) -> Iterator[Context]:
    for value in frame.f_locals.values():
        held = value if isinstance(value, Context) else getattr(value, "context", None)
        if isinstance(held, Context):
            yield held


def _frames() -> Iterator[FrameType]:
    """The frames from the innermost out. SQLAlchemy runs drivers in a greenlet of its own."""
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
        if file := _our_file(frame.f_code.co_filename):
            yield file


@cache
def _our_file(name: str) -> str | None:
    """The path of a file of ours from the root, or none."""
    file = Path(name)
    is_ours = file.is_relative_to(ROOT) and ".venv" not in file.parts
    return str(file.relative_to(ROOT)) if is_ours else None
