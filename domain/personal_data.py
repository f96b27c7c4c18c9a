"""Personal data of customers: where it is stored, and what of it erasure leaves.

The erasing of an application, the doctor and docs/personal-data.md read these tables. A column
with text or JSON that stands in neither of them fails a test.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import auto
from typing import Any, Final, Protocol

from domain.actors import ActorKind
from domain.names import Named
from domain.statuses import FINAL, Status

Value = Any
"""The value of a column. Any: text, JSON or None."""


class ErasureCause(Named):
    """Why personal data was erased."""

    RETENTION = auto()
    REQUEST = auto()


class Standing(Named):
    """Whether the personal data of an order may be erased, and why not."""

    ERASABLE = auto()
    ERASED = auto()
    UNFINISHED = auto()
    ESCALATED = auto()
    TOO_YOUNG = auto()


@dataclass(frozen=True, slots=True)
class Becomes:
    """The column gets this value in place of any other."""

    value: Value = None

    def of(self, _stored: Value, _row: Mapping[str, Value]) -> Value:
        return self.value


@dataclass(frozen=True, slots=True)
class BecomesOfCustomers:
    """The same, in rows whose ``actor_kind`` is that of customers."""

    value: Value = None

    def of(self, stored: Value, row: Mapping[str, Value]) -> Value:
        return self.value if row["actor_kind"] == ActorKind.CUSTOMER else stored


@dataclass(frozen=True, slots=True)
class Loses:
    """Parts of the JSON object become null, each named by the keys that lead to it.

    ``lists`` are keys that are left out, because a list is never null.
    """

    paths: tuple[tuple[str, ...], ...]
    lists: tuple[str, ...] = ()

    def of(self, stored: Value, _row: Mapping[str, Value]) -> Value:
        for path in self.paths:
            stored = _emptied(stored, path)
        if isinstance(stored, Mapping) and not stored.keys().isdisjoint(self.lists):
            return {key: value for key, value in stored.items() if key not in self.lists}
        return stored


Change = Becomes | BecomesOfCustomers | Loses

_WAYBILL: Final = (("waybill",),)
_REMARKS: Final = tuple(
    (finding, "remark")
    for finding in ("packing", "function", "appearance", "accessories", "invoice")
)

ERASED: Final[Mapping[str, Mapping[str, Change]]] = {
    "application": {
        "customer_ref": Becomes(""),
        "customer_name": Becomes(""),
        "customer_phone": Becomes(""),
        "pickup_address": Becomes(),
        "name_key": Becomes(""),
        "phone_key": Becomes(""),
        "content_hash": Becomes(""),
    },
    "service_order": {
        "customer_ref": Becomes(""),
        "description": Becomes(""),
        "pictures": Becomes([]),
        "review_customer_note": Becomes(),
        "review_pictures": Becomes([]),
        "review_shipment": Loses(_WAYBILL),
        "inbound": Loses(_WAYBILL),
        "receipt": Loses((("remark",), *_REMARKS)),
        "receipt_pictures": Becomes([]),
        "processing": Loses((("note",), ("report",), ("outbound", "waybill"))),
        "satisfaction_comment": Becomes(),
        "ruling": Loses((("note",),)),
    },
    "service_order_event": {
        "actor_name": BecomesOfCustomers(""),
        "customer_note": Becomes(),
        "internal_note": Becomes(),
        "details": Loses(
            (
                ("waybill",),
                ("shipment", "waybill"),
                ("report",),
                ("remark",),
                *_REMARKS,
            ),
            lists=("pictures",),
        ),
    },
    "refund": {"failure": Becomes()},
    "webhook_delivery": {"answer": Becomes()},
}
"""What becomes of each column of the rows of an application, its orders, their events, …"""

DELETED: Final[Mapping[str, str]] = {
    "service_order_waybill": "the waybills by which the orders are found",
    "evidence": "the pictures that no other order uses, and their files in the store",
    "evidence_upload": "who uploaded these pictures",
}
"""The tables whose rows are deleted with an application, and what they are."""

EXPIRING: Final[Mapping[str, str]] = {
    "idempotency_key": "deleted after 24 hours; those of the customer at once on request",
    "export": (
        "the file is deleted after a day, at once on request; the filter is erased on request, and "
        "with retention when the export is as old as an order would be"
    ),
}
"""What goes by itself, because nobody needs it for long."""

KEPT: Final[Mapping[str, str]] = {
    "application.external_ref": "a number of the storefront, without which a retry is new",
    "application.order_number": "the purchase: refunds of a line count over all its orders",
    "application.order_key": "the same in the form that searches compare",
    "service_order.order_number": "as in the application",
    "service_order.reason_code": "a code of the catalogue",
    "service_order.own_reason": "a copy of the merchant's catalogue",
    "service_order.sku": "the goods",
    "service_order.item_name": "the goods",
    "service_order.category": "the goods",
    "service_order.warehouse": "the goods",
    "service_order.decided_by": "an employee",
    "service_order.review_reason": "a code of the catalogue",
    "service_order.own_review_reason": "a copy of the merchant's catalogue",
    "service_order.review_address": "the merchant's own address",
    "service_order.review_address_rule": "the merchant's own rule",
    "service_order.clock_pauses": "figures",
    "service_order.review_pauses": "figures",
    "refund.order_number": "as in the application",
    "refund.sku": "the goods",
    "refund.submitted_by": "an employee",
    "refund.payment_ref": "bookkeeping: the number of the payment",
    "webhook_delivery.type": "a name of the API",
    "webhook_delivery.details": "an alert or an endpoint, never an order",
    "quality_case.reason_code": "a code of the catalogue",
    "quality_case.category": "the goods",
}
"""The columns of customers' rows that stay, and why they tell of nobody or have to stay."""

