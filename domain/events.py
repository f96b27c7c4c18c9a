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


INTERNAL: Final = frozenset(
    {
        EventKind.NOTED,
        EventKind.CONTACT_REVEALED,
        EventKind.AUTO_APPROVAL_BLOCKED,
        EventKind.AUTO_APPROVAL_UNBLOCKED,
        EventKind.ASSIGNED,
        EventKind.CLAIMED,
        EventKind.RELEASED,
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
