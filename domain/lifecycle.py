"""The lifecycle of a service order: a table of actions, their statuses and their actors."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from enum import auto
from typing import Final

from domain.names import Named
from domain.permissions import Permission
from domain.statuses import AFTER_REVIEW, BEFORE_RECEIPT, Status
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
    EXPIRE_FEEDBACK = auto()
    EXPIRE_SHIPMENT = auto()
    SHIP = auto()
    CANCEL = auto()
    RECEIVE = auto()
    REFUND = auto()
    EXCHANGE = auto()
    REPAIR = auto()
    SEND_BACK = auto()
    CLOSE = auto()
    UNDO = auto()
    CONFIRM = auto()
    AUTO_CONFIRM = auto()
    REPORT_UNSOLVED = auto()
    ESCALATE = auto()
    NOTE = auto()


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of an action.

    ``target`` None keeps the status. ``permission`` is the permission that the merchant's staff
    need; None: staff cannot take the action. ``within`` limits the time since the order was
    finished, by source. ``undoes``: one of these actions must have been the last step.
    """

    action: Action
    name: Text
    sources: frozenset[Status]
    target: Status | None
    _: KW_ONLY
    permission: Permission | None = None
    customer: bool = False
    system: bool = False
    decides: bool = False
    batch: bool = False
    needs_address: bool = False
    within: Mapping[Status, timedelta] | None = None
    undoes: frozenset[Action] = frozenset()
    carries: tuple[str, ...] = ()


