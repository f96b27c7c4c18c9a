"""The desk without a database: the rules and the journal's values, on rows in memory.

Thousands of steps a second, where a database takes milliseconds for each.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

from doctor.orders import _examine_order, _Timeline
from doctor.pauses import Pause, PauseHistory
from domain.actions import Action
from domain.actors import SYSTEM, Actor, ActorKind
from domain.addresses import Address
from domain.assignment import Assignee, assignee_blockers
from domain.clocks import CONSEQUENCES, Clocks, Span, first_clocks
from domain.decision import decide
from domain.desk.receipts import InboundShipment
from domain.desk.refunds import MAX_REFUNDS, RefundStatus
from domain.desk.reviews import Shipment
from domain.desk.rulings import Ruling
from domain.desk.sending import carried_over, is_sending
from domain.destinations import CHOSEN, DEFAULT, Destination
from domain.enrolment import EnrolmentStatus
from domain.events import EventKind
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.permissions import DELEGABLE, Permission
from domain.quality.metrics import Metric
from domain.statuses import Status
from domain.targets import StoredTargets
from jobs.timers import explanation
from models.journal.assignment import assignment_change
from models.journal.change import (
    Change,
    address_change,
    cancelled_receipt_change,
    cancelled_return_change,
    decision_change,
    processing_change,
    shipment_change,
    taken_back_change,
)
from models.journal.ruling_change import escalation_change, ruling_change
from models.journal.step_values import clock_columns, event_values, step_values, version_columns
from models.journal.targets import entered_target, moved_target, with_target
from models.queries.service_orders import FACTS, Order, clocks, facts
from models.service_order import ServiceOrder
from tests.conftest import NOON
from tests.given import ADDRESS
from tests.quality.agreement import by_cases
from tests.quality.recompute import Account, Scope
from tests.stateful.invariants import FREIGHT, Moment, shipments
from tests.stateful.moves import (
    CUSTOMERS,
    HELD,
    PAID,
    TICK,
    Act,
    Declare,
    Fire,
    Move,
    Role,
    Row,
    Submit,
    Wait,
    Withdraw,
)

SHOP, OTHER_SHOP = 1, 2
HOME: Final = Address(
    contact=ADDRESS["contact"],
    phone=ADDRESS["phone"],
    zip=None,
    province_code=ADDRESS["provinceCode"],
    city_code=ADDRESS["cityCode"],
    district_code=ADDRESS["districtCode"],
    detail=ADDRESS["detail"],
)
HOME_BY_DEFAULT: Final = Destination(address=HOME, rule=DEFAULT)
TARGETS: Final = StoredTargets(
    {
        "review": 20 * 60,
        "receipt": 24 * 60,
        "processing": 48 * 60,
        "hours": {
            "week": [[["09:00", "12:00"], ["13:00", "18:00"]]] * 6 + [[]],
            "closed": ["2026-11-25"],
        },
    },
    "Asia/Shanghai",
)
"""The merchant's own targets, which have no consequence."""
EMPTY: Final[Row] = {
    name: field.get_default(call_default_factory=True)
    for name, field in ServiceOrder.model_fields.items()
    if not field.is_required()
}


def actor_of(role: Role) -> Actor:
    if role in CUSTOMERS:
        ref = CUSTOMERS[role]
        return Actor(kind=ActorKind.CUSTOMER, id=0, name=ref, merchant_id=SHOP, customer_ref=ref)
    kinds = {
        Role.OWNER: ActorKind.MAIN_ACCOUNT,
        Role.OTHER_OWNER: ActorKind.MAIN_ACCOUNT,
        Role.CONNECTOR: ActorKind.CONNECTOR,
        Role.PLATFORM: ActorKind.PLATFORM,
    }
    merchants = {Role.OTHER_OWNER: OTHER_SHOP, Role.PLATFORM: None}
    return Actor(
        kind=kinds.get(role, ActorKind.EMPLOYEE),
        id=[*Role].index(role),
        name=role,
        permissions=HELD.get(role, frozenset(Permission)),
        merchant_id=merchants.get(role, SHOP),
    )


ACTORS: Final = {role: actor_of(role) for role in Role}
COLLEAGUE: Final = Assignee(id=len(Role), name="colleague", permissions=DELEGABLE)
"""To whom orders are assigned."""


