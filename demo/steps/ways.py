"""The sequences of actions that lead to each status, with their weights."""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Final

from demo.manners import Manner
from domain.actions import Action
from domain.applications import Expectation
from domain.statuses import Status

Way = tuple[Action, ...]
Ways = Sequence[tuple[float, Way]]
"""Weights, and the actions from the application on."""

_HANDLE: Final = Action.REFUND
"""Stands for the steps that the customer's expectation calls for."""

_HANDLED: Final[Mapping[Expectation, Ways]] = {
    Expectation.RETURN: (
        (20, (Action.REFUND, Action.SETTLE_REFUND)),
        (3, (Action.REFUND, Action.SETTLE_REFUND, Action.REFUND, Action.SETTLE_REFUND)),
        (2, (Action.REFUND, Action.FAIL_REFUND, Action.REFUND, Action.SETTLE_REFUND)),
    ),
    Expectation.EXCHANGE: (
        (5, (Action.EXCHANGE,)),
        (3, (Action.EXCHANGE, Action.UPDATE_SHIPMENT)),
        (2, (Action.EXCHANGE, Action.UNDO, Action.EXCHANGE)),
    ),
    Expectation.REPAIR: ((1, (Action.REPAIR,)),),
}
_ASKED: Final = (Action.REQUEST_FEEDBACK, Action.RESPOND)
_ASKED_TWICE: Final = (Action.REQUEST_FEEDBACK, *_ASKED)
_RECEIVED: Final = (Action.SHIP, Action.RECEIVE)
_DONE: Final = (*_RECEIVED, _HANDLE)
_REDONE: Final = (*_RECEIVED, Action.SEND_BACK, Action.UNDO)
_OBJECTED: Final = (*_DONE, Action.REPORT_UNSOLVED)
_DISPUTED: Final = (Action.REJECT, Action.ESCALATE)
_LOST: Final = (Action.SHIP, Action.CANCEL)