def _only(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


UNSOLVED_WINDOW: Final = timedelta(days=15)

LIFECYCLE: Final[Mapping[Action, Rule]] = {
    rule.action: rule
    for rule in (
        Rule(
            Action.APPROVE,
            Text("同意客户发货", "Approve: the customer sends the goods"),
            _only(Status.PENDING_REVIEW),
            Status.AWAITING_SHIPMENT,
            permission=Permission.REVIEW,
            decides=True,
            batch=True,
            needs_address=True,
            carries=("returnAddress?", "customerNote?", "reason?"),
        ),
        Rule(
            Action.REJECT,
            Text("审核不通过", "Reject"),
            _only(Status.PENDING_REVIEW),
            Status.REJECTED,
            permission=Permission.REVIEW,
            decides=True,
            batch=True,
            carries=("reason", "customerNote"),
        ),
        Rule(
            Action.RESEND,
            Text("不退货补发新品", "Send a new item without a return"),
            _only(Status.PENDING_REVIEW),
            Status.AWAITING_CONFIRMATION,
            permission=Permission.REVIEW,
            decides=True,
            carries=("goods", "shipment|later", "customerNote"),
        ),
        Rule(
            Action.REQUEST_FEEDBACK,
            Text("待客户反馈", "Ask the customer a question"),
            _only(Status.PENDING_REVIEW),
            Status.AWAITING_FEEDBACK,
            permission=Permission.REVIEW,
            decides=True,
            carries=("question",),
        ),
        Rule(
            Action.RECORD_GIVE_UP,
            Text("客户放弃", "Record that the customer has given up the request"),
            _only(Status.PENDING_REVIEW, Status.AWAITING_FEEDBACK, Status.AWAITING_SHIPMENT),
            Status.CANCELLED,
            permission=Permission.REVIEW,
            decides=True,
            batch=True,
            carries=("customerNote",),
        ),
        Rule(
            Action.AUTO_APPROVE,
            Text("超时自动通过", "Approve at the deadline"),
            _only(Status.PENDING_REVIEW),
            Status.AWAITING_SHIPMENT,
            system=True,
            decides=True,
            needs_address=True,
        ),
        Rule(
            Action.RESPOND,
            Text("客户反馈", "Answer the question"),
            _only(Status.AWAITING_FEEDBACK),
            Status.PENDING_REVIEW,
            customer=True,
            carries=("text|pictures",),
        ),
        Rule(
            Action.EXPIRE_FEEDBACK,
            Text("反馈超时取消", "Cancel because the customer did not answer in time"),
            _only(Status.AWAITING_FEEDBACK),
            Status.CANCELLED,
            system=True,
        ),
        Rule(
            Action.EXPIRE_SHIPMENT,
            Text("发货超时取消", "Cancel because the goods were not sent in time"),
            _only(Status.AWAITING_SHIPMENT),
            Status.CANCELLED,
            system=True,
        ),
        Rule(
            Action.SHIP,
            Text("客户发货", "Send the goods"),
            _only(Status.AWAITING_SHIPMENT),
            Status.AWAITING_RECEIPT,
            permission=Permission.RECEIVE,
            customer=True,
            carries=("carrier", "waybill", "freight?"),
        ),
        Rule(
            Action.CANCEL,
            Text("取消申请", "Cancel"),
            BEFORE_RECEIPT,
            Status.CANCELLED,
            customer=True,
            carries=("reason?",),
        ),
        Rule(
            Action.RECEIVE,
            Text("拆包登记", "Register receipt"),
            _only(Status.AWAITING_RECEIPT),
            Status.AWAITING_PROCESSING,
            permission=Permission.RECEIVE,
            carries=("packing", "function", "appearance", "accessories", "invoice", "remark?"),
        ),
        Rule(
            Action.REFUND,
            Text("退款", "Refund"),
            _only(Status.AWAITING_PROCESSING),
            Status.AWAITING_CONFIRMATION,
            permission=Permission.REFUND,
            carries=("amount",),
        ),
        Rule(
            Action.EXCHANGE,
            Text("换新", "Exchange"),
            _only(Status.AWAITING_PROCESSING),
            Status.AWAITING_CONFIRMATION,
            permission=Permission.PROCESS,
            carries=("newOrder|goods", "waybill"),
        ),
        Rule(
            Action.REPAIR,
            Text("维修", "Repair"),
            _only(Status.AWAITING_PROCESSING),
            Status.AWAITING_CONFIRMATION,
            permission=Permission.PROCESS,
            carries=("report", "waybill"),
        ),
        Rule(
            Action.SEND_BACK,
            Text("原返", "Send back unrepaired"),
            _only(Status.AWAITING_PROCESSING),
            Status.AWAITING_CONFIRMATION,
            permission=Permission.PROCESS,
            carries=("waybill",),
        ),
        Rule(
            Action.CLOSE,
            Text("关闭", "Close"),
            _only(Status.AWAITING_PROCESSING),
            Status.COMPLETED,
            permission=Permission.PROCESS,
            carries=("reason",),
        ),
        Rule(
            Action.UNDO,
            Text("撤销处理", "Undo the last step"),
            _only(Status.AWAITING_CONFIRMATION),
            Status.AWAITING_PROCESSING,
            permission=Permission.PROCESS,
            undoes=frozenset({Action.EXCHANGE, Action.SEND_BACK}),
        ),
        Rule(
            Action.CONFIRM,
            Text("客户确认", "Confirm"),
            _only(Status.AWAITING_CONFIRMATION),
            Status.COMPLETED,
            customer=True,
            carries=("satisfaction?",),
        ),
        Rule(
            Action.AUTO_CONFIRM,
            Text("超时自动确认", "Confirm at the deadline"),
            _only(Status.AWAITING_CONFIRMATION),
            Status.COMPLETED,
            system=True,
        ),
        Rule(
            Action.REPORT_UNSOLVED,
            Text("反馈未解决", "Report that the problem is not solved"),
            _only(Status.AWAITING_CONFIRMATION, Status.COMPLETED),
            Status.AWAITING_PROCESSING,
            customer=True,
            within={Status.COMPLETED: UNSOLVED_WINDOW},
            carries=("message",),
        ),
        Rule(
            Action.ESCALATE,
            Text("申请平台介入", "Ask the platform to step in"),
            AFTER_REVIEW,
            None,
            permission=Permission.PROCESS,
            customer=True,
            carries=("reason",),
        ),
        Rule(
            Action.NOTE,
            Text("内部备注", "Write an internal note"),
            frozenset(Status),
            None,
            permission=Permission.NOTE,
            carries=("text",),
        ),
    )
}
"""The rules by action. The API, the SQL, the documentation and the tests derive from it."""

BATCH: Final = frozenset(action for action, rule in LIFECYCLE.items() if rule.batch)
"""The decisions that a batch can make."""
