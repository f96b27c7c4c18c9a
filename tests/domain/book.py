"""The lifecycle, written by hand from the specification: what the rules are held to."""

from dataclasses import dataclass
from itertools import chain

STATUSES = [
    "PENDING_REVIEW",
    "AWAITING_FEEDBACK",
    "AWAITING_SHIPMENT",
    "AWAITING_RECEIPT",
    "AWAITING_PROCESSING",
    "AWAITING_CONFIRMATION",
    "COMPLETED",
    "REJECTED",
    "CANCELLED",
]
GROUPS = {
    "to-review": STATUSES[:2],
    "received": STATUSES[4:6],
    "before-receipt": STATUSES[:4],
    "after-review": STATUSES[2:],
    "after-receipt": STATUSES[4:],
    "any": STATUSES,
    "unfinished": STATUSES[:6],
}
WORK = {
    "PENDING_REVIEW": ["REVIEW"],
    "AWAITING_FEEDBACK": ["REVIEW"],
    "AWAITING_SHIPMENT": ["RECEIVE"],
    "AWAITING_RECEIPT": ["RECEIVE"],
    "AWAITING_PROCESSING": ["PROCESS", "REFUND"],
    "AWAITING_CONFIRMATION": ["PROCESS", "REFUND"],
}
"""The permissions of which one is needed to work on an order in the status."""
ANYBODY = ["REVIEW", "RECEIVE", "PROCESS", "REFUND", "ASSIGN"]
BY_STATUS = {"queue": WORK, "anybody": dict.fromkeys(WORK, ANYBODY)}
"""What stands in the table where several permissions do, or other ones in each status."""

# action | from | to (`=`: the status stays) | who: a permission, `customer`, `system`, `connector`,
# `platform` before the permission of the platform's own people
LIFECYCLE = """
APPROVE          | to-review                         | AWAITING_SHIPMENT     | REVIEW
REJECT           | to-review                         | REJECTED              | REVIEW
RESEND           | PENDING_REVIEW                    | AWAITING_CONFIRMATION | REVIEW
REQUEST_FEEDBACK | to-review                         | AWAITING_FEEDBACK     | REVIEW
RECORD_GIVE_UP   | PENDING_REVIEW AWAITING_FEEDBACK AWAITING_SHIPMENT | CANCELLED | REVIEW
AUTO_APPROVE     | PENDING_REVIEW                    | AWAITING_SHIPMENT     | system
RESPOND          | AWAITING_FEEDBACK                 | PENDING_REVIEW        | customer REVIEW
AMEND            | to-review                         | =                     | customer
EXPIRE_FEEDBACK  | AWAITING_FEEDBACK                 | CANCELLED             | system
EXPIRE_SHIPMENT  | AWAITING_SHIPMENT                 | CANCELLED             | system
SHIP             | AWAITING_SHIPMENT                 | AWAITING_RECEIPT      | customer RECEIVE
CORRECT_WAYBILL  | AWAITING_RECEIPT                  | =                     | customer RECEIVE
CANCEL           | before-receipt                    | CANCELLED             | customer
RECEIVE          | AWAITING_RECEIPT                  | AWAITING_PROCESSING   | RECEIVE
RECEIVE_CANCELLED | CANCELLED                        | =                     | RECEIVE
RETURN_CANCELLED | CANCELLED                         | =                     | RECEIVE
REFUND           | received                          | AWAITING_CONFIRMATION | REFUND
SETTLE_REFUND    | received                          | =                     | REFUND connector
FAIL_REFUND      | received                          | AWAITING_PROCESSING   | REFUND connector
EXCHANGE         | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | PROCESS
REPAIR           | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | PROCESS
SEND_BACK        | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | PROCESS
SOLVE            | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | PROCESS
UPDATE_SHIPMENT  | received COMPLETED CANCELLED      | =                     | RECEIVE
REPLY            | received                          | =                     | customer PROCESS
CLOSE            | AWAITING_PROCESSING               | COMPLETED             | PROCESS
UNDO             | AWAITING_CONFIRMATION             | AWAITING_PROCESSING   | PROCESS
CONFIRM          | AWAITING_CONFIRMATION             | COMPLETED             | customer
AUTO_CONFIRM     | AWAITING_CONFIRMATION             | COMPLETED             | system
REPORT_UNSOLVED  | AWAITING_CONFIRMATION COMPLETED   | AWAITING_PROCESSING   | customer
ESCALATE         | after-review                      | =                     | customer PROCESS
NOTE             | any                               | =                     | NOTE
REOPEN           | REJECTED                          | PENDING_REVIEW        | REVIEW
WITHDRAW_APPROVAL | AWAITING_SHIPMENT                | PENDING_REVIEW        | REVIEW
CHANGE_RETURN_ADDRESS | AWAITING_SHIPMENT            | =                     | REVIEW
ASSIGN           | unfinished                        | =                     | ASSIGN
CLAIM            | unfinished                        | =                     | queue
RELEASE          | unfinished                        | =                     | anybody
RULE_RETURN      | after-receipt                     | AWAITING_SHIPMENT     | platform INTERVENE
RULE_PROCESS     | after-review                      | AWAITING_PROCESSING   | platform INTERVENE
RULE_CANCEL      | AWAITING_SHIPMENT AWAITING_RECEIPT | CANCELLED            | platform INTERVENE
RULE_CLOSE       | received COMPLETED                | COMPLETED             | platform INTERVENE
RULE_UPHOLD      | REJECTED CANCELLED                | =                     | platform INTERVENE
"""

