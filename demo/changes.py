"""What each step brings along, written as the use cases would write it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Final

from demo import sayings
from demo.case import Case
from domain.addresses import Address
from domain.applications import LogisticsIn
from domain.clocks import ReviewClock
from domain.evidence import Picture
from domain.lifecycle import Action
from domain.money import yuan
from domain.reviews import ReviewDecision, Shipment
from jobs.auto_approval import RULE, RULE_VERSION
from models.changes import shipping_change
from models.journal import Change

_ELSEWHERE: Final = 0.2
"""How often goods are to be sent to another address than the default."""

_SHOWN: Final = 0.5
"""How often a customer's answer has a picture."""

_RATED: Final = 0.6


def change(random: Random, action: Action, case: Case, at: datetime, review: ReviewClock) -> Change:
    """What a step at ``at`` brings along; ``review`` is the review clock that it finds."""
    if action is Action.AUTO_APPROVE:
        return _auto_approval(case, at, review)
    write = _WRITE.get(action)
    return write(random, case) if write else Change()


def _approve(random: Random, case: Case) -> Change:
    default, *others = case.shop.addresses
    elsewhere = others and random.random() < _ELSEWHERE
    note = random.choice(sayings.APPROVED)
    return _decided(
        ReviewDecision(action=Action.APPROVE, customer_note=note),
        address=random.choice(others) if elsewhere else default,
    )


def _reject(random: Random, case: Case) -> Change:
    reason = random.choice(sayings.REJECTIONS[case.reason.partition(".")[0]])
    note = sayings.REJECTED[reason]
    decision = ReviewDecision(action=Action.REJECT, reason=reason, customer_note=note)
    inspected = reason.startswith("NOT_ELIGIBLE.")
    return _decided(decision, pictures=(case.album.inspection,) if inspected else ())


def _resend(random: Random, case: Case) -> Change:
    note = random.choice(sayings.RESENT)
    shipment = _shipment(random, case)
    return _decided(ReviewDecision(action=Action.RESEND, shipment=shipment, customer_note=note))


def _ask(random: Random, _case: Case) -> Change:
    question = random.choice(sayings.QUESTIONS)
    return _decided(ReviewDecision(action=Action.REQUEST_FEEDBACK, customer_note=question))


def _give_up(random: Random, _case: Case) -> Change:
    note = random.choice(sayings.GIVEN_UP)
    return _decided(ReviewDecision(action=Action.RECORD_GIVE_UP, customer_note=note))


def _decided(
    decision: ReviewDecision, *, address: Address | None = None, pictures: tuple[Picture, ...] = ()
) -> Change:
    details = {
        "returnAddress": address and address.stored(),
        "shipment": decision.shipment and decision.shipment.stored(),
        "reason": decision.reason,
    }
    return Change(
        values={
            "review_reason": decision.reason,
            "review_customer_note": decision.customer_note,
            "review_address": address and address.stored(),
            "review_shipment": decision.shipment and decision.shipment.stored(),
            "review_pictures": [picture.stored() for picture in pictures],
        },
        customer_note=decision.customer_note,
        details={name: said for name, said in details.items() if said is not None} or None,
    )


def _auto_approval(case: Case, at: datetime, review: ReviewClock) -> Change:
    address = case.shop.addresses[0].stored()
    explanation = {
        "rule": RULE,
        "ruleVersion": RULE_VERSION,
        "startedAt": review.started_at.isoformat(),
        "pauses": [
            {"from": pause.start.isoformat(), "to": pause.end.isoformat()}
            for pause in review.pauses
        ],
        "dueAt": review.due_at and review.due_at.isoformat(),
        "ranAt": at.isoformat(),
    }
    return Change(
        values={
            "review_reason": None,
            "review_customer_note": None,
            "review_address": address,
            "review_shipment": None,
            "review_pictures": [],
        },
        details={"returnAddress": address, "explanation": explanation},
    )


def _respond(random: Random, case: Case) -> Change:
    picture = case.album.of_reason(case.reason)
    shown = picture is not None and random.random() < _SHOWN
    return Change(
        customer_note=random.choice(sayings.ANSWERS),
        details={"pictures": [picture.stored()]} if picture and shown else None,
    )


def _ship(random: Random, case: Case) -> Change:
    carrier, waybill = _parcel(random)
    if case.logistics_in is LogisticsIn.DROP_OFF:
        carrier = "门店自送"
    freight = None
    if case.logistics_in is LogisticsIn.CUSTOMER_SHIPS:
        freight = random.randrange(800, 2600, 100)
    return shipping_change(carrier=carrier, waybill=waybill, freight=freight)


def _receive(random: Random, _case: Case) -> Change:
    likely = (6, 2, 1, 1)
    details = {
        name: random.choices(said, likely[: len(said)])[0]
        for name, said in sayings.FINDINGS.items()
    }
    return Change(details=details)


def _refund(_random: Random, case: Case) -> Change:
    return Change(details={"amount": yuan(case.paid)})


def _send(random: Random, case: Case) -> Change:
    return Change(details={"shipment": _shipment(random, case).stored()})


def _repair(random: Random, case: Case) -> Change:
    report = random.choice(sayings.REPORTS[case.shop.plan.key])
    return Change(details={"report": report, "shipment": _shipment(random, case).stored()})


def _confirm(random: Random, _case: Case) -> Change:
    (stars,) = random.choices((5, 4, 3, 2, 1), (12, 5, 2, 1, 1))
    return Change(details={"satisfaction": stars} if random.random() < _RATED else None)


def _says(lines: tuple[str, ...]) -> Callable[[Random, Case], Change]:
    return lambda random, _case: Change(customer_note=random.choice(lines))


def _note(random: Random, _case: Case) -> Change:
    return Change(internal_note=random.choice(sayings.NOTES))


def _shipment(random: Random, case: Case) -> Shipment:
    carrier, waybill = _parcel(random)
    return Shipment(goods=case.goods.name, carrier=carrier, waybill=waybill)


def _parcel(random: Random) -> tuple[str, str]:
    carrier, begins = random.choice(sayings.CARRIERS)
    return carrier, f"{begins}{random.randrange(10**11, 10**12)}"


_WRITE: Final[Mapping[Action, Callable[[Random, Case], Change]]] = {
    Action.APPROVE: _approve,
    Action.REJECT: _reject,
    Action.RESEND: _resend,
    Action.REQUEST_FEEDBACK: _ask,
    Action.RECORD_GIVE_UP: _give_up,
    Action.RESPOND: _respond,
    Action.SHIP: _ship,
    Action.CANCEL: _says(sayings.CANCELLED),
    Action.RECEIVE: _receive,
    Action.REFUND: _refund,
    Action.EXCHANGE: _send,
    Action.REPAIR: _repair,
    Action.SEND_BACK: _send,
    Action.CLOSE: _says(sayings.CLOSED),
    Action.UNDO: _says(sayings.UNDONE),
    Action.CONFIRM: _confirm,
    Action.REPORT_UNSOLVED: _says(sayings.UNSOLVED),
    Action.NOTE: _note,
}
