"""The kinds of events on the timeline of a service order."""

from collections.abc import Mapping
from enum import auto
from typing import Final

from domain.actions import Action
from domain.names import Named


class EventKind(Named):
    """A kind of event."""

    SUBMITTED = auto()
    APPROVED = auto()
    REJECTED = auto()
    RESENT = auto()
    FEEDBACK_REQUESTED = auto()
    GIVEN_UP = auto()
    AUTO_APPROVED = auto()
    AUTO_APPROVAL_BLOCKED = auto()
    AUTO_APPROVAL_UNBLOCKED = auto()
    RESPONDED = auto()
    AMENDED = auto()
    FEEDBACK_EXPIRED = auto()
    SHIPMENT_EXPIRED = auto()
    SHIPPED = auto()
    WAYBILL_CORRECTED = auto()
    CANCELLED = auto()
    RECEIVED = auto()
    CANCELLED_RECEIVED = auto()
    CANCELLED_RETURNED = auto()
    REFUNDED = auto()
    REFUND_SETTLED = auto()
    REFUND_FAILED = auto()
    EXCHANGED = auto()
    REPAIRED = auto()
    SENT_BACK = auto()
    SOLVED = auto()
    SHIPMENT_UPDATED = auto()
    REPLIED = auto()
    CLOSED = auto()
    UNDONE = auto()
    CONFIRMED = auto()
    AUTO_CONFIRMED = auto()
    REPORTED_UNSOLVED = auto()
    ESCALATED = auto()
    NOTED = auto()
    CONTACT_REVEALED = auto()
    CLOCK_MOVED = auto()
    REOPENED = auto()
    APPROVAL_WITHDRAWN = auto()
    RETURN_ADDRESS_CHANGED = auto()
    ASSIGNED = auto()
    CLAIMED = auto()
    RELEASED = auto()
    RULED_RETURN = auto()
    RULED_PROCESS = auto()
    RULED_CANCELLED = auto()
    RULED_CLOSED = auto()
    RULED_UPHELD = auto()
    PERSONAL_DATA_ERASED = auto()


INTERNAL: Final = frozenset(
    {
        EventKind.NOTED,
        EventKind.CONTACT_REVEALED,
        EventKind.AUTO_APPROVAL_BLOCKED,
        EventKind.AUTO_APPROVAL_UNBLOCKED,
        EventKind.ASSIGNED,
        EventKind.CLAIMED,
        EventKind.RELEASED,
        EventKind.PERSONAL_DATA_ERASED,
    }
)
"""The kinds of events that customers do not see."""

CUSTOMER_DETAILS: Final = frozenset(
    {
        "returnAddress",
        "shipment",
        "reason",
        "explanation",
        "pictures",
        "contact",
        "carrier",
        "waybill",
        "freight",
        "packing",
        "function",
        "appearance",
        "accessories",
        "invoice",
        "receivedQuantity",
        "goods",
        "remark",
        "refund",
        "amount",
        "method",
        "newOrderNumber",
        "report",
        "satisfaction",
        "window",
        "from",
        "to",
        "remedy",
    }
)
"""The details of events that customers see. A new detail is internal until it is listed here."""

EVENTS: Final[Mapping[Action, EventKind]] = {
    Action.APPROVE: EventKind.APPROVED,
    Action.REJECT: EventKind.REJECTED,
    Action.RESEND: EventKind.RESENT,
    Action.REQUEST_FEEDBACK: EventKind.FEEDBACK_REQUESTED,
    Action.RECORD_GIVE_UP: EventKind.GIVEN_UP,
    Action.AUTO_APPROVE: EventKind.AUTO_APPROVED,
    Action.RESPOND: EventKind.RESPONDED,
    Action.AMEND: EventKind.AMENDED,
    Action.EXPIRE_FEEDBACK: EventKind.FEEDBACK_EXPIRED,
    Action.EXPIRE_SHIPMENT: EventKind.SHIPMENT_EXPIRED,
    Action.SHIP: EventKind.SHIPPED,
    Action.CORRECT_WAYBILL: EventKind.WAYBILL_CORRECTED,
    Action.CANCEL: EventKind.CANCELLED,
    Action.RECEIVE: EventKind.RECEIVED,
    Action.RECEIVE_CANCELLED: EventKind.CANCELLED_RECEIVED,
    Action.RETURN_CANCELLED: EventKind.CANCELLED_RETURNED,
    Action.REFUND: EventKind.REFUNDED,
    Action.SETTLE_REFUND: EventKind.REFUND_SETTLED,
    Action.FAIL_REFUND: EventKind.REFUND_FAILED,
    Action.EXCHANGE: EventKind.EXCHANGED,
    Action.REPAIR: EventKind.REPAIRED,
    Action.SEND_BACK: EventKind.SENT_BACK,
    Action.SOLVE: EventKind.SOLVED,
    Action.UPDATE_SHIPMENT: EventKind.SHIPMENT_UPDATED,
    Action.REPLY: EventKind.REPLIED,
    Action.CLOSE: EventKind.CLOSED,
    Action.UNDO: EventKind.UNDONE,
    Action.CONFIRM: EventKind.CONFIRMED,
    Action.AUTO_CONFIRM: EventKind.AUTO_CONFIRMED,
    Action.REPORT_UNSOLVED: EventKind.REPORTED_UNSOLVED,
    Action.ESCALATE: EventKind.ESCALATED,
    Action.NOTE: EventKind.NOTED,
    Action.REOPEN: EventKind.REOPENED,
    Action.WITHDRAW_APPROVAL: EventKind.APPROVAL_WITHDRAWN,
    Action.CHANGE_RETURN_ADDRESS: EventKind.RETURN_ADDRESS_CHANGED,
    Action.ASSIGN: EventKind.ASSIGNED,
    Action.CLAIM: EventKind.CLAIMED,
    Action.RELEASE: EventKind.RELEASED,
    Action.RULE_RETURN: EventKind.RULED_RETURN,
    Action.RULE_PROCESS: EventKind.RULED_PROCESS,
    Action.RULE_CANCEL: EventKind.RULED_CANCELLED,
    Action.RULE_CLOSE: EventKind.RULED_CLOSED,
    Action.RULE_UPHOLD: EventKind.RULED_UPHELD,
}
"""The event of each action."""

