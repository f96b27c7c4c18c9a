"""The queues of the desk, and the permissions that working on an order takes in each status."""

from collections.abc import Mapping
from enum import auto
from typing import Final

from domain.names import Named
from domain.permissions import Permission
from domain.statuses import Status


class Queue(Named):
    """A queue of orders that wait for the merchant."""

    REVIEW = auto()
    RECEIPT = auto()
    PROCESSING = auto()


QUEUE_STATUSES: Final[Mapping[Queue, Status]] = {
    Queue.REVIEW: Status.PENDING_REVIEW,
    Queue.RECEIPT: Status.AWAITING_RECEIPT,
    Queue.PROCESSING: Status.AWAITING_PROCESSING,
}
"""The status of the orders in each queue."""

WORK_PERMISSIONS: Final[Mapping[Status, tuple[Permission, ...]]] = {
    Status.PENDING_REVIEW: (Permission.REVIEW,),
    Status.AWAITING_FEEDBACK: (Permission.REVIEW,),
    Status.AWAITING_SHIPMENT: (Permission.RECEIVE,),
    Status.AWAITING_RECEIPT: (Permission.RECEIVE,),
    Status.AWAITING_PROCESSING: (Permission.PROCESS, Permission.REFUND),
    Status.AWAITING_CONFIRMATION: (Permission.PROCESS, Permission.REFUND),
}
"""The permissions of which one is needed to work on an unfinished order, by its status."""
