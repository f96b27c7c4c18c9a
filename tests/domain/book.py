"""Section 6 of the specification, copied by hand: what the rules are held to, and not made from."""

from dataclasses import dataclass

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
    "before-receipt": STATUSES[:4],
    "after-review": STATUSES[2:],
    "any": STATUSES,
}

# action | from | to (`=`: the status stays) | who: a permission, `customer`, `system`
LIFECYCLE = """
APPROVE          | PENDING_REVIEW                    | AWAITING_SHIPMENT     | REVIEW
REJECT           | PENDING_REVIEW                    | REJECTED              | REVIEW
RESEND           | PENDING_REVIEW                    | AWAITING_CONFIRMATION | REVIEW
REQUEST_FEEDBACK | PENDING_REVIEW                    | AWAITING_FEEDBACK     | REVIEW
RECORD_GIVE_UP   | PENDING_REVIEW AWAITING_FEEDBACK AWAITING_SHIPMENT | CANCELLED | REVIEW
AUTO_APPROVE     | PENDING_REVIEW                    | AWAITING_SHIPMENT     | system
RESPOND          | AWAITING_FEEDBACK                 | PENDING_REVIEW        | customer
EXPIRE_FEEDBACK  | AWAITING_FEEDBACK                 | CANCELLED             | system
EXPIRE_SHIPMENT  | AWAITING_SHIPMENT                 | CANCELLED             | system
SHIP             | AWAITING_SHIPMENT                 | AWAITING_RECEIPT      | customer RECEIVE
CANCEL           | before-receipt                    | CANCELLED             | customer
RECEIVE          | AWAITING_RECEIPT                  | AWAITING_PROCESSING   | RECEIVE
REFUND           | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | REFUND
EXCHANGE         | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | PROCESS
REPAIR           | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | PROCESS
SEND_BACK        | AWAITING_PROCESSING               | AWAITING_CONFIRMATION | PROCESS
CLOSE            | AWAITING_PROCESSING               | COMPLETED             | PROCESS
UNDO             | AWAITING_CONFIRMATION             | AWAITING_PROCESSING   | PROCESS
CONFIRM          | AWAITING_CONFIRMATION             | COMPLETED             | customer
AUTO_CONFIRM     | AWAITING_CONFIRMATION             | COMPLETED             | system
REPORT_UNSOLVED  | AWAITING_CONFIRMATION COMPLETED   | AWAITING_PROCESSING   | customer
ESCALATE         | after-review                      | =                     | customer PROCESS
NOTE             | any                               | =                     | NOTE
"""

DECISIONS = ["APPROVE", "REJECT", "RESEND", "REQUEST_FEEDBACK", "RECORD_GIVE_UP", "AUTO_APPROVE"]
"""After one of these, whoever comes late is told who decided what."""

RESTS_WHILE_NOT_ENABLED = ["REVIEW", "RECEIVE", "PROCESS", "REFUND"]
"""§3: every review, receive or process action is refused; a refund is one of processing."""

INTERNAL = ["NOTED", "CONTACT_REVEALED"]
"""The events that a customer does not see."""

NEEDS_AN_ADDRESS = ["APPROVE", "AUTO_APPROVE"]
UNDOES = ["EXCHANGE", "SEND_BACK"]


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    action: str
    sources: frozenset[str]
    target: str | None
    permission: str | None
    customer: bool
    system: bool


def _line(text: str) -> Line:
    action, sources, target, who = (part.strip() for part in text.split("|"))
    permissions = set(who.split()) - {"customer", "system"}
    return Line(
        action=action,
        sources=frozenset(one for said in sources.split() for one in GROUPS.get(said, [said])),
        target=None if target == "=" else target,
        permission=permissions.pop() if permissions else None,
        customer="customer" in who.split(),
        system="system" in who.split(),
    )


LINES = {line.action: line for line in map(_line, LIFECYCLE.strip().splitlines())}


def should_have(action: str) -> str:
    """The message of a failed test: the book lacks an action."""
    return (
        f"copy {action} from the specification into LIFECYCLE in tests/domain/book.py, and into"
        " the lists below it if it decides, needs an address or leaves an internal event"
    )