class Memory:
    """A desk of one merchant; its moves answer the codes of refusals, none if all is done."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now
        self._orders: dict[int, Row] = {}
        self._events: dict[int, list[Row]] = {}
        self._refunds: list[Row] = []
        self._pauses: list[Pause] = []

    async def moment(self) -> Moment:
        return Moment(
            now=self.now,
            orders={id_: dict(order) for id_, order in self._orders.items()},
            events={id_: list(rows) for id_, rows in self._events.items()},
            refunds=[dict(refund) for refund in self._refunds],
            windows=[pause.window for pause in self._standing()],
        )

    async def move(self, move: Move) -> list[str]:
        match move:
            case Submit():
                self._submit(move)
            case Act():
                return self._act(move)
            case Wait():
                self.now += move.time
            case Fire():
                self._fire(at_deadlines=move.at_deadlines)
            case Declare():
                self.now += TICK
                self._declare(move)
            case Withdraw():
                self.now += TICK
                self._withdraw(move)
        return []

    async def findings(self) -> list[str]:
        """The doctor's findings about every order."""
        history = PauseHistory(self._pauses)
        return [
            f"{id_} {fault}: {detail}"
            for id_, order in self._orders.items()
            for fault, detail in _examine_order(
                _Timeline(
                    _row(order),
                    self._clocks(order),
                    [_row(event) for event in self._events[id_]],
                ),
                history,
                Counter(),
                self.now,
            )
        ]

    async def figures(self, scope: Scope) -> Mapping[Metric, Account]:
        moment = await self.moment()
        return by_cases(moment.events, moment.windows, scope)

    def _submit(self, move: Submit) -> None:
        id_, ref = len(self._orders), CUSTOMERS[move.role]
        started = first_clocks(self.now, self._upcoming())
        self._orders[id_] = EMPTY | {
            "merchant_id": SHOP,
            "id": id_,
            "application_id": id_,
            "customer_ref": ref,
            "order_number": move.line[0],
            "sku": move.line[1],
            "paid_amount": PAID,
            "version": 1,
            "customer_version": 1,
            "status": Status.PENDING_REVIEW,
            "review_started_at": self.now,
            **clock_columns(started),
            "applied_at": self.now,
            "updated_at": self.now,
            "customer_updated_at": self.now,
        }
        target_at = entered_target(
            TARGETS, Status.PENDING_REVIEW, self.now, started.due_at, self._upcoming()
        )
        self._orders[id_]["target_at"] = target_at
        before = self._read(self._orders[id_] | {"version": 0, "customer_version": 0})
        change = Change(details=with_target(None, target_at))
        event = event_values(before, EventKind.SUBMITTED, ACTORS[Role.CONNECTOR], change, self.now)
        self._events[id_] = [event | {"from_status": None}]

    def _act(self, move: Act) -> list[str]:
        row = self._orders[move.order]
        order, actor = self._read(row), ACTORS[move.role]
        verdict = decide(order.facts, actor, move.action, order.instant(self.now))
        if not verdict.allowed:
            return [blocker.code() for blocker in verdict.blockers]
        if move.action is Action.REFUND and (code := self._unpayable(row, move)):
            return [code]
        if move.action is Action.ASSIGN and (blockers := assignee_blockers(order.facts, COLLEAGUE)):
            return [blocker.code() for blocker in blockers]
        self._take(
            row,
            move.action,
            actor,
            self.now,
            _change(move, row, actor, order.instant(self.now)),
        )
        if move.action is Action.REFUND:
            self._refund(row, move)
        elif move.action in _OUTCOMES:
            refunds = [
                refund
                for refund in self._refunds
                if refund["service_order_id"] == row["id"]
                and refund["status"] is RefundStatus.SUBMITTED
            ]
            refunds[move.pick % len(refunds)]["status"] = _OUTCOMES[move.action]
        return []

    def _unpayable(self, row: Row, move: Act) -> str | None:
        own = [refund for refund in self._refunds if refund["service_order_id"] == row["id"]]
        counted = [
            refund for refund in self._refunds if refund["status"] is not RefundStatus.FAILED
        ]
        of_line = sum(
            refund["amount"]
            for refund in counted
            if (refund["order_number"], refund["sku"]) == (row["order_number"], row["sku"])
        )
        freight = sum(refund["freight"] for refund in counted if refund in own)
        if len(own) >= MAX_REFUNDS:
            return "TOO_MANY_REFUNDS"
        if of_line + move.amount > row["paid_amount"]:
            return "REFUND_TOO_LARGE"
        paid = FREIGHT * shipments(self._events[row["id"]])
        return "FREIGHT_TOO_LARGE" if freight + move.freight > paid else None

    def _refund(self, row: Row, move: Act) -> None:
        self._refunds.append(
            {
                "id": len(self._refunds),
                "service_order_id": row["id"],
                "order_number": row["order_number"],
                "sku": row["sku"],
                "amount": move.amount,
                "freight": move.freight,
                "status": RefundStatus.SUBMITTED,
            }
        )

    def _fire(self, *, at_deadlines: bool) -> None:
        while True:
            due = [
                row
                for row in self._orders.values()
                if row["status"] in CONSEQUENCES
                and row["clock_due_at"] <= self.now
                and not row["pending_refunds"]
            ]
            if not due:
                return
            row = min(due, key=lambda order: order["clock_due_at"])
            order, action = self._read(row), CONSEQUENCES[row["status"]]
            at = order.instant(row["clock_due_at"] if at_deadlines else self.now)
            assert decide(order.facts, SYSTEM, action, at).allowed
            explained = explanation(row["status"], order.clocks, at)
            change = Change(details={"explanation": explained})
            if action is Action.AUTO_APPROVE:
                change = decision_change(destination=HOME_BY_DEFAULT, explanation=explained)
            self._take(row, action, SYSTEM, at, change)

    def _declare(self, move: Declare) -> None:
        window = Span(self.now + move.after, self.now + move.after + move.length)
        if any(
            pause.window.start < window.end and pause.window.end > window.start
            for pause in self._standing()
        ):
            return
        before = self._upcoming()
        self._add(window)
        self._reschedule(before, self._pauses[-1].name)

    def _withdraw(self, move: Withdraw) -> None:
        ahead = [pause for pause in self._standing() if pause.window.start > self.now]
        if not ahead:
            return
        before, pause = self._upcoming(), ahead[-1]
        name, new = pause.name, None
        if move.instead is not None:
            start = self.now + move.instead.after
            new = Span(start, start + move.instead.length)
            others = [other.window for other in self._standing() if other is not pause]
            if any(other.start < new.end and other.end > new.start for other in others):
                return
        self._pauses[self._pauses.index(pause)] = Pause(
            name=pause.name,
            window=pause.window,
            declared_at=pause.declared_at,
            withdrawn_at=self.now,
        )
        if new is not None:
            self._add(new)
            name = self._pauses[-1].name
        self._reschedule(before, name)

    def _add(self, window: Span) -> None:
        name = f"假期 {len(self._pauses)}"
        self._pauses.append(Pause(name=name, window=window, declared_at=self.now))

    def _reschedule(self, before: list[Span], name: str) -> None:
        after = self._upcoming()
        for id_ in self._orders:
            order = self._read(self._orders[id_])
            moved = order.clocks.reschedule(self.now, before, after)
            if moved == order.clocks:
                continue
            dates = [due and due.isoformat() for due in (order.clocks.due_at, moved.due_at)]
            details = dict(zip(("window", "from", "to"), (name, *dates), strict=True))
            target_at = moved_target(order, moved, self.now, before, after)
            change = Change(details=with_target(details, target_at))
            at, kind = order.instant(self.now), EventKind.CLOCK_MOVED
            event = event_values(order, kind, ACTORS[Role.PLATFORM], change, at)
            self._events[id_].append(event)
            self._orders[id_] |= clock_columns(moved) | version_columns(order, kind, at)
            self._orders[id_]["target_at"] = target_at

    def _take(self, row: Row, action: Action, actor: Actor, now: datetime, change: Change) -> None:
        order = self._read(row)
        at = order.instant(now)
        values, event = step_values(order, action, actor, change, at, self._upcoming(at))
        row |= values
        self._events[row["id"]].append(event)

    def _standing(self) -> list[Pause]:
        return [pause for pause in self._pauses if pause.withdrawn_at is None]

    def _upcoming(self, since: datetime | None = None) -> list[Span]:
        windows = (pause.window for pause in self._standing())
        ahead = (window for window in windows if window.end > (since or self.now))
        return sorted(ahead, key=lambda window: window.start)

    def _clocks(self, row: Row) -> Clocks:
        return clocks(SimpleNamespace(**row), due_at=row["clock_due_at"])

    def _read(self, row: Row) -> Order:
        known: Row = {"enrolment": EnrolmentStatus.ENABLED, **row}
        values: list[Any] = [known[column.name] for column in FACTS]
        return Order(
            id=row["id"],
            application_id=row["application_id"],
            facts=facts(*values),
            clocks=self._clocks(row),
            default_address=HOME,
            auto_approval_blocked=False,
            updated_at=row["updated_at"],
            target_at=row["target_at"],
            targets=TARGETS,
        )


