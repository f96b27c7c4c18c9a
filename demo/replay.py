"""Takes an order through its steps in memory, and collects the rows that they leave behind.

The rows are those of ``models.journal.record``: both use ``step_values``, and a test compares them.
Without a database, thousands of orders are inserted together.
"""

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from demo.people import Shop
from domain.actions import Action
from domain.actors import Actor
from domain.clocks import Clocks
from domain.decision import decide
from domain.destinations import Destination, Goods, destination
from models.journal.change import Change
from models.journal.step_values import step_values
from models.journal.waybill import new_waybill
from models.queries.service_orders import Order, clocks, facts

Row = dict[str, Any]
"""The values of a row's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStep:
    """A step that the demo takes, by whom and when."""

    at: datetime
    action: Action
    actor: Actor
    change: Change
    refund: Row | None = None
    """The refund that the step submits or reports, as it is after the step."""


class Impossible(Exception):
    """The rules do not allow a step that the demo generated."""


@dataclass(slots=True)
class Replay:
    """An order under way: its row, its events and its refunds so far, and the steps taken."""

    shop: Shop
    order: Row
    events: list[Row]
    steps: list[DemoStep] = field(default_factory=list)
    refunds: dict[int, Row] = field(default_factory=dict)
    waybills: set[str] = field(default_factory=set)
    submitted: Row = field(init=False)
    """The order's row as the application left it."""

    def __post_init__(self) -> None:
        self.submitted = dict(self.order)

    @property
    def clocks(self) -> Clocks:
        return clocks(SimpleNamespace(**self.order), due_at=self.order["clock_due_at"])

    @property
    def destination(self) -> Destination | None:
        """Where the goods go if nobody names an address; every shop has a default."""
        return destination(self._goods, self._rules, self.shop.addresses[0])

    @property
    def _goods(self) -> Goods:
        order = self.order
        return Goods(sku=order["sku"], category=order["category"], warehouse=order["warehouse"])

    @property
    def _rules(self) -> Row | None:
        return None if self.shop.rules is None else self.shop.rules.stored()

    @property
    def waybill_rows(self) -> list[Row]:
        key = {"merchant_id": self.order["merchant_id"], "service_order_id": self.order["id"]}
        return [{**key, "waybill": waybill} for waybill in sorted(self.waybills)]

    def take(self, step: DemoStep) -> None:
        """Raises Impossible."""
        order = self._read(step.at)
        verdict = decide(order.facts, step.actor, step.action, step.at)
        if not verdict.allowed or step.at < order.updated_at:
            raise Impossible(f"{step.action} of {order.id} at {step.at}: {verdict.blockers}")
        row, event = step_values(order, step.action, step.actor, step.change, step.at, ())
        self.order |= row
        self.events.append(event)
        self.waybills |= {waybill for waybill in (new_waybill(row),) if waybill}
        self.steps.append(step)
        if step.refund is not None:
            self.refunds[step.refund["id"]] = step.refund

    def _read(self, at: datetime) -> Order:
        """The order as ``models.queries.service_orders`` reads it from the database."""
        order = self.order
        return Order(
            id=order["id"],
            application_id=order["application_id"],
            facts=facts(
                order["merchant_id"],
                order["customer_ref"],
                self.shop.enrolment_at(at),
                order["status"],
                order["version"],
                0,  # the default address: every shop has one
                order["clock_due_at"],
                order["finished_at"],
                order["last_action"],
                order["customer_version"],
                order["pending_refunds"],
                order["shipped_at"],
                order["received_at"],
                order["returned_at"],
                order["escalated_at"],
                order["reopened_at"],
                order["review_due_at"],
                order["review_left_ms"],
                order["processing"],
                order["assignee_id"],
                order["decision"],
                order["decided_by"],
                order["decided_by_kind"],
                order["decided_at"],
                order["ruled_at"],
                None,  # nothing is erased yet
            ),
            clocks=self.clocks,
            default_address=self.shop.addresses[0],
            auto_approval_blocked=order["auto_approval_blocked"],
            updated_at=order["updated_at"],
            goods=self._goods,
            address_rules=self._rules,
            target_at=order["target_at"],
            targets=self.shop.plan.targets,
        )
