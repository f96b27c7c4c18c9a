"""Reads one move after the other off a tape: who does what to which order, and how time passes.

The actions, their statuses and their actors come from the literal: a new action joins by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from domain.actions import Action
from domain.clocks import CLOCKS
from domain.lifecycle import LIFECYCLE
from domain.permissions import Permission
from tests.generated.tape import Tape

Row = dict[str, Any]
"""An order's row by the names of its columns."""


class Role(StrEnum):
    """The actors of a history. There are two merchants; most of them belong to the first."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    RECEIVER = "receiver"
    PROCESSOR = "processor"
    REFUNDER = "refunder"
    CUSTOMER = "customer"
    OTHER_CUSTOMER = "other customer"
    CONNECTOR = "connector"
    OTHER_OWNER = "other owner"
    PLATFORM = "platform"


HELD: Final[dict[Role, frozenset[Permission]]] = {
    Role.OWNER: frozenset(Permission),
    Role.REVIEWER: frozenset({Permission.REVIEW, Permission.NOTE}),
    Role.RECEIVER: frozenset({Permission.RECEIVE}),
    Role.PROCESSOR: frozenset({Permission.PROCESS, Permission.NOTE}),
    Role.REFUNDER: frozenset({Permission.REFUND}),
}
CUSTOMERS: Final = {Role.CUSTOMER: "c-1", Role.OTHER_CUSTOMER: "c-2"}
LINES: Final = (("P-1", "SKU-1"), ("P-1", "SKU-2"))
"""The purchase lines that orders are about: several orders share one."""
PAID: Final = 18_900


@dataclass(frozen=True)
class Submit:
    """A customer applies."""

    role: Role
    line: tuple[str, str]


@dataclass(frozen=True)
class Act:
    """Somebody tries an action; ``amount`` and ``freight`` are those of a refund."""

    role: Role
    order: int
    action: Action
    amount: int = 0
    freight: int = 0
    pick: int = 0


@dataclass(frozen=True)
class Wait:
    """Time passes, in whole milliseconds."""

    time: timedelta


@dataclass(frozen=True)
class Fire:
    """The timers run. With ``at_deadlines`` each step is dated at its deadline."""

    at_deadlines: bool


@dataclass(frozen=True)
class Declare:
    """The platform declares a pause window."""

    after: timedelta
    length: timedelta


@dataclass(frozen=True)
class Withdraw:
    """The platform withdraws the newest window that lies ahead, or puts another in its place."""

    instead: Declare | None


Move = Submit | Act | Wait | Fire | Declare | Withdraw
TICK: Final = timedelta(milliseconds=1)
"""No two changes of the calendar are made at one instant: nobody could tell their order."""
HOUR: Final = timedelta(hours=1)
WAITS: Final = (
    timedelta(milliseconds=1),
    timedelta(minutes=1),
    HOUR,
    7 * HOUR,
    30 * HOUR,
    timedelta(days=3),
    timedelta(days=8),
)
MANY: Final = 6
"""The most orders of a history."""


def next_move(tape: Tape, orders: Sequence[Row], now: Any) -> Move:
    """The next move in a world with these orders."""
    if tape.below(256) == 0:
        return Wait(TICK)
    chosen = tape.below(100)
    if not orders or (chosen < 6 and len(orders) < MANY):
        return Submit(tape.one_of(tuple(CUSTOMERS)), tape.one_of(LINES))
    if chosen < 74:
        return _act(tape, orders)
    if chosen < 84:
        return Wait(_wait(tape, orders, now))
    return Fire(tape.happens(50)) if chosen < 93 else _calendar(tape)


def _calendar(tape: Tape) -> Move:
    if tape.happens(50):
        return _window(tape)
    return Withdraw(_window(tape) if tape.happens(50) else None)


def _act(tape: Tape, orders: Sequence[Row]) -> Act:
    at = tape.below(len(orders))
    status = orders[at]["status"]
    fitting = [
        action for action, rule in LIFECYCLE.items() if status in rule.sources and not rule.system
    ]
    action = tape.one_of(fitting if tape.happens(85) else tuple(Action))
    able = _able(action, orders[at])
    role = tape.one_of(able if able and tape.happens(80) else tuple(Role))
    share = tape.one_of((10, 3, 2, 1))
    amount = PAID // share + (1 if tape.happens(10) else 0)
    freight = tape.one_of((0, 600, 1200, 1300))
    return Act(role, at, action, amount, freight, tape.below(4))


def _able(action: Action, order: Row) -> tuple[Role, ...]:
    """Those whom the rule lets take the action with the order."""
    rule = LIFECYCLE[action]
    needed = rule.staff_in(order["status"])
    able = [role for role, held in HELD.items() if not held.isdisjoint(needed)]
    if rule.customer:
        able += [role for role, ref in CUSTOMERS.items() if ref == order["customer_ref"]] * 2
    if rule.connector:
        able.append(Role.CONNECTOR)
    if rule.platform:
        able.append(Role.PLATFORM)
    return tuple(able)


def _wait(tape: Tape, orders: Sequence[Row], now: Any) -> timedelta:
    """Some time, or until a deadline or a moment before it."""
    deadlines = [
        order["clock_due_at"]
        for order in orders
        if order["clock_due_at"] is not None and order["clock_due_at"] > now
    ]
    if not deadlines or tape.happens(40):
        return tape.one_of(WAITS)
    early = timedelta(milliseconds=1) if tape.happens(30) else timedelta()
    return max(tape.one_of(deadlines) - now - early, timedelta(milliseconds=1))


def _window(tape: Tape) -> Declare:
    longest = max(rule.window for rule in CLOCKS.values())
    after = tape.one_of((HOUR, 5 * HOUR, 40 * HOUR, longest / 2, longest))
    return Declare(after, tape.one_of((HOUR, 20 * HOUR, 72 * HOUR)))
