"""The actions on a service order, and the form of the rule that each of them has."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from enum import auto
from itertools import chain

from domain.names import Named
from domain.permissions import Permission
from domain.statuses import Status
from domain.text import Text


class Action(Named):
    """An action on a service order."""

    APPROVE = auto()
    REJECT = auto()
    RESEND = auto()
    REQUEST_FEEDBACK = auto()
    RECORD_GIVE_UP = auto()
    AUTO_APPROVE = auto()
    RESPOND = auto()
    AMEND = auto()
    EXPIRE_FEEDBACK = auto()
    EXPIRE_SHIPMENT = auto()
    SHIP = auto()
    CORRECT_WAYBILL = auto()
    CANCEL = auto()
    RECEIVE = auto()
    RECEIVE_CANCELLED = auto()
    RETURN_CANCELLED = auto()
    REFUND = auto()
    SETTLE_REFUND = auto()
    FAIL_REFUND = auto()
    EXCHANGE = auto()
    REPAIR = auto()
    SEND_BACK = auto()
    SOLVE = auto()
    UPDATE_SHIPMENT = auto()
    REPLY = auto()
    CLOSE = auto()
    UNDO = auto()
    CONFIRM = auto()
    AUTO_CONFIRM = auto()
    REPORT_UNSOLVED = auto()
    ESCALATE = auto()
    NOTE = auto()
    REOPEN = auto()
    WITHDRAW_APPROVAL = auto()
    CHANGE_RETURN_ADDRESS = auto()
    ASSIGN = auto()
    CLAIM = auto()
    RELEASE = auto()
    RULE_RETURN = auto()
    RULE_PROCESS = auto()
    RULE_CANCEL = auto()
    RULE_CLOSE = auto()
    RULE_UPHOLD = auto()


class Need(Named):
    """A fact about an order, besides its status, that an action requires."""

    REFUNDS_SETTLED = auto()
    """No refund waits for the outcome of its payment."""
    REFUND_PENDING = auto()
    """A refund waits for the outcome of its payment."""
    IN_TRANSIT = auto()
    """The goods were sent and have not arrived."""
    ARRIVED = auto()
    """The goods have arrived and were not sent back."""
    NOT_ESCALATED = auto()
    """The platform has not been asked to step in, or has ruled and the customer objected anew."""
    ESCALATED = auto()
    """The platform was asked to step in and has not ruled since."""
    NOT_RULED = auto()
    """The last step was not a ruling of the platform, which stands."""
    SENT = auto()
    """The merchant has sent something to the customer, or is to send it."""
    NOT_REOPENED = auto()
    """The order has never been reopened."""
    APPROVED_BY_PERSON = auto()
    """The approval was not made by the system."""
    REVIEW_TIME_LEFT = auto()
    """The review clock had time left when the latest decision was made."""
    UNASSIGNED = auto()
    """No employee is in charge of the order."""
    ASSIGNED = auto()
    """An employee is in charge of the order."""


class ReviewResumption(Named):
    """How the review clock goes on when an action brings an order back to review."""

    ANSWERED = auto()
    """With the remaining time, and enough of it to read the customer's answer."""
    WITHDRAWN = auto()
    """With exactly the time that remained when the decision was made."""
    RESTARTED = auto()
    """With a new window."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the lifecycle.

    ``target`` None leaves the status as it is. ``permission`` is what the merchant's staff need;
    None means that staff cannot do it. ``connector`` is the scope with which a connector may do
    it, ``platform`` what the platform's staff need. ``within`` limits a source: so long after the
    order was finished. ``after`` names the actions of which one must have been the last step.
    ``needs`` lists further facts of the order. ``resumption`` says how the review clock goes on,
    for a ``target`` that waits for review.

    ``by_status`` stands instead of ``permission`` where staff need one of several permissions, or
    other ones in each status. ``others`` is what they need besides if the order is assigned to
    somebody else.
    """

    action: Action
    name: Text
    sources: frozenset[Status]
    target: Status | None
    _: KW_ONLY
    permission: Permission | None = None
    by_status: Mapping[Status, tuple[Permission, ...]] | None = None
    others: Permission | None = None
    connector: Permission | None = None
    platform: Permission | None = None
    customer: bool = False
    system: bool = False
    decides: bool = False
    batch: bool = False
    needs_address: bool = False
    resumption: ReviewResumption = ReviewResumption.ANSWERED
    within: Mapping[Status, timedelta] | None = None
    after: frozenset[Action] = frozenset()
    needs: tuple[Need, ...] = ()
    carries: tuple[str, ...] = ()

    @property
    def takes_back(self) -> bool:
        """Whether the action takes back the latest decision: the order is undecided again."""
        return self.resumption is not ReviewResumption.ANSWERED

    @property
    def staff(self) -> tuple[Permission, ...]:
        """Every permission with which staff may take the action; empty if they cannot."""
        if self.by_status is None:
            return () if self.permission is None else (self.permission,)
        return tuple(dict.fromkeys(chain.from_iterable(self.by_status.values())))

    def staff_in(self, status: Status) -> tuple[Permission, ...]:
        """The permissions of which staff need one with an order in the status."""
        return (self.by_status or {}).get(status) or self.staff
