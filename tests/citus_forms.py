"""The forms of statements that Citus refuses, or carries out otherwise than PostgreSQL.

A statement is held to them on any database, so that no cluster is needed to find one. The check
reads the text of the statement, as tests/statements.py does.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

from models.distribution import PLACEMENTS, Kind

PLAIN: Final = {
    "doctor/": "reads tables as a whole, from all machines",
    "demo/": "a demo is on one machine",
    "database/batcher.py:_run_batch": "nothing is batched where tables are distributed",
    "models/journal/record.py:_write": "writes by several statements there",
    "models/journal/sets.py:record_all": "writes by several statements there",
    "models/queries/accounts.py:signed_in": "asks by two statements there",
    "models/queries/accounts.py:connector": "asks by two statements there",
    "models/queries/signed_in_with_order.py:signed_in_with_order": "asks by two statements there",
    "models/queries/accounts.py:hold": "takes an advisory lock there",
    "models/queries/feed.py:standing": "asks by two statements there",
    "models/idempotency_claims.py:delete_expired": "names a merchant there",
    "resolvers/platform/calendar.py:_locked": "names each merchant there",
    "jobs/timers.py:_on_postgresql": "`_on_citus` takes no locks",
}
"""Folders, and functions whose statement has another form where tables are distributed: why."""

_LOCKS: Final = re.compile(r"\bFOR (?:NO KEY )?(?:UPDATE|(?:KEY )?SHARE)\b")
_SHARED_LOCKS: Final = re.compile(r"\bFOR (?:KEY )?SHARE\b(?! OF)")
_WRITE: Final = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) \"?\w+\"?(?! SKIP)")
_WRITING_CTE: Final = re.compile(r"\bAS(?: MATERIALIZED)?\s*\(\s*(?:INSERT|UPDATE|DELETE)\b")
_CONFLICT: Final = re.compile(r"\bON CONFLICT\b(.*)", re.DOTALL)
_INSERT_SELECT: Final = re.compile(r"\bINSERT INTO \w+ \([^)]*\)\s*SELECT\b")
_PARAMETER: Final = re.compile(r"\$\d+")
_CALL: Final = re.compile(r"\b([a-z_]\w*)\s*\(")
_NAMES_COLUMNS: Final = re.compile(r"^\s*\([^)]*\)")
_SHIFTED_TIME: Final = re.compile(r"[-+]\s*(?:interval\b|\$\d+::INTERVAL)", re.IGNORECASE)
_IMMUTABLE: Final = {"coalesce", "greatest", "least", "lower", "upper", "abs", "length"}
_NOTIFIES: Final = re.compile(r"\bpg_notify\(")


def _names(*kinds: Kind) -> str:
    return "|".join(placement.table for placement in PLACEMENTS if placement.kind in kinds)


def _any_of(*kinds: Kind) -> re.Pattern[str]:
    return re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO) \"?(?:{_names(*kinds)})\b(?!\()")


_KEEPS_OTHERS: Final = re.compile(
    rf"\bFROM (?:{_names(Kind.EVERYWHERE, Kind.COORDINATOR)})\b(?:(?!FROM|WHERE).)*"
    rf"\bLEFT OUTER JOIN (?:{_names(Kind.BY_MERCHANT)})\b",
    re.DOTALL,
)
"""An outer join that keeps the rows of a table that is not of merchants."""
_OF_MERCHANTS: Final = _any_of(Kind.BY_MERCHANT)
_OF_ALL: Final = _any_of(Kind.EVERYWHERE)
_OF_COORDINATOR: Final = _any_of(Kind.COORDINATOR)


def is_plain(places: Collection[str]) -> bool:
    """Whether one of the functions, by its file and name, may run any form."""
    return any(place.startswith(tuple(PLAIN)) for place in places)


@cache
def refused(sql: str, *, names_merchant: bool) -> tuple[str, ...]:
    """The forms in a statement that Citus does not take; ``names_merchant`` of all its tables."""
    return tuple(_refused(sql, names_merchant=names_merchant))


def _refused(sql: str, *, names_merchant: bool) -> Iterator[str]:
    if _SHARED_LOCKS.search(sql) and _OF_ALL.search(sql):
        yield "it locks a row on every machine, where two who share it wait for each other"
    if not _OF_MERCHANTS.search(sql):
        return
    if _LOCKS.search(sql) and not names_merchant:
        yield "it locks rows of merchants that it does not name"
    if _WRITING_CTE.search(sql):
        yield "it writes in a common table expression"
    elif len(_WRITE.findall(_LOCKS.sub("", _CONFLICT.sub("", sql)))) > 1:
        yield "it writes twice"
    if conflict := _CONFLICT.search(sql):
        yield from _refused_conflict(sql[: conflict.start()], conflict[1])
    if _NOTIFIES.search(sql):
        yield "it notifies, on the merchant's machine, where nobody listens"
    if _KEEPS_OTHERS.search(sql):
        yield "its outer join brings a merchant's table of all machines to the coordinator"
    if _OF_COORDINATOR.search(sql):
        yield "it joins a merchant's table with one of the coordinator"


def _refused_conflict(before: str, clause: str) -> Iterator[str]:
    clause = _NAMES_COLUMNS.sub("", clause.partition(" RETURNING ")[0])
    calls = set(_CALL.findall(clause)) - _IMMUTABLE
    if calls or _SHIFTED_TIME.search(clause):
        yield "ON CONFLICT calls a function that is not immutable"
    apart = set(_PARAMETER.findall(clause)) - set(_PARAMETER.findall(before))
    if apart and _INSERT_SELECT.search(before):
        # Citus runs the query and the insert apart, and cannot tell the type in the second.
        yield "ON CONFLICT has a parameter that the query lacks"