OTHERS: Final[Mapping[str, str]] = {
    "account": "staff",
    "connector": "machines",
    "employee": "staff",
    "employee_role": "staff",
    "enrolment_attempt": "the merchant and staff",
    "evaluation_plan": "the platform's plans",
    "event_feed": "keys of events",
    "event_outbox": "keys of events",
    "feed_head": "positions",
    "identity": "staff",
    "identity_provider": "the merchant's or the platform's settings",
    "merchant": "the merchant's settings",
    "note_template": "the merchant's settings",
    "password_reset": "staff",
    "pause_window": "the platform's calendar",
    "picture_erasure": "keys of pictures that are to be deleted",
    "platform_account_event": "staff",
    "platform_feed_head": "positions",
    "platform_thresholds": "the platform's settings",
    "quality_alert": "figures",
    "quality_alert_event": "figures",
    "quality_benchmark": "figures",
    "quality_head": "positions",
    "quality_snapshot": "figures",
    "quality_watch": "the merchant's settings",
    "reason": "the merchant's settings",
    "return_address": "the merchant's addresses",
    "return_address_rule": "the merchant's settings",
    "role": "staff",
    "sandbox_clock": "the clock",
    "schema_floor": "a version of the tables",
    "sign_in": "staff",
    "sign_in_throttle": "hashes of logins of staff and of addresses, for minutes",
    "staff_event": "staff",
    "suspension": "the merchant and staff",
    "webhook_endpoint": "the merchant's settings",
    "write_mark": "hashes of viewers, for a day",
}
"""The tables that hold nothing of customers, and what they are about."""


class Facts(Protocol):
    """The columns of an order on which its standing depends."""

    status: Status
    finished_at: datetime | None
    escalated_at: datetime | None
    ruled_at: datetime | None
    pending_refunds: int
    personal_data_erased_at: datetime | None


def standing(order: Facts, *, finished_by: datetime | None) -> Standing:
    """Whether the order's personal data may be erased.

    ``finished_by`` is the latest end of an order whose time of retention is over; None on request.
    """
    if order.personal_data_erased_at is not None:
        return Standing.ERASED
    if order.status not in FINAL or order.finished_at is None or order.pending_refunds:
        return Standing.UNFINISHED
    if order.escalated_at is not None and order.ruled_at is None:
        return Standing.ESCALATED
    if finished_by is not None and order.finished_at > finished_by:
        return Standing.TOO_YOUNG
    return Standing.ERASABLE


def erased(table: str, row: Mapping[str, Value]) -> dict[str, Value]:
    """The columns of the row that erasure changes, with their new values."""
    values = {name: change.of(row[name], row) for name, change in ERASED[table].items()}
    return {name: value for name, value in values.items() if value != row[name]}


def pictures_in(order: Mapping[str, Value], events: Sequence[Mapping[str, Value]]) -> Iterator[str]:
    """The hashes of the pictures that an order or one of its events refers to."""
    of_events = [(event["details"] or {}).get("pictures") for event in events]
    columns = (order["pictures"], order["review_pictures"], order["receipt_pictures"])
    for pictures in (*columns, *of_events):
        for picture in pictures or ():
            yield picture["sha256"]


def months_before(now: datetime, months: int) -> datetime:
    """The same day and time some months ago; the last of its month if there is no such day."""
    number = now.year * 12 + now.month - 1 - months
    year, month = divmod(number, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def _emptied(stored: Value, path: Sequence[str]) -> Value:
    if not path:
        return None
    name, *rest = path
    if not isinstance(stored, Mapping) or name not in stored:
        return stored
    return {**stored, name: _emptied(stored[name], rest)}
