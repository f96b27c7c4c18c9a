"""The change of each step, as the use cases write it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Final

from demo import sayings
from demo.case import Case
from domain.applications import LogisticsIn
from domain.clocks import ReviewClock
from domain.lifecycle import Action
from domain.money import yuan
from domain.reviews import Shipment
from jobs.auto_approval import explanation
from models.journal.change import Change, decision_change

_ELSEWHERE: Final = 0.2
"""The share of approvals with another return address than the default."""

_SHOWN: Final = 0.5
"""The share of customers' answers that have a picture."""

_RATED: Final = 0.6
"""The share of confirmations with a rating."""


def change(random: Random, action: Action, case: Case, at: datetime, review: ReviewClock) -> Change:
    """The change of a step at ``at``; ``review`` is the review clock before it."""
    if action is Action.AUTO_APPROVE:
        return _auto_approval(case, at, review)
    write = _WRITE.get(action)
    return write(random, case) if write else Change()


def _approve(random: Random, case: Case) -> Change:
    default, *others = case.shop.addresses
    is_elsewhere = others and random.random() < _ELSEWHERE
    note = random.choice(sayings.APPROVED)
    address = random.choice(others) if is_elsewhere else default
    return decision_change(customer_note=note, address=address)


def _reject(random: Random, case: Case) -> Change:
    reason = random.choice(sayings.REJECTIONS[case.reason.partition(".")[0]])
    note = sayings.REJECTED[reason]
    inspected = reason.startswith("NOT_ELIGIBLE.")
    pictures = (case.album.inspection,) if inspected else ()
    return decision_change(reason=reason, customer_note=note, pictures=pictures)


def _resend(random: Random, case: Case) -> Change:
    note = random.choice(sayings.RESENT)
    shipment = _shipment(random, case)
    return decision_change(shipment=shipment, customer_note=note)


def _ask(random: Random, _case: Case) -> Change:
    return decision_change(customer_note=random.choice(sayings.QUESTIONS))


def _give_up(random: Random, _case: Case) -> Change:
    return decision_change(customer_note=random.choice(sayings.GIVEN_UP))


def _auto_approval(case: Case, at: datetime, review: ReviewClock) -> Change:
    return decision_change(address=case.shop.addresses[0], explanation=explanation(review, at))


def _respond(random: Random, case: Case) -> Change:
    picture = case.album.of_reason(case.reason)
    is_shown = picture is not None and random.random() < _SHOWN
    return Change(
        customer_note=random.choice(sayings.ANSWERS),
        details={"pictures": [picture.stored()]} if picture and is_shown else None,
    )


def _ship(random: Random, case: Case) -> Change:
    carrier, waybill = _parcel(random)
    details = {"carrier": carrier, "waybill": waybill}
    if case.logistics_in is LogisticsIn.DROP_OFF:
        details["carrier"] = "门店自送"
    if case.logistics_in is LogisticsIn.CUSTOMER_SHIPS:
        details["freight"] = yuan(random.randrange(800, 2600, 100))
    return Change(details=details)


def _receive(random: Random, _case: Case) -> Change:
    weights = (6, 2, 1, 1)
    details = {
        name: random.choices(findings, weights[: len(findings)])[0]
        for name, findings in sayings.FINDINGS.items()
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


def _with_customer_note(lines: tuple[str, ...]) -> Callable[[Random, Case], Change]:
    return lambda random, _case: Change(customer_note=random.choice(lines))


def _note(random: Random, _case: Case) -> Change:
    return Change(internal_note=random.choice(sayings.NOTES))


def _shipment(random: Random, case: Case) -> Shipment:
    carrier, waybill = _parcel(random)
    return Shipment(goods=case.goods.name, carrier=carrier, waybill=waybill)


def _parcel(random: Random) -> tuple[str, str]:
    carrier, prefix = random.choice(sayings.CARRIERS)
    return carrier, f"{prefix}{random.randrange(10**11, 10**12)}"


_WRITE: Final[Mapping[Action, Callable[[Random, Case], Change]]] = {
    Action.APPROVE: _approve,
    Action.REJECT: _reject,
    Action.RESEND: _resend,
    Action.REQUEST_FEEDBACK: _ask,
    Action.RECORD_GIVE_UP: _give_up,
    Action.RESPOND: _respond,
    Action.SHIP: _ship,
    Action.CANCEL: _with_customer_note(sayings.CANCELLED),
    Action.RECEIVE: _receive,
    Action.REFUND: _refund,
    Action.EXCHANGE: _send,
    Action.REPAIR: _repair,
    Action.SEND_BACK: _send,
    Action.CLOSE: _with_customer_note(sayings.CLOSED),
    Action.UNDO: _with_customer_note(sayings.UNDONE),
    Action.CONFIRM: _confirm,
    Action.REPORT_UNSOLVED: _with_customer_note(sayings.UNSOLVED),
    Action.NOTE: _note,
}
