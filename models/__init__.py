"""The rows and how to find them. May import the domain, SQLModel and SQLAlchemy.

Importing the package registers every table, so that a foreign key always finds its other end.
"""

from models import (
    accounts,
    application,
    evidence,
    idempotency,
    merchant,
    pause_window,
    sandbox,
    service_order,
    staff,
    write_mark,
)

__all__ = [
    "accounts",
    "application",
    "evidence",
    "idempotency",
    "merchant",
    "pause_window",
    "sandbox",
    "service_order",
    "staff",
    "write_mark",
]
