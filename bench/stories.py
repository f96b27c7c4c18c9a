"""The stories of the benches' orders: which steps they take, applied by the product's own rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bench.shops import STOREFRONT, Shop
from domain.actions import Action
from domain.actors import SYSTEM, Actor, ActorKind
from domain.clocks import Clocks, first_clocks
from domain.decision import OrderFacts, PastDecision, decide
from domain.desk.receipts import (
    AccessoriesFinding,
    AppearanceFinding,
    Finding,
    FunctionFinding,
    GoodsFinding,
    InboundShipment,
    InvoiceFinding,
    PackingFinding,
    Receipt,
)
from domain.desk.reviews import Shipment
from domain.destinations import DEFAULT, Destination
from domain.enrolment import EnrolmentStatus
from domain.events import EventKind
from domain.lifecycle import LIFECYCLE
from domain.statuses import Status
from jobs.timers import explanation
from models.journal.change import (
    Change,
    decision_change,
    receipt_change,
    shipment_change,
)
from models.journal.step_values import clock_columns, step_values
from models.queries.service_orders import Order
from models.service_order import events, service_orders

BEGIN: Final = datetime(2025, 10, 1, tzinfo=UTC)
"""The time of the first application."""

CUSTOMER: Final = "\0customer"
"""The placeholder of the customer's reference and name."""

WAYBILL: Final = "YC100200300400"
"""The placeholder of the waybill."""


@dataclass(frozen=True, slots=True)
class StoryStep:
    """A step of a story: the action, the hours after the application, and the actor."""

    action: Action
    hours: int
    by: str


_ASKED: Final = StoryStep(Action.REQUEST_FEEDBACK, 5, "reviewer")
_APPROVED: Final = StoryStep(Action.APPROVE, 9, "reviewer")
_SHIPPED: Final = StoryStep(Action.SHIP, 40, "customer")
_RECEIVED: Final = StoryStep(Action.RECEIVE, 110, "receiver")

STORIES: Final[tuple[tuple[int, tuple[StoryStep, ...]], ...]] = (
    (18, ()),
    (2, (_ASKED, StoryStep(Action.RESPOND, 30, "customer"))),
    (5, (_ASKED,)),
    (8, (_APPROVED,)),
    (4, (StoryStep(Action.AUTO_APPROVE, 48, "system"),)),
    (13, (_APPROVED, _SHIPPED)),
    (11, (_APPROVED, _SHIPPED, _RECEIVED)),
    (5, (StoryStep(Action.RESEND, 20, "reviewer"),)),
    (13, (_APPROVED, _SHIPPED, _RECEIVED, StoryStep(Action.CLOSE, 130, "processor"))),
    (10, (StoryStep(Action.REJECT, 7, "reviewer"),)),
    (6, (StoryStep(Action.RECORD_GIVE_UP, 26, "reviewer"),)),
    (5, (StoryStep(Action.CANCEL, 3, "customer"),)),
)
"""How many of a hundred orders have which story."""