EVERY_KIND: Final = frozenset({"targetAt", "previousAssigneeId", "previousAssignee"})
"""The details that an event of any kind may have: a step can set a target, and free the order."""

_DECIDED: Final = frozenset(
    {"returnAddress", "returnAddressRule", "shipment", "reason", "ownReason", "pictures"}
)
_ASSIGNED: Final = frozenset({"assigneeId", "assignee", "cause"})
_PROCESSED: Final = frozenset({"newOrderNumber", "report", "shipment"})
_REFUNDED: Final = frozenset({"refund", "amount", "freight", "method"})
_EXPLAINED: Final = frozenset({"explanation"})
_PICTURES: Final = frozenset({"pictures"})
_RULED: Final = frozenset({"remedy", "amount"})
_ADDRESS: Final = frozenset({"returnAddress", "returnAddressRule"})

DETAILS: Final[Mapping[EventKind, frozenset[str]]] = {
    EventKind.SUBMITTED: _PICTURES,
    EventKind.APPROVED: _DECIDED,
    EventKind.REJECTED: _DECIDED,
    EventKind.RESENT: _DECIDED,
    EventKind.FEEDBACK_REQUESTED: _DECIDED,
    EventKind.GIVEN_UP: _DECIDED,
    EventKind.AUTO_APPROVED: _DECIDED | _EXPLAINED,
    EventKind.RESPONDED: _PICTURES,
    EventKind.AMENDED: frozenset({"pictures", "contact"}),
    EventKind.FEEDBACK_EXPIRED: _EXPLAINED,
    EventKind.SHIPMENT_EXPIRED: _EXPLAINED,
    EventKind.SHIPPED: frozenset({"carrier", "waybill", "freight"}),
    EventKind.WAYBILL_CORRECTED: frozenset({"carrier", "waybill"}),
    EventKind.RECEIVED: frozenset(
        {
            "packing",
            "function",
            "appearance",
            "accessories",
            "invoice",
            "receivedQuantity",
            "goods",
            "remark",
            "pictures",
        }
    ),
    EventKind.CANCELLED_RECEIVED: frozenset({"remark", "pictures"}),
    EventKind.CANCELLED_RETURNED: frozenset({"shipment"}),
    EventKind.REFUNDED: _REFUNDED,
    EventKind.REFUND_SETTLED: _REFUNDED,
    EventKind.REFUND_FAILED: _REFUNDED,
    EventKind.EXCHANGED: _PROCESSED,
    EventKind.REPAIRED: _PROCESSED,
    EventKind.SENT_BACK: _PROCESSED,
    EventKind.SHIPMENT_UPDATED: frozenset({"shipment"}),
    EventKind.CONFIRMED: frozenset({"satisfaction"}),
    EventKind.AUTO_CONFIRMED: _EXPLAINED,
    EventKind.CONTACT_REVEALED: frozenset({"export"}),
    EventKind.CLOCK_MOVED: frozenset({"window", "from", "to"}),
    EventKind.RETURN_ADDRESS_CHANGED: _ADDRESS,
    EventKind.ASSIGNED: _ASSIGNED,
    EventKind.CLAIMED: _ASSIGNED,
    EventKind.RELEASED: _ASSIGNED,
    EventKind.RULED_RETURN: _RULED | _ADDRESS,
    EventKind.RULED_PROCESS: _RULED,
    EventKind.RULED_CANCELLED: _RULED,
    EventKind.RULED_CLOSED: _RULED,
    EventKind.RULED_UPHELD: _RULED,
    EventKind.PERSONAL_DATA_ERASED: frozenset({"erasure"}),
}
"""The details that an event of each kind may have besides those of ``EVERY_KIND``."""
