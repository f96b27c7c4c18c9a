"""The changes of refunds, and the rows of the refunds themselves."""

from datetime import timedelta
from typing import Final

from demo import sayings
from demo.ids import Ids
from demo.replay import Row
from demo.steps.stage import Stage
from domain.actions import Action
from domain.desk.refunds import RefundMethod, RefundStatus, freight_of
from models.journal.change import Change, refund_change, refund_report_change

_METHODS: Final = (RefundMethod.ORIGINAL_PAYMENT, RefundMethod.BALANCE, RefundMethod.OFFLINE)
_WEIGHTS: Final = (8, 2, 1)

_PARTIAL: Final = 0.15
"""The share of refunds that leave a part of what was paid to the merchant."""

_FREIGHT: Final = 0.5
"""The share of refunds that return the freight too, if the customer paid any."""

_SMALLEST: Final = 100
"""The least part of a refund, in fen."""


def refund_row(stage: Stage, ids: Ids) -> Row | None:
    """The refund that the step submits or reports, as it is after the step."""
    if stage.action is Action.REFUND:
        return _submitted(stage, ids)
    if stage.action in (Action.SETTLE_REFUND, Action.FAIL_REFUND):
        return _reported(stage)
    return None


def refund(stage: Stage, row: Row) -> Change:
    return refund_change(
        by=stage.actor.name,
        refund_id=row["id"],
        amount=row["amount"],
        freight=row["freight"],
        method=row["method"],
        customer_note=stage.random.choice(sayings.REFUNDED),
        pending_refunds=stage.replay.order["pending_refunds"],
        before=stage.replay.order["processing"],
    )


def report(stage: Stage, row: Row) -> Change:
    return refund_report_change(
        refund_id=row["id"],
        amount=row["amount"],
        pending_refunds=stage.replay.order["pending_refunds"],
    )


def refundable(stage: Stage) -> int:
    """What can still be refunded, in fen."""
    left: int = stage.replay.order["paid_amount"]
    for row in _counted(stage):
        left -= row["amount"]
    return left


def _counted(stage: Stage) -> list[Row]:
    return [
        row for row in stage.replay.refunds.values() if row["status"] is not RefundStatus.FAILED
    ]


def _submitted(stage: Stage, ids: Ids) -> Row:
    order, random = stage.replay.order, stage.random
    freight = freight_of(order["inbound"], order["earlier_freight"])
    freight_left = freight - sum(row["freight"] for row in _counted(stage))
    (method,) = random.choices(_METHODS, _WEIGHTS)
    return {
        "merchant_id": order["merchant_id"],
        "id": ids.at(stage.at),
        "service_order_id": order["id"],
        "order_number": order["order_number"],
        "sku": order["sku"],
        "amount": _amount(stage, refundable(stage)),
        "freight": freight_left if random.random() < _FREIGHT else 0,
        "method": method,
        "status": RefundStatus.SUBMITTED,
        "submitted_by": stage.actor.name,
        "submitted_by_id": stage.actor.id,
        "submitted_at": stage.at,
        "reported_at": None,
        "payment_ref": None,
        "failure": None,
    }


def _amount(stage: Stage, left: int) -> int:
    """A part of what is left if another refund follows, in most cases everything otherwise."""
    fails = stage.later[:1] == [Action.FAIL_REFUND]
    is_last = fails or Action.REFUND not in stage.later
    if is_last and stage.random.random() >= _PARTIAL:
        return left
    part = left * stage.random.randint(30, 80) // 100
    return max(part // _SMALLEST * _SMALLEST, min(left, _SMALLEST))


def _reported(stage: Stage) -> Row:
    row = next(
        row for row in stage.replay.refunds.values() if row["status"] is RefundStatus.SUBMITTED
    )
    if stage.action is Action.FAIL_REFUND:
        failure = stage.random.choice(sayings.PAYMENT_FAILED)
        return row | {"status": RefundStatus.FAILED, "reported_at": stage.at, "failure": failure}
    number = f"PAY{stage.at + timedelta(hours=8):%Y%m%d}{stage.random.randrange(10**8):08}"
    return row | {
        "status": RefundStatus.SUCCEEDED,
        "reported_at": stage.at,
        "payment_ref": number,
    }
