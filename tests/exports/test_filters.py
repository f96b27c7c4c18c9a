"""A filter that is stored is read again as it was."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from strawberry import ID

from domain.actions import Action
from domain.applications import Expectation
from domain.statuses import Status
from schema import ids
from schema.export_filter import matching, read_filter, stored_filter
from schema.service_order_filter import InstantRange, ServiceOrderFilter

AT = datetime(2026, 11, 22, 12, 30, 0, 250_000, tzinfo=UTC)
RANGE = InstantRange(start=AT, end=AT + timedelta(days=1))
VALUES: dict[str, Any] = {
    "number": "1, 2",
    "order_number": "P1",
    "number_prefix": "1234",
    "waybill": "SF1",
    "phone": "5678",
    "customer_name": "李小",
    "status": [Status.PENDING_REVIEW, Status.REJECTED],
    "expectation": [Expectation.RETURN],
    "application_id": ID(ids.encode("Application", 1, 2)),
    "merchant_id": ID(ids.encode("Merchant", 1)),
    "assignee_id": ID(ids.encode("Employee", 1, 2)),
    "unassigned": False,
    "sku": "SKU-1",
    "customer_ref": "c-1",
    "reason": ["QUALITY.BROKEN"],
    "applied": RANGE,
    "updated": InstantRange(start=AT),
    "due": InstantRange(end=AT),
    "reviewer_id": ID(ids.encode("Employee", 1, 3)),
    "decision": [Action.REJECT],
    "decided": RANGE,
    "received": RANGE,
    "auto_approval_blocked": True,
    "finished": RANGE,
    "overdue": True,
    "due_within": 3600,
    "escalated": False,
    "past_target": True,
}


def test_every_field_of_the_filter_has_a_value_here() -> None:
    assert {field.name for field in fields(ServiceOrderFilter)} == set(VALUES), (
        "add a value for the new field to VALUES"
    )


@pytest.mark.parametrize("name", VALUES)
def test_a_field_is_read_as_it_was_stored(name: str) -> None:
    filter_ = ServiceOrderFilter(**{name: VALUES[name]})
    stored = stored_filter(filter_)
    assert stored is not None
    assert list(stored) == [name]
    assert read_filter(stored) == filter_
    assert matching(stored, 1, AT).where


def test_no_filter_stays_none() -> None:
    assert stored_filter(None) is None
    assert read_filter(None) is None
    assert matching(None, 1, AT).where == []