_TO_APPROVAL: Final[Ways] = (
    (24, (Action.APPROVE,)),
    (6, (Action.AUTO_APPROVE,)),
    (2, (*_ASKED, Action.APPROVE)),
    (1, (*_ASKED_TWICE, Action.APPROVE)),
    (1, (Action.REQUEST_FEEDBACK, Action.APPROVE)),
    (1, (*_ASKED, Action.AUTO_APPROVE)),
    (1, (Action.AMEND, Action.APPROVE)),
    (1, (Action.APPROVE, Action.WITHDRAW_APPROVAL, Action.APPROVE)),
    (1, (Action.REJECT, Action.REOPEN, Action.APPROVE)),
    (1, (Action.APPROVE, Action.CHANGE_RETURN_ADDRESS)),
)
_FROM_APPROVAL: Final[Mapping[Status, Ways]] = {
    Status.AWAITING_SHIPMENT: ((1, ()),),
    Status.AWAITING_RECEIPT: ((6, (Action.SHIP,)), (1, (Action.SHIP, Action.CORRECT_WAYBILL))),
    Status.AWAITING_PROCESSING: (
        (20, _RECEIVED),
        (1, (Action.SHIP, Action.CORRECT_WAYBILL, Action.RECEIVE)),
        (1, _REDONE),
        (1, _OBJECTED),
        (1, (*_OBJECTED, Action.REPLY)),
        (1, (*_OBJECTED, Action.REPLY, Action.ESCALATE)),
        (1, (*_OBJECTED, Action.ESCALATE, Action.RULE_PROCESS)),
        (1, (*_DONE, Action.CONFIRM, Action.REPORT_UNSOLVED)),
    ),
    Status.AWAITING_CONFIRMATION: (
        (20, _DONE),
        (2, (*_RECEIVED, Action.SEND_BACK)),
        (1, (*_REDONE, _HANDLE)),
        (1, (*_OBJECTED, Action.REPLY, Action.SOLVE)),
        (1, (*_OBJECTED, Action.SOLVE, Action.REPLY)),
    ),
    Status.COMPLETED: (
        (20, (*_DONE, Action.CONFIRM)),
        (12, (*_DONE, Action.AUTO_CONFIRM)),
        (4, (*_RECEIVED, Action.CLOSE)),
        (2, (*_RECEIVED, Action.SEND_BACK, Action.CONFIRM)),
        (1, (*_RECEIVED, Action.SEND_BACK, Action.UPDATE_SHIPMENT, Action.AUTO_CONFIRM)),
        (1, (*_OBJECTED, _HANDLE, Action.CONFIRM)),
        (2, (*_OBJECTED, Action.REPLY, Action.REPLY, Action.SOLVE, Action.CONFIRM)),
        (1, (*_OBJECTED, Action.ESCALATE, Action.SOLVE, Action.AUTO_CONFIRM)),
        (1, (*_OBJECTED, Action.ESCALATE, Action.RULE_CLOSE)),
    ),
    Status.CANCELLED: (
        (8, (Action.CANCEL,)),
        (8, (Action.EXPIRE_SHIPMENT,)),
        (4, (Action.RECORD_GIVE_UP,)),
        (3, _LOST),
        (2, (*_LOST, Action.RECEIVE_CANCELLED)),
        (3, (*_LOST, Action.RECEIVE_CANCELLED, Action.RETURN_CANCELLED)),
        (2, (Action.SHIP, Action.ESCALATE, Action.RULE_CANCEL)),
    ),
}
_UNAPPROVED: Final[Mapping[Status, Ways]] = {
    Status.PENDING_REVIEW: ((17, ()), (2, _ASKED), (1, (Action.AMEND,))),
    Status.AWAITING_FEEDBACK: (
        (6, (Action.REQUEST_FEEDBACK,)),
        (1, (Action.REQUEST_FEEDBACK, Action.REQUEST_FEEDBACK)),
    ),
    Status.AWAITING_SHIPMENT: ((3, (*_DISPUTED, Action.RULE_RETURN)),),
    Status.AWAITING_PROCESSING: ((80, (*_DISPUTED, Action.RULE_PROCESS)),),
    Status.COMPLETED: ((40, (*_DISPUTED, Action.RULE_PROCESS, _HANDLE, Action.CONFIRM)),),
    Status.REJECTED: (
        (16, (Action.REJECT,)),
        (4, (*_ASKED, Action.REJECT)),
        (1, (Action.REQUEST_FEEDBACK, Action.REJECT)),
        (2, _DISPUTED),
        (2, (*_DISPUTED, Action.RULE_UPHOLD)),
    ),
    Status.CANCELLED: (
        (280, (Action.CANCEL,)),
        (280, (Action.RECORD_GIVE_UP,)),
        (150, (Action.REQUEST_FEEDBACK, Action.EXPIRE_FEEDBACK)),
        (90, (Action.REQUEST_FEEDBACK, Action.RECORD_GIVE_UP)),
    ),
}
_RESENT: Final[Mapping[Status, Ways]] = {
    Status.AWAITING_CONFIRMATION: (
        (350, (Action.RESEND,)),
        (150, (Action.RESEND, Action.UPDATE_SHIPMENT)),
    ),
    Status.COMPLETED: (
        (600, (Action.RESEND, Action.CONFIRM)),
        (300, (Action.RESEND, Action.AUTO_CONFIRM)),
        (150, (Action.RESEND, Action.UPDATE_SHIPMENT, Action.CONFIRM)),
    ),
}

_PENDING: Final = 0.15
"""The share of orders whose last refund still waits for its outcome, where it may."""


def way(
    random: Random, status: Status, expectation: Expectation, manner: Manner, *, may_resend: bool
) -> Way:
    """Draw one of the ways to a status."""
    actions = _drawn(random, _ways(status, manner, may_resend=may_resend))
    steps = [
        step
        for action in actions
        for step in (_drawn(random, _HANDLED[expectation]) if action is _HANDLE else (action,))
    ]
    is_open = status is Status.AWAITING_CONFIRMATION and steps[-1] is Action.SETTLE_REFUND
    if is_open and random.random() < _PENDING:
        del steps[-1]
    return tuple(steps)


@cache
def _ways(status: Status, manner: Manner, *, may_resend: bool) -> Ways:
    """The ways to a status, with the weights that a merchant of this manner gives them."""
    ways: list[tuple[float, Way]] = [
        (weight * next_weight, (*begin, *rest))
        for weight, begin in _TO_APPROVAL
        for next_weight, rest in _FROM_APPROVAL.get(status, ())
    ]
    ways += _UNAPPROVED.get(status, ())
    ways += _RESENT.get(status, ()) if may_resend else ()
    return [(weight * manner.leaning(actions), actions) for weight, actions in ways]


def _drawn(random: Random, ways: Ways) -> Way:
    (actions,) = random.choices([actions for _, actions in ways], [weight for weight, _ in ways])
    return actions
