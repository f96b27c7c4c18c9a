"""Tables, queries, the event log and migrations. May import the domain, ``database`` and SQLModel.

Importing the package registers every table, so that foreign keys can be resolved.
"""

from models import (
    accounts,
    alerts,
    application,
    evaluation,
    evidence,
    export,
    feed,
    idempotency,
    merchant,
    note_template,
    pause_window,
    quality,
    reason,
    refund,
    sandbox,
    service_order,
    single_sign_on,
    staff,
    staff_event,
    waybill,
    webhook,
    write_mark,
)

__all__ = [
    "accounts",
    "alerts",
    "application",
    "evaluation",
    "evidence",
    "export",
    "feed",
    "idempotency",
    "merchant",
    "note_template",
    "pause_window",
    "quality",
    "reason",
    "refund",
    "sandbox",
    "service_order",
    "single_sign_on",
    "staff",
    "staff_event",
    "waybill",
    "webhook",
    "write_mark",
]
