"""Tables, queries, the event log and migrations. May import the domain, ``database`` and SQLModel.

Importing the package registers every table, so that foreign keys can be resolved.
"""

from models import (
    accounts,
    application,
    evidence,
    idempotency,
    merchant,
    pause_window,
    refund,
    sandbox,
    service_order,
    staff,
    waybill,
    write_mark,
)

__all__ = [
    "accounts",
    "application",
    "evidence",
    "idempotency",
    "merchant",
    "pause_window",
    "refund",
    "sandbox",
    "service_order",
    "staff",
    "waybill",
    "write_mark",
]
