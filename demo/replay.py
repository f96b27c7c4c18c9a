"""Takes an order through its steps in memory, and returns the rows to insert.

It does what ``models/journal`` does, without a database, so that thousands of orders can be
inserted at once. A test compares the two.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from demo.people import Shop
from domain.actors import Actor
from domain.clocks import Clocks
from domain.decision import decide
from domain.events import EVENTS
from domain.lifecycle import LIFECYCLE, Action
from models.journal import Change, event_row, row_after
from models.queries.service_orders import facts

Row = dict[str, Any]
"""The values of a row's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStep:
    """A step of an order, with its time and actor."""

    at: datetime
    action: Action
    actor: Actor
    change: Change


class Impossible(Exception):
    """The rules do not allow a step that the demo generated."""


@dataclass(slots=True)
class Replay:
    """An order with its row, events and steps so far."""

    shop: Shop
    order: Row
    events: list[Row]
    clocks: Clocks
    steps: list[DemoStep] = field(default_factory=list)

    def take(self, step: DemoStep) -> None:
        """Apply a step to the row and append its event. Raises Impossible."""
        self._check(step)
        order, target = self.order, LIFECYCLE[step.action].target
        source = order["status"]
        if target is not None:
            self.clocks = self.clocks.enter(target, step.at, ())
        order |= row_after(step.action, step.actor, self.clocks, step.change, now=step.at)
        order |= {"version": order["version"] + 1, "updated_at": step.at}
        key = (order["merchant_id"], order["id"], order["version"])
        event = event_row(key, EVENTS[step.action], step.actor, step.change, at=step.at)
        self.events.append({**event, "from_status": source, "to_status": order["status"]})
        self.steps.append(step)

    def _check(self, step: DemoStep) -> None:
        order = self.order
        order_facts = facts(
            order["merchant_id"],
            order["customer_ref"],
            self.shop.enrolment_at(step.at),
            order["status"],
            order["version"],
            0,  # the default address: every shop has one
            order["clock_due_at"],
            order["finished_at"],
            order["last_action"],
            order["decision"],
            order["decided_by"],
            order["decided_by_kind"],
            order["decided_at"],
        )
        verdict = decide(order_facts, step.actor, step.action, step.at)
        if not verdict.allowed or step.at < order["updated_at"]:
            raise Impossible(f"{step.action} of {order['id']} at {step.at}: {verdict.blockers}")
