"""The changes of the steps after receipt, refunds excepted: the merchant's and the customer's."""

from typing import Final

from demo import sayings
from demo.steps.stage import Stage
from domain.actions import Action
from domain.desk.reviews import Shipment
from models.journal.change import Change, processing_change

_NEW_ORDER: Final = 0.4
"""The share of exchanges that are a new purchase order."""

_RATED: Final = 0.6
"""The share of confirmations with a rating."""

_COMMENTED: Final = 0.4
"""The share of ratings with a comment."""


def exchange(stage: Stage) -> Change:
    """A new order, or goods whose waybill follows if a later step adds it."""
    note = stage.random.choice(sayings.REPLACED)
    is_later = Action.UPDATE_SHIPMENT in stage.later
    if not is_later and stage.random.random() < _NEW_ORDER:
        number = f"{stage.at:%y%m%d}{stage.random.randrange(10**7):07}"
        return processing_change(
            Action.EXCHANGE,
            by=stage.actor.name,
            customer_note=note,
            new_order_number=number,
        )
    goods = stage.case.goods.name
    outbound = Shipment(goods=goods) if is_later else stage.shipment(goods)
    return processing_change(
        Action.EXCHANGE, by=stage.actor.name, customer_note=note, outbound=outbound
    )


def repair(stage: Stage) -> Change:
    return processing_change(
        Action.REPAIR,
        by=stage.actor.name,
        customer_note=stage.random.choice(sayings.REPAIRED),
        report=stage.random.choice(sayings.REPORTS[stage.case.shop.plan.key]),
        outbound=stage.shipment(),
    )


def send_back(stage: Stage) -> Change:
    return processing_change(
        Action.SEND_BACK,
        by=stage.actor.name,
        customer_note=stage.random.choice(sayings.SENT_BACK),
        outbound=stage.shipment(),
    )


def undo(_stage: Stage) -> Change:
    return Change(values={"processing": None, "processed_at": None})


def reply(stage: Stage) -> Change:
    lines = sayings.CUSTOMER_REPLIES if stage.is_by_customer else sayings.STAFF_REPLIES
    return Change(customer_note=stage.random.choice(lines))


def confirm(stage: Stage) -> Change:
    stars = comment = None
    if stage.random.random() < _RATED:
        manner = stage.case.shop.plan.manner
        is_objected = any(step.action is Action.REPORT_UNSOLVED for step in stage.replay.steps)
        weights = manner.stars_after_objection if is_objected else manner.stars
        (stars,) = stage.random.choices((5, 4, 3, 2, 1), weights)
        is_commented = stage.random.random() < _COMMENTED
        comment = stage.random.choice(sayings.PRAISE[stars]) if is_commented else None
    return Change(
        values={"satisfaction": stars, "satisfaction_comment": comment},
        customer_note=comment,
        details=None if stars is None else {"satisfaction": stars},
    )
