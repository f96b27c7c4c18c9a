"""The changes of an escalation and of the platform's rulings."""

from collections.abc import Mapping
from typing import Final

from demo import sayings
from demo.steps.refund_steps import refundable
from demo.steps.stage import Stage
from domain.actions import Action
from domain.applications import Expectation
from domain.desk.rulings import Remedy, Ruling
from models.journal.change import Change
from models.journal.ruling_change import escalation_change, ruling_change

_REMEDIES: Final[Mapping[Expectation, Remedy]] = {
    Expectation.RETURN: Remedy.REFUND,
    Expectation.EXCHANGE: Remedy.EXCHANGE,
    Expectation.REPAIR: Remedy.REPAIR,
}
"""What the merchant has to do, by what the customer asked for."""


def escalate(stage: Stage) -> Change:
    return escalation_change(stage.random.choice(sayings.ESCALATED))


def rule(stage: Stage) -> Change:
    order, is_return = stage.replay.order, stage.action is Action.RULE_RETURN
    return ruling_change(
        _ruling(stage),
        by=stage.actor.name,
        at=stage.at,
        destination=stage.replay.destination if is_return else None,
        inbound=order["inbound"],
        earlier_freight=order["earlier_freight"],
    )


def _ruling(stage: Stage) -> Ruling:
    text = stage.random.choice(sayings.RULED[stage.action])
    if stage.action is not Action.RULE_PROCESS:
        return Ruling(action=stage.action, text=text)
    remedy, amount = _REMEDIES[stage.case.expectation], None
    if remedy is Remedy.REFUND:
        amount = refundable(stage) or None
        remedy = Remedy.REFUND if amount else Remedy.OTHER
    return Ruling(action=stage.action, text=text, remedy=remedy, amount=amount)