_OUTCOMES: Final = {
    Action.SETTLE_REFUND: RefundStatus.SUCCEEDED,
    Action.FAIL_REFUND: RefundStatus.FAILED,
}


def _change(move: Act, row: Row, actor: Actor, at: datetime) -> Change:
    """What the use case of the action adds to the step."""
    action, by = move.action, actor.name
    if action in (Action.ASSIGN, Action.CLAIM, Action.RELEASE):
        return _assignment(action, row, actor)
    if LIFECYCLE[action].decides:
        return decision_change(destination=HOME_BY_DEFAULT if action is Action.APPROVE else None)
    if action in (Action.EXCHANGE, Action.REPAIR, Action.SEND_BACK):
        return processing_change(action, by=by, outbound=Shipment())
    if action in RULINGS:
        return ruling_change(
            Ruling(action=action, text="裁决"),
            by=by,
            at=at,
            destination=HOME_BY_DEFAULT,
            inbound=row["inbound"],
            earlier_freight=row["earlier_freight"],
        )
    if action is Action.RETURN_CANCELLED:
        return cancelled_return_change(by=by, carrier="顺丰", waybill="1")
    if action is Action.CONFIRM:
        points = {"satisfaction": move.pick + 1}
        change = Change(values=points, details=points)
    elif action is Action.UPDATE_SHIPMENT:
        change = _update_shipment(row)
    else:
        change = _CHANGES.get(action) or Change(values=_refund_values(action, row, by, at))
    return change