class StoryOrder:
    """An order's row and events, as ``models/journal`` writes them; applied for at ``BEGIN``."""

    def __init__(self, shop: Shop, reviewer: Actor) -> None:
        self._shop = shop
        self._actors = {
            "reviewer": reviewer,
            "receiver": shop.receiver,
            "processor": shop.processor,
            "system": SYSTEM,
            "customer": Actor(
                kind=ActorKind.CUSTOMER,
                id=0,
                name=CUSTOMER,
                merchant_id=shop.id,
                customer_ref=CUSTOMER,
            ),
        }
        self._clocks: Clocks = first_clocks(BEGIN, ())
        self.order: dict[str, Any] = dict.fromkeys(service_orders.c.keys()) | {
            "merchant_id": shop.id,
            "version": 1,
            "customer_version": 1,
            "pending_refunds": 0,
            "receipt_pictures": [],
            "status": Status.PENDING_REVIEW,
            "review_pictures": [],
            "review_started_at": BEGIN,
            **clock_columns(self._clocks),
            "auto_approval_blocked": False,
            "applied_at": BEGIN,
            "updated_at": BEGIN,
            "customer_updated_at": BEGIN,
        }
        self.events: list[dict[str, Any]] = [
            dict.fromkeys(events.c.keys())
            | {
                "merchant_id": shop.id,
                "sequence": 1,
                "customer_sequence": 1,
                "kind": EventKind.SUBMITTED,
                "at": BEGIN,
                "actor_kind": STOREFRONT.kind,
                "actor_id": STOREFRONT.id,
                "actor_name": STOREFRONT.name,
                "to_status": Status.PENDING_REVIEW,
            }
        ]

    def take(self, step: StoryStep) -> None:
        """Take a step. Raises AssertionError if the rules do not allow it."""
        at, actor = BEGIN + timedelta(hours=step.hours), self._actors[step.by]
        order = self._read()
        verdict = decide(order.facts, actor, step.action, at)
        if not verdict.allowed:
            raise AssertionError(f"{step} is not allowed: {verdict.blockers}")
        change = _change(step.action, self._shop, self._clocks, at)
        row, event = step_values(order, step.action, actor, change, at, ())
        target = LIFECYCLE[step.action].target
        if target is not None:
            self._clocks = self._clocks.enter(target, at, ())
        self.order |= row
        self.events.append(dict.fromkeys(events.c.keys()) | event)

    def _read(self) -> Order:
        return Order(
            id=0,
            application_id=0,
            facts=self._facts(),
            clocks=self._clocks,
            default_address=self._shop.address,
            auto_approval_blocked=False,
            updated_at=self.order["updated_at"],
        )

    def _facts(self) -> OrderFacts:
        order = self.order
        decision = order["decision"] and PastDecision(
            action=order["decision"],
            by=order["decided_by"],
            by_kind=order["decided_by_kind"],
            at=order["decided_at"],
        )
        return OrderFacts(
            merchant_id=self._shop.id,
            customer_ref=CUSTOMER,
            enrolment=EnrolmentStatus.ENABLED,
            status=order["status"],
            version=order["version"],
            customer_version=order["customer_version"],
            has_return_address=True,
            due_at=order["clock_due_at"],
            finished_at=order["finished_at"],
            last_action=order["last_action"],
            decided=decision,
        )


_NOTES: Final[Mapping[Action, str]] = {
    Action.APPROVE: "您好，申请已通过，请在七天内寄回商品并保留好运单号。",
    Action.REJECT: "很抱歉，商品已使用，影响二次销售，无法受理。",
    Action.RESEND: "您好，补发的商品已经安排，不需要寄回。",
    Action.REQUEST_FEEDBACK: "请补充一张故障部位的清晰照片。",
    Action.RECORD_GIVE_UP: "与客户电话沟通，客户决定保留商品。",
    Action.RESPOND: "照片已经补充，请查看。",
    Action.CANCEL: "不想折腾了，取消吧。",
    Action.CLOSE: "检测无故障，与客户沟通后关闭。",
}
_RECEIPT: Final = Receipt(
    packing=Finding(PackingFinding.INTACT),
    function=Finding(FunctionFinding.WORKING),
    appearance=Finding(AppearanceFinding.LIKE_NEW),
    accessories=Finding(AccessoriesFinding.COMPLETE),
    invoice=Finding(InvoiceFinding.ENCLOSED),
    received_quantity=1,
    goods=GoodsFinding.AS_APPLIED,
)


def _change(action: Action, shop: Shop, clocks: Clocks, at: datetime) -> Change:
    """The change that the use case of an action makes."""
    match action:
        case Action.SHIP:
            inbound = InboundShipment(carrier="云驰快递", waybill=WAYBILL)
            return shipment_change(inbound)
        case Action.RECEIVE:
            return receipt_change(_RECEIPT)
        case Action.RESPOND | Action.CANCEL | Action.CLOSE:
            return Change(customer_note=_NOTES[action])
        case _:
            return _decision(action, shop, clocks, at)


def _decision(action: Action, shop: Shop, clocks: Clocks, at: datetime) -> Change:
    is_automatic = action is Action.AUTO_APPROVE
    return decision_change(
        reason="NOT_ELIGIBLE.USED" if action is Action.REJECT else None,
        customer_note=_NOTES.get(action),
        destination=(
            Destination(address=shop.address, rule=DEFAULT)
            if LIFECYCLE[action].needs_address
            else None
        ),
        shipment=Shipment(goods="同款新品") if action is Action.RESEND else None,
        explanation=explanation(Status.PENDING_REVIEW, clocks, at) if is_automatic else None,
    )
