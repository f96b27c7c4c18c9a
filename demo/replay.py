"""Takes an order through its steps, and answers the rows that this leaves behind.

The same as ``models/journal.record``, without a database: thousands of orders are inserted at once.
A test holds the two to one another.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from demo.people import Shop
from domain.actors import Actor
from domain.clocks import Clocks
from domain.decision import decide
from domain.events import EVENTS
from domain.lifecycle import FINAL, LIFECYCLE, Action
from models.journal import Change, clock_columns
from models.queries.service_orders import facts

Row = dict[str, Any]
"""The values of a row's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that somebody did to an order."""

    at: datetime
    action: Action
    actor: Actor
    change: Change


class Impossible(Exception):
    """The rules do not allow a step that the demo has made up."""


@dataclass(slots=True)
class Replay:
    """An order on its way: its row and its events so far, and the steps that were taken."""

    shop: Shop
    order: Row
    events: list[Row]
    clocks: Clocks
    steps: list[Step] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """Raises Impossible."""
        self._check(step)
        order, rule = self.order, LIFECYCLE[step.action]
        order |= step.change.values
        order |= {"version": order["version"] + 1, "updated_at": step.at}
        if rule.decides:
            order |= {
                "decision": step.action,
                "decided_by_kind": step.actor.kind,
                "decided_by_id": step.actor.id,
                "decided_by": step.actor.name,
                "decided_at": step.at,
            }
        source = order["status"]
        if rule.target is not None:
            self.clocks = self.clocks.enter(rule.target, step.at, ())
            order |= clock_columns(self.clocks)
            order |= {
                "status": rule.target,
                "last_action": step.action,
                "finished_at": step.at if rule.target in FINAL else None,
                "auto_approval_blocked": False,
            }
        self.events.append(
            {
                "merchant_id": order["merchant_id"],
                "service_order_id": order["id"],
                "sequence": order["version"],
                "kind": EVENTS[step.action],
                "at": step.at,
                "actor_kind": step.actor.kind,
                "actor_id": step.actor.id,
                "actor_name": step.actor.name,
                "from_status": source,
                "to_status": order["status"],
                "customer_note": step.change.customer_note,
                "internal_note": step.change.internal_note,
                "details": step.change.details,
            }
        )
        self.steps.append(step)

    def _check(self, step: Step) -> None:
        order = self.order
        known = facts(
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
        verdict = decide(known, step.actor, step.action, step.at)
        if not verdict.allowed or step.at < order["updated_at"]:
            raise Impossible(f"{step.action} of {order['id']} at {step.at}: {verdict.blockers}")
