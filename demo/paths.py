"""The sequences of steps that lead to each status, and the duration of each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from demo.ids import OPENED
from domain.applications import Expectation
from domain.clocks import CLOCKS, first_clocks
from domain.lifecycle import LIFECYCLE, Action
from domain.statuses import Status

Way = tuple[Action, ...]
Ways = Sequence[tuple[int, Way]]
"""Weights, and the actions from the application on."""

HANDLED: Final = {
    Expectation.RETURN: Action.REFUND,
    Expectation.EXCHANGE: Action.EXCHANGE,
    Expectation.REPAIR: Action.REPAIR,
}
_HANDLE: Final = Action.REFUND
"""Stands for the action that the customer's expectation calls for."""

_ASKED: Final = (Action.REQUEST_FEEDBACK, Action.RESPOND)
_RECEIVED: Final = (Action.SHIP, Action.RECEIVE)
_DONE: Final = (*_RECEIVED, _HANDLE)
_REDONE: Final = (*_RECEIVED, Action.SEND_BACK, Action.UNDO)

_TO_APPROVAL: Final[Ways] = (
    (12, (Action.APPROVE,)),
    (3, (Action.AUTO_APPROVE,)),
    (2, (*_ASKED, Action.APPROVE)),
)
_FROM_APPROVAL: Final[Mapping[Status, Ways]] = {
    Status.AWAITING_SHIPMENT: ((1, ()),),
    Status.AWAITING_RECEIPT: ((1, (Action.SHIP,)),),
    Status.AWAITING_PROCESSING: (
        (20, _RECEIVED),
        (1, _REDONE),
        (1, (*_DONE, Action.REPORT_UNSOLVED)),
        (1, (*_DONE, Action.CONFIRM, Action.REPORT_UNSOLVED)),
    ),
    Status.AWAITING_CONFIRMATION: (
        (20, _DONE),
        (2, (*_RECEIVED, Action.SEND_BACK)),
        (1, (*_REDONE, _HANDLE)),
    ),
    Status.COMPLETED: (
        (10, (*_DONE, Action.CONFIRM)),
        (6, (*_DONE, Action.AUTO_CONFIRM)),
        (2, (*_RECEIVED, Action.CLOSE)),
        (1, (*_RECEIVED, Action.SEND_BACK, Action.CONFIRM)),
        (1, (*_DONE, Action.REPORT_UNSOLVED, _HANDLE, Action.CONFIRM)),
    ),
    Status.CANCELLED: (
        (2, (Action.CANCEL,)),
        (2, (Action.EXPIRE_SHIPMENT,)),
        (1, (Action.RECORD_GIVE_UP,)),
        (1, (Action.SHIP, Action.CANCEL)),
    ),
}
_UNAPPROVED: Final[Mapping[Status, Ways]] = {
    Status.PENDING_REVIEW: ((9, ()), (1, _ASKED)),
    Status.AWAITING_FEEDBACK: ((1, (Action.REQUEST_FEEDBACK,)),),
    Status.REJECTED: ((8, (Action.REJECT,)), (2, (*_ASKED, Action.REJECT))),
    Status.CANCELLED: (
        (30, (Action.CANCEL,)),
        (30, (Action.RECORD_GIVE_UP,)),
        (10, (Action.REQUEST_FEEDBACK, Action.EXPIRE_FEEDBACK)),
        (10, (Action.REQUEST_FEEDBACK, Action.RECORD_GIVE_UP)),
    ),
}
_RESENT: Final[Mapping[Status, Ways]] = {
    Status.AWAITING_CONFIRMATION: ((200, (Action.RESEND,)),),
    Status.COMPLETED: (
        (150, (Action.RESEND, Action.CONFIRM)),
        (80, (Action.RESEND, Action.AUTO_CONFIRM)),
    ),
}

_HOURS: Final[Mapping[Action, tuple[float, float, float]]] = {
    Action.APPROVE: (0.2, 40, 3),
    Action.REJECT: (0.3, 40, 6),
    Action.RESEND: (0.3, 30, 4),
    Action.REQUEST_FEEDBACK: (0.2, 30, 3),
    Action.RECORD_GIVE_UP: (1, 40, 10),
    Action.RESPOND: (0.3, 90, 6),
    Action.SHIP: (2, 120, 20),
    Action.CANCEL: (0.1, 36, 1),
    Action.RECEIVE: (20, 170, 60),
    Action.REFUND: (0.5, 70, 8),
    Action.EXCHANGE: (1, 70, 20),
    Action.REPAIR: (4, 90, 30),
    Action.SEND_BACK: (1, 60, 12),
    Action.CLOSE: (1, 50, 10),
    Action.UNDO: (0.1, 4, 0.5),
    Action.CONFIRM: (0.5, 140, 24),
    Action.REPORT_UNSOLVED: (3, 120, 30),
}
"""The wait before a step in hours: minimum, maximum, mode. The system's steps have deadlines."""

_LATEST: Final = 0.95
"""The largest share of a deadline that a step uses, so that the clock does not act first."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Steps, each with its time after the application.

    ``due`` is the time from the application to the last status's deadline; None if that is final.
    """

    steps: tuple[tuple[Action, timedelta], ...]
    due: timedelta | None

    @property
    def last(self) -> timedelta:
        return self.steps[-1][1] if self.steps else timedelta()


def way(random: Random, status: Status, expectation: Expectation, *, may_resend: bool) -> Way:
    """Draw one of the ways to a status."""
    ways = [
        (weight * next_weight, (*begin, *rest))
        for weight, begin in _TO_APPROVAL
        for next_weight, rest in _FROM_APPROVAL.get(status, ())
    ]
    ways += _UNAPPROVED.get(status, ())
    ways += _RESENT.get(status, ()) if may_resend else ()
    (actions,) = random.choices([actions for _, actions in ways], [weight for weight, _ in ways])
    return tuple(HANDLED[expectation] if action is _HANDLE else action for action in actions)


def walk(random: Random, actions: Way) -> Walk:
    """Draw the time of each step, within the deadlines."""
    begin = last = OPENED
    clocks, status, steps = first_clocks(begin, ()), Status.PENDING_REVIEW, []
    for action in actions:
        rule = CLOCKS.get(status)
        limit = clocks.due_at if rule and rule.consequence else None
        last = _next(random, action, last, limit)
        status = LIFECYCLE[action].target or status
        clocks = clocks.enter(status, last, ())
        steps.append((action, last - begin))
    due = None if clocks.due_at is None else clocks.due_at - begin
    return Walk(tuple(steps), due)


def _next(random: Random, action: Action, last: datetime, due_at: datetime | None) -> datetime:
    """``due_at`` is when the system acts; None where lateness is only counted."""
    if LIFECYCLE[action].system and due_at is not None:
        return due_at + timedelta(milliseconds=random.randint(3, 900))
    wait = timedelta(hours=random.triangular(*_HOURS[action]))
    if due_at is not None:
        wait = min(wait, (due_at - last) * _LATEST)
    # Whole milliseconds: the rest of a paused clock is stored in milliseconds.
    return last + timedelta(milliseconds=wait // timedelta(milliseconds=1))
