"""The enums of revision 0001, with the values that they had then."""

from typing import Final

import sqlalchemy as sa

ACTOR_KINDS: Final = ("PLATFORM", "MAIN_ACCOUNT", "EMPLOYEE", "CONNECTOR", "CUSTOMER", "SYSTEM")
ENROLMENT_STATUSES: Final = ("NOT_ENROLLED", "PENDING_REVIEW", "ENABLED", "REJECTED", "SUSPENDED")
STATUSES: Final = (
    "PENDING_REVIEW",
    "AWAITING_FEEDBACK",
    "AWAITING_SHIPMENT",
    "AWAITING_RECEIPT",
    "AWAITING_PROCESSING",
    "AWAITING_CONFIRMATION",
    "COMPLETED",
    "REJECTED",
    "CANCELLED",
)
ACTIONS: Final = (
    "APPROVE",
    "REJECT",
    "RESEND",
    "REQUEST_FEEDBACK",
    "RECORD_GIVE_UP",
    "AUTO_APPROVE",
    "RESPOND",
    "EXPIRE_FEEDBACK",
    "EXPIRE_SHIPMENT",
    "SHIP",
    "CANCEL",
    "RECEIVE",
    "REFUND",
    "EXCHANGE",
    "REPAIR",
    "SEND_BACK",
    "CLOSE",
    "UNDO",
    "CONFIRM",
    "AUTO_CONFIRM",
    "REPORT_UNSOLVED",
    "ESCALATE",
    "NOTE",
)
EXPECTATIONS: Final = ("RETURN", "EXCHANGE", "REPAIR")
LOGISTICS: Final = ("CUSTOMER_SHIPS", "DROP_OFF", "PICKUP")
EVENT_KINDS: Final = (
    "SUBMITTED",
    "APPROVED",
    "REJECTED",
    "RESENT",
    "FEEDBACK_REQUESTED",
    "GIVEN_UP",
    "AUTO_APPROVED",
    "AUTO_APPROVAL_BLOCKED",
    "AUTO_APPROVAL_UNBLOCKED",
    "RESPONDED",
    "FEEDBACK_EXPIRED",
    "SHIPMENT_EXPIRED",
    "SHIPPED",
    "CANCELLED",
    "RECEIVED",
    "REFUNDED",
    "EXCHANGED",
    "REPAIRED",
    "SENT_BACK",
    "CLOSED",
    "UNDONE",
    "CONFIRMED",
    "AUTO_CONFIRMED",
    "REPORTED_UNSOLVED",
    "ESCALATED",
    "NOTED",
    "CONTACT_REVEALED",
    "CLOCK_MOVED",
)


def checked(values: tuple[str, ...], *, name: str) -> sa.Enum:
    """The type of a text column that a CHECK constraint with this name limits to the values."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
