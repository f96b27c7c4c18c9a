"""Shared code of the peers in Python: statements, ids, cursors and the pool."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

POOL = 10

COLUMNS = """merchant_id, id, version, status, order_number, expectation, logistics_in, description,
    auto_approval_blocked, applied_at, updated_at, finished_at, assignee_id"""
_QUEUE = "FROM service_order WHERE merchant_id = $1 AND status = $2"
_AFTER = "AND (applied_at, id) < ($4, $5)"
_LATEST = "ORDER BY applied_at DESC, id DESC LIMIT $3"


def page(columns: str, *, after: bool) -> str:
    """The statement for a page: merchant, status, page size, and the cursor's values if any."""
    return f"SELECT {columns} {_QUEUE} {_AFTER if after else ''} {_LATEST}"


ORDER = f"SELECT {COLUMNS} FROM service_order WHERE merchant_id = $1 AND id = $2"
MERCHANTS = "SELECT id, name FROM merchant WHERE id = ANY($1::bigint[])"
ASSIGNEES = """SELECT merchant_id, id, name FROM employee
    WHERE merchant_id = $1 AND id = ANY($2::bigint[])"""
TIMELINES = """SELECT service_order_id, sequence, kind, at, from_status, to_status, actor_kind,
    actor_name FROM service_order_event
    WHERE merchant_id = $1 AND service_order_id = ANY($2::bigint[])
    ORDER BY service_order_id, sequence"""
APPROVE = f"""UPDATE service_order SET status = 'AWAITING_SHIPMENT', version = version + 1,
    last_action = 'APPROVE', decision = 'APPROVE', decided_by_kind = 'EMPLOYEE',
    decided_by_id = $3, decided_by = '客服', decided_at = now(), clock_started_at = now(),
    clock_due_at = now() + interval '7 days', updated_at = now()
    WHERE merchant_id = $1 AND id = $2 AND status = 'PENDING_REVIEW' RETURNING {COLUMNS}"""
APPROVED = """INSERT INTO service_order_event (merchant_id, service_order_id, sequence, kind, at,
    actor_kind, actor_id, actor_name, from_status, to_status)
    VALUES ($1, $2, $3, 'APPROVED', now(), 'EMPLOYEE', $4, '客服', 'PENDING_REVIEW',
    'AWAITING_SHIPMENT')"""


async def open_pool() -> Any:
    """A pool, connected by PGHOST, PGPORT, PGUSER and PGDATABASE. Any: asyncpg has no types."""
    return await asyncpg.create_pool(min_size=POOL, max_size=POOL)


def global_id(said: str) -> str:
    """A global id of type, merchant and key, in this server's form; it needs no "-_"."""
    return binascii.b2a_base64(said.encode(), newline=False).rstrip(b"=").decode()


def number_of(id_: str) -> int:
    """The order's id from its global id."""
    return int(base64.urlsafe_b64decode(id_ + "=" * (-len(id_) % 4)).split(b":")[2])


def cursor_of(applied_at: datetime, number: int) -> str:
    return base64.urlsafe_b64encode(f"{applied_at.isoformat()}|{number}".encode()).decode()


def place_of(cursor: str) -> tuple[datetime, int]:
    applied_at, number = base64.urlsafe_b64decode(cursor).decode().split("|")
    return datetime.fromisoformat(applied_at), int(number)


def who_of(headers: Mapping[str, str]) -> tuple[int, int]:
    """The merchant and the employee, unchecked; this server takes them from its token."""
    return int(headers["x-merchant"]), int(headers["x-employee"])
