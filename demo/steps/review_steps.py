"""The changes of the steps before the goods are sent."""

from typing import Final

from demo import sayings
from demo.steps.stage import Stage
from domain.actions import Action
from domain.desk.evidence import Picture
from domain.desk.reviews import Shipment
from domain.destinations import CHOSEN, Destination
from models.journal.change import Change, address_change, decision_change, taken_back_change

_ELSEWHERE: Final = 0.2
"""The share of approvals with another return address than the default."""

_SHOWN: Final = 0.5
"""The share of customers' answers that have a picture."""


def approve(stage: Stage) -> Change:
    others = stage.case.shop.addresses[1:]
    is_elsewhere = others and stage.random.random() < _ELSEWHERE
    note = stage.random.choice(sayings.APPROVED)
    destination = stage.replay.destination
    if is_elsewhere:
        destination = Destination(address=stage.random.choice(others), rule=CHOSEN)
    return decision_change(customer_note=note, destination=destination)


def reject(stage: Stage) -> Change:
    reason = stage.random.choice(sayings.REJECTIONS[stage.case.reason.partition(".")[0]])
    note = sayings.REJECTED[reason]
    inspected = reason.startswith("NOT_ELIGIBLE.")
    pictures = (stage.case.album.inspection,) if inspected else ()
    return decision_change(reason=reason, customer_note=note, pictures=pictures)


def resend(stage: Stage) -> Change:
    """The waybill follows if the next step adds it."""
    note, goods = stage.random.choice(sayings.RESENT), stage.case.goods.name
    is_later = Action.UPDATE_SHIPMENT in stage.later
    shipment = Shipment(goods=goods) if is_later else stage.shipment(goods)
    return decision_change(shipment=shipment, customer_note=note)


def ask(stage: Stage) -> Change:
    return decision_change(customer_note=stage.random.choice(sayings.QUESTIONS))


def give_up(stage: Stage) -> Change:
    return decision_change(customer_note=stage.random.choice(sayings.GIVEN_UP))


def take_back(stage: Stage) -> Change:
    note = stage.random.choice(sayings.TAKEN_BACK)
    return taken_back_change(stage.random.choice(sayings.MISTAKES), note)


def change_address(stage: Stage) -> Change:
    """Another address of the shop, or its only one again."""
    address = stage.random.choice(stage.case.shop.addresses[1:] or stage.case.shop.addresses)
    return address_change(
        Destination(address=address, rule=CHOSEN), stage.random.choice(sayings.MOVED)
    )


def respond(stage: Stage) -> Change:
    """The answer of the customer, or what the staff heard on the phone."""
    if not stage.is_by_customer:
        return Change(customer_note=stage.random.choice(sayings.HEARD))
    picture = stage.case.album.of_reason(stage.case.reason)
    is_shown = picture is not None and stage.random.random() < _SHOWN
    return Change(
        customer_note=stage.random.choice(sayings.ANSWERS),
        details={"pictures": [picture.stored()]} if picture and is_shown else None,
    )


def amend(stage: Stage) -> Change:
    """A picture if the order has none, or else a corrected contact."""
    picture = stage.case.album.of_reason(stage.case.reason)
    if picture is None or stage.replay.order["pictures"]:
        return Change(details={"contact": ["phone"]})
    return _with_picture(picture)


def _with_picture(picture: Picture) -> Change:
    stored = [picture.stored()]
    return Change(values={"pictures": stored}, details={"pictures": stored})
