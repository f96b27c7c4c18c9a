"""The change of each step, as the use cases write it."""

from collections.abc import Callable, Mapping
from typing import Final

from demo import sayings
from demo.replay import Row
from demo.steps import parcel_steps, processing_steps, review_steps, ruling_steps
from demo.steps.refund_steps import refund, report
from demo.steps.stage import Stage
from domain.actions import Action
from domain.clocks import CONSEQUENCES
from domain.lifecycle import RULINGS
from jobs.timers import explanation
from models.journal.change import Change, decision_change


def change(stage: Stage, refund_row: Row | None) -> Change:
    """The change of the step. ``refund_row`` is the refund that it submits or reports."""
    if stage.action in CONSEQUENCES.values():
        return _of_clock(stage)
    if refund_row is not None:
        write = refund if stage.action is Action.REFUND else report
        return write(stage, refund_row)
    return _WRITE[stage.action](stage)


def _of_clock(stage: Stage) -> Change:
    order = stage.replay.order
    explained = explanation(order["status"], stage.replay.clocks, stage.at)
    if stage.action is Action.AUTO_APPROVE:
        return decision_change(destination=stage.replay.destination, explanation=explained)
    return Change(details={"explanation": explained})


def _with_customer_note(lines: tuple[str, ...]) -> Callable[[Stage], Change]:
    return lambda stage: Change(customer_note=stage.random.choice(lines))


def _note(stage: Stage) -> Change:
    return Change(internal_note=stage.random.choice(sayings.NOTES))


_WRITE: Final[Mapping[Action, Callable[[Stage], Change]]] = {
    Action.APPROVE: review_steps.approve,
    Action.REJECT: review_steps.reject,
    Action.RESEND: review_steps.resend,
    Action.REQUEST_FEEDBACK: review_steps.ask,
    Action.RECORD_GIVE_UP: review_steps.give_up,
    Action.RESPOND: review_steps.respond,
    Action.AMEND: review_steps.amend,
    Action.SHIP: parcel_steps.ship,
    Action.CORRECT_WAYBILL: parcel_steps.correct_waybill,
    Action.CANCEL: _with_customer_note(sayings.CANCELLED),
    Action.RECEIVE: parcel_steps.receive,
    Action.RECEIVE_CANCELLED: parcel_steps.receive_cancelled,
    Action.RETURN_CANCELLED: parcel_steps.return_cancelled,
    Action.EXCHANGE: processing_steps.exchange,
    Action.REPAIR: processing_steps.repair,
    Action.SEND_BACK: processing_steps.send_back,
    Action.SOLVE: _with_customer_note(sayings.SOLVED),
    Action.UPDATE_SHIPMENT: parcel_steps.update_shipment,
    Action.REPLY: processing_steps.reply,
    Action.CLOSE: _with_customer_note(sayings.CLOSED),
    Action.UNDO: processing_steps.undo,
    Action.CONFIRM: processing_steps.confirm,
    Action.REPORT_UNSOLVED: _with_customer_note(sayings.UNSOLVED),
    Action.ESCALATE: ruling_steps.escalate,
    Action.NOTE: _note,
    Action.REOPEN: review_steps.take_back,
    Action.WITHDRAW_APPROVAL: review_steps.take_back,
    Action.CHANGE_RETURN_ADDRESS: review_steps.change_address,
    **dict.fromkeys(RULINGS, ruling_steps.rule),
}