def _assignment(action: Action, row: Row, actor: Actor) -> Change:
    holder, claimer = row["assignee_id"], Assignee(id=actor.id, name=actor.name)
    before = None if holder is None else Assignee(id=holder, name=[*Role, COLLEAGUE.name][holder])
    after = {Action.ASSIGN: COLLEAGUE, Action.CLAIM: claimer}.get(action)
    return assignment_change(before, after)


def _refund_values(action: Action, row: Row, by: str, at: datetime) -> Row:
    if action is Action.REFUND:
        return {
            "processing": {"action": action, "by": by, **carried_over(row["processing"])},
            "pending_refunds": row["pending_refunds"] + 1,
            "processed_at": at,
        }
    return {"pending_refunds": row["pending_refunds"] - 1} if action in _OUTCOMES else {}


_CHANGES: Final = {
    Action.REOPEN: taken_back_change("看错了", None),
    Action.WITHDRAW_APPROVAL: taken_back_change("点错了", None),
    Action.CHANGE_RETURN_ADDRESS: address_change(Destination(address=HOME, rule=CHOSEN), None),
    Action.SHIP: shipment_change(InboundShipment(carrier="顺丰", waybill="1", freight=FREIGHT)),
    Action.RECEIVE_CANCELLED: cancelled_receipt_change("已取消"),
    Action.ESCALATE: escalation_change("不同意"),
    Action.UNDO: Change(values={"processing": None, "processed_at": None}),
}


def _update_shipment(row: Row) -> Change:
    shipment = {"carrier": "顺丰", "waybill": "2"}
    values: Row = {"review_shipment": shipment}
    if is_sending(row["processing"]):
        values = {"processing": {**(row["processing"] or {}), "outbound": shipment}}
    return Change(values=values, details={"shipment": shipment})


def _row(values: Row) -> Any:
    return SimpleNamespace(**values)
