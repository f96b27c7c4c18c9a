"""The times of an order's steps, within the deadlines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from demo.ids import OPENED
from demo.manners import Manner
from demo.steps.ways import Way
from domain.actions import Action
from domain.clocks import CLOCKS, first_clocks
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.statuses import Status

_HOURS: Final[Mapping[Action, tuple[float, float, float]]] = {
    Action.APPROVE: (0.2, 40, 3),
    Action.REJECT: (0.3, 40, 6),
    Action.RESEND: (0.3, 30, 4),
    Action.REQUEST_FEEDBACK: (0.2, 30, 3),
    Action.RECORD_GIVE_UP: (1, 40, 10),
    Action.RESPOND: (0.3, 90, 6),
    Action.AMEND: (0.1, 10, 1),
    Action.SHIP: (2, 120, 20),
    Action.CORRECT_WAYBILL: (0.1, 12, 1),
    Action.CANCEL: (0.1, 36, 1),
    Action.RECEIVE: (20, 170, 60),
    Action.RECEIVE_CANCELLED: (20, 120, 60),
    Action.RETURN_CANCELLED: (1, 40, 8),
    Action.REFUND: (0.5, 70, 8),
    Action.SETTLE_REFUND: (0.02, 30, 0.2),
    Action.FAIL_REFUND: (0.02, 30, 0.5),
    Action.EXCHANGE: (1, 70, 20),
    Action.REPAIR: (4, 90, 30),
    Action.SEND_BACK: (1, 60, 12),
    Action.SOLVE: (1, 60, 8),
    Action.UPDATE_SHIPMENT: (1, 40, 10),
    Action.REPLY: (0.2, 24, 2),
    Action.CLOSE: (1, 50, 10),
    Action.UNDO: (0.1, 4, 0.5),
    Action.CONFIRM: (0.5, 140, 24),
    Action.REPORT_UNSOLVED: (3, 120, 30),
    Action.ESCALATE: (0.5, 48, 6),
    Action.REOPEN: (1, 60, 6),
    **dict.fromkeys(RULINGS, (2, 90, 24)),
    Action.WITHDRAW_APPROVAL: (0.1, 8, 0.5),
    Action.CHANGE_RETURN_ADDRESS: (0.1, 12, 1),
}
"""The wait before a step in hours: minimum, maximum, mode. The system's steps have deadlines."""

_LATEST: Final = 0.95
"""The largest share of a deadline that a step uses, so that the clock does not act first."""

_HURRIED: Final = 0.6
"""The least share of it that a step uses which would have been later."""


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


def walk(random: Random, actions: Way, manner: Manner) -> Walk:
    """Draw the time of each step, within the deadlines."""
    begin = last = decided_at = OPENED
    clocks, status, steps = first_clocks(begin, ()), Status.PENDING_REVIEW, []
    for action in actions:
        rule = CLOCKS.get(status)
        limit = clocks.due_at if rule and rule.consequence else None
        last = _next(random, action, last, limit, manner.pace(action))
        step = LIFECYCLE[action]
        if step.target is not None:
            status, clocks = (
                step.target,
                clocks.enter(
                    step.target, last, (), resumption=step.resumption, decided_at=decided_at
                ),
            )
        decided_at = last if step.decides else decided_at
        steps.append((action, last - begin))
    due = None if clocks.due_at is None else clocks.due_at - begin
    return Walk(tuple(steps), due)


def _next(
    random: Random, action: Action, last: datetime, due_at: datetime | None, pace: float
) -> datetime:
    """``due_at`` is when the system acts; None where lateness is only counted."""
    if LIFECYCLE[action].system and due_at is not None:
        return due_at + timedelta(milliseconds=random.randint(3, 900))
    wait = timedelta(hours=random.triangular(*_HOURS[action])) * pace
    if due_at is not None and wait > (due_at - last) * _LATEST:
        wait = (due_at - last) * random.uniform(_HURRIED, _LATEST)
    # Whole milliseconds: the rest of a paused clock is stored in milliseconds.
    return last + timedelta(milliseconds=wait // timedelta(milliseconds=1))