DECISIONS = ["APPROVE", "REJECT", "RESEND", "REQUEST_FEEDBACK", "RECORD_GIVE_UP", "AUTO_APPROVE"]
"""After one of these, whoever comes late is told who decided what."""

RESTS_WHILE_NOT_ENABLED = ["REVIEW", "RECEIVE", "PROCESS", "REFUND"]
"""§3: every review, receive or process action is refused; a refund is one of processing."""

INTERNAL = [
    "NOTED",
    "CONTACT_REVEALED",
    "AUTO_APPROVAL_BLOCKED",
    "AUTO_APPROVAL_UNBLOCKED",
    "ASSIGNED",
    "CLAIMED",
    "RELEASED",
    "PERSONAL_DATA_ERASED",
]
"""The events that a customer does not see."""

NEEDS_AN_ADDRESS = ["APPROVE", "AUTO_APPROVE", "CHANGE_RETURN_ADDRESS", "RULE_RETURN"]
AFTER = {
    "UNDO": ["EXCHANGE", "SEND_BACK"],
    "SOLVE": ["REPORT_UNSOLVED"],
}
"""The actions of which one must have been the last step."""

NEEDS = {
    "RECEIVE_CANCELLED": "NOT_IN_TRANSIT",
    "RETURN_CANCELLED": "NOT_ARRIVED",
    "SETTLE_REFUND": "NO_REFUND_PENDING",
    "FAIL_REFUND": "NO_REFUND_PENDING",
    "CLOSE": "REFUND_PENDING",
    "CONFIRM": "REFUND_PENDING",
    "AUTO_CONFIRM": "REFUND_PENDING",
    "ESCALATE": "ALREADY_ESCALATED",
    "UPDATE_SHIPMENT": "NOTHING_SENT",
    "REOPEN": "ALREADY_REOPENED",
    "WITHDRAW_APPROVAL": "NO_REVIEW_TIME_LEFT",
    "CLAIM": "ALREADY_ASSIGNED",
    "RELEASE": "NOT_ASSIGNED",
    "RULE_RETURN": "NOT_ESCALATED",
    "RULE_PROCESS": "NOT_ESCALATED",
    "RULE_CANCEL": "NOT_ESCALATED",
    "RULE_CLOSE": "NOT_ESCALATED",
    "RULE_UPHOLD": "NOT_ESCALATED",
}
"""What further facts of the order an action needs, by what it is refused with."""

REFUNDS_FIRST = ["CLOSE", "CONFIRM", "AUTO_CONFIRM", "RULE_RETURN", "RULE_CLOSE"]
"""What no order is taken to while a refund waits for its payment."""

BOUND = ["RECORD_GIVE_UP", "SEND_BACK", "CLOSE", "REPORT_UNSOLVED", "WITHDRAW_APPROVAL"]
"""What nobody does right after a ruling: it would undo what the platform ruled."""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    action: str
    sources: frozenset[str]
    target: str | None
    permission: str | None
    customer: bool
    system: bool
    connector: bool
    by_status: dict[str, list[str]] | None = None
    platform: str | None = None

    def staff_in(self, status: str) -> list[str]:
        """The permissions of which staff need one; with a finished order, one of all of them."""
        if self.by_status is None:
            return [self.permission] if self.permission else []
        return self.by_status.get(status) or [*chain.from_iterable(self.by_status.values())]


def _line(text: str) -> Line:
    action, sources, target, who = (part.strip() for part in text.split("|"))
    permissions = set(who.split()) - {"customer", "system", "connector", "platform", *BY_STATUS}
    permission = permissions.pop() if permissions else None
    is_platform = "platform" in who.split()
    return Line(
        action=action,
        sources=frozenset(one for said in sources.split() for one in GROUPS.get(said, [said])),
        target=None if target == "=" else target,
        permission=None if is_platform else permission,
        customer="customer" in who.split(),
        system="system" in who.split(),
        connector="connector" in who.split(),
        by_status=BY_STATUS.get(who),
        platform=permission if is_platform else None,
    )


LINES = {line.action: line for line in map(_line, LIFECYCLE.strip().splitlines())}


def should_have(action: str) -> str:
    """The message of a failed test: the book lacks an action."""
    return (
        f"copy {action} from the specification into LIFECYCLE in tests/domain/book.py, and into"
        " the lists below it if it decides, needs an address or leaves an internal event"
    )
