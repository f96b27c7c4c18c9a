"""The statuses of a service order and their names."""

from collections.abc import Mapping
from enum import auto
from typing import Final

from domain.names import Named
from domain.text import Text


class Status(Named):
    """The status of a service order."""

    PENDING_REVIEW = auto()
    AWAITING_FEEDBACK = auto()
    AWAITING_SHIPMENT = auto()
    AWAITING_RECEIPT = auto()
    AWAITING_PROCESSING = auto()
    AWAITING_CONFIRMATION = auto()
    COMPLETED = auto()
    REJECTED = auto()
    CANCELLED = auto()


FINAL: Final = frozenset({Status.COMPLETED, Status.REJECTED, Status.CANCELLED})
UNFINISHED: Final = frozenset(Status) - FINAL
BEFORE_RECEIPT: Final = frozenset(
    {
        Status.PENDING_REVIEW,
        Status.AWAITING_FEEDBACK,
        Status.AWAITING_SHIPMENT,
        Status.AWAITING_RECEIPT,
    }
)
AFTER_REVIEW: Final = frozenset(Status) - {Status.PENDING_REVIEW, Status.AWAITING_FEEDBACK}

STATUS_NAMES: Final[Mapping[Status, Text]] = {
    Status.PENDING_REVIEW: Text("待审核", "Waiting for the merchant's decision"),
    Status.AWAITING_FEEDBACK: Text("待客户反馈", "Waiting for the customer's answer"),
    Status.AWAITING_SHIPMENT: Text("待客户发货", "Waiting for the customer to send the goods"),
    Status.AWAITING_RECEIPT: Text("待收货", "Waiting for the merchant to receive the goods"),
    Status.AWAITING_PROCESSING: Text("待处理", "Waiting for the merchant to process the goods"),
    Status.AWAITING_CONFIRMATION: Text(
        "待客户确认", "Waiting for the customer to confirm the outcome"
    ),
    Status.COMPLETED: Text("完成", "Finished"),
    Status.REJECTED: Text("审核不通过", "Rejected at review"),
    Status.CANCELLED: Text("取消", "Given up, withdrawn or expired"),
}
