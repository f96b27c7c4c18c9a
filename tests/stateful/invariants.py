"""What holds for every order after every move, whatever was tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from domain.actors import ActorKind
from domain.clocks import CLOCKS, CONSEQUENCES, REVIEW_GRACE, REVIEW_WINDOW, Span
from domain.desk.refunds import RefundStatus
from domain.events import EVENTS, INTERNAL, EventKind
from domain.lifecycle import LIFECYCLE, RULINGS, UNSOLVED_WINDOW
from domain.statuses import FINAL, Status
from tests.stateful.moves import CUSTOMERS, PAID, Act, Fire, Move, Role, Row

ROUNDING: Final = timedelta(milliseconds=1)
_RULED: Final = frozenset(EVENTS[action] for action in RULINGS)
STRANGERS: Final = (Role.OTHER_OWNER, Role.PLATFORM)


@dataclass(frozen=True)
class Moment:
    """Everything that a move may change."""

    now: datetime
    orders: Mapping[int, Row]
    events: Mapping[int, Sequence[Row]]
    refunds: Sequence[Row]
    windows: Sequence[Span]
    """The pause windows that are not withdrawn, ended ones included."""


@dataclass
class Invariants:
    """Compares each moment with the one before."""

    asked: dict[int, list[Span]] = field(default_factory=dict)
    """When the customer of each order was asked, and when the review went on."""
    since: dict[int, datetime] = field(default_factory=dict)

    def check(self, move: Move, before: Moment, after: Moment, refused: Sequence[str]) -> None:
        assert before.orders.keys() <= after.orders.keys()
        for id_, order in before.orders.items():
            added = after.events[id_][len(before.events[id_]) :]
            assert list(after.events[id_][: len(before.events[id_])]) == list(before.events[id_])
            if not added:
                assert after.orders[id_] == order, "an order changed without an event"
            self._check_order(order, after.orders[id_], added)
        if isinstance(move, Act):
            _check_act(move, before, after, refused)
        elif not isinstance(move, Fire):
            kinds = {event["kind"] for event in _added(before, after)}
            assert kinds <= {EventKind.CLOCK_MOVED}
        for event in _added(before, after):
            _check_system(event, before)
        _check_refunds(after)
        for id_, order in after.orders.items():
            self._check_clock(id_, order, after)

    def _check_order(self, before: Row, after: Row, added: Sequence[Row]) -> None:
        seen = [event for event in added if event["kind"] not in INTERNAL]
        assert after["version"] == before["version"] + len(added), "a change is one event"
        assert after["customer_version"] == before["customer_version"] + len(seen)
        status = before["status"]
        for event in added:
            assert event["from_status"] == status
            if status in FINAL and event["to_status"] != status:
                is_ruled = event["kind"] in _RULED
                is_objection = event["kind"] is EventKind.REPORTED_UNSOLVED
                assert is_ruled or is_objection, "a final status stays"
                assert is_ruled or status is Status.COMPLETED
                assert is_ruled or event["at"] <= before["finished_at"] + UNSOLVED_WINDOW
            self._follow(before["id"], event)
            status = event["to_status"]
        assert after["status"] == status
        if status in FINAL:
            assert after["pending_refunds"] == 0, "no order ends with a refund pending"

    def _follow(self, id_: int, event: Row) -> None:
        """Keep when the customer was asked."""
        was_asked = event["from_status"] is Status.AWAITING_FEEDBACK
        is_asked = event["to_status"] is Status.AWAITING_FEEDBACK
        if is_asked and not was_asked:
            self.since[id_] = event["at"]
        elif was_asked and not is_asked:
            self.asked.setdefault(id_, []).append(Span(self.since.pop(id_), event["at"]))

    def _check_clock(self, id_: int, order: Row, moment: Moment) -> None:
        """Paused time never counts: a clock runs for its window, the pauses left out."""
        rule, due_at = CLOCKS.get(order["status"]), order["clock_due_at"]
        if rule is None or due_at is None:
            assert rule is None or order["status"] is Status.AWAITING_FEEDBACK or due_at
            return
        if order["status"] is not Status.PENDING_REVIEW:
            assert running(order["clock_started_at"], due_at, moment.windows) == rule.window
            return
        asked = self.asked.get(id_, [])
        ran = running(order["review_started_at"], due_at, [*moment.windows, *asked])
        assert ran >= REVIEW_WINDOW
        if ran > REVIEW_WINDOW + len(asked) * ROUNDING:  # an answer came late
            left = running(asked[-1].end, due_at, moment.windows)
            assert left == REVIEW_GRACE
        if asked:
            assert running(asked[-1].end, due_at, moment.windows) >= REVIEW_GRACE


def running(start: datetime, end: datetime, pauses: Sequence[Span]) -> timedelta:
    """The time from start to end that is in no pause; pauses may overlap."""
    ran, at = timedelta(), start
    for pause in sorted(pauses, key=lambda span: span.start):
        if pause.end <= at or pause.start >= end:
            continue
        ran += max(pause.start - at, timedelta())
        at = max(at, min(pause.end, end))
    return ran + (end - at)


def _added(before: Moment, after: Moment) -> list[Row]:
    return list(
        chain.from_iterable(
            events[len(before.events.get(id_, ())) :]
            for id_, events in after.events.items()
            if id_ in before.events
        )
    )


def _check_act(move: Act, before: Moment, after: Moment, refused: Sequence[str]) -> None:
    id_ = list(before.orders)[move.order]
    added = _added(before, after)
    if refused:
        assert added == []
        assert after.refunds == before.refunds, "a refused refund leaves nothing behind"
        return
    [event] = added
    rule, order = LIFECYCLE[move.action], before.orders[id_]
    assert event["kind"] is EVENTS[move.action]
    assert event["service_order_id"] == id_
    assert order["status"] in rule.sources
    assert event["to_status"] is (rule.target or order["status"])
    is_ruling = move.role is Role.PLATFORM and rule.platform
    assert is_ruling or move.role not in STRANGERS, "nothing crosses merchants"
    if is_ruling:
        assert order["escalated_at"] is not None, "the platform rules only when it is asked"
        assert order["ruled_at"] is None, "the platform rules once"
    assert not rule.after or order["last_action"] in rule.after
    if event["actor_kind"] is ActorKind.CUSTOMER:
        assert rule.customer
        assert CUSTOMERS[move.role] == order["customer_ref"], "nothing crosses customers"
    else:
        assert rule.permission or rule.connector or is_ruling


def _check_system(event: Row, before: Moment) -> None:
    """The system acts at the deadline or later, and only as the clock of the status says."""
    if event["actor_kind"] is not ActorKind.SYSTEM:
        return
    order = before.orders[event["service_order_id"]]
    if event["from_status"] is order["status"]:
        assert event["kind"] is EVENTS[CONSEQUENCES[order["status"]]]
        assert event["at"] >= order["clock_due_at"], "the system is never early"
    assert order["pending_refunds"] == 0


def _check_refunds(moment: Moment) -> None:
    by_line: dict[Any, int] = {}
    freight: dict[int, int] = {}
    pending = dict.fromkeys(moment.orders, 0)
    for refund in moment.refunds:
        if refund["status"] is RefundStatus.FAILED:
            continue
        line = refund["order_number"], refund["sku"]
        by_line[line] = by_line.get(line, 0) + refund["amount"]
        id_ = refund["service_order_id"]
        freight[id_] = freight.get(id_, 0) + refund["freight"]
        pending[id_] += refund["status"] is RefundStatus.SUBMITTED
    assert all(amount <= PAID for amount in by_line.values()), "more was refunded than was paid"
    for id_, amount in freight.items():
        assert amount <= FREIGHT * shipments(moment.events[id_]), id_
    assert {id_: order["pending_refunds"] for id_, order in moment.orders.items()} == pending


FREIGHT: Final = 1_200
"""What each customer paid for the shipment: as in the way of SHIP."""


def shipments(events: Sequence[Row]) -> int:
    """How often the goods of an order were sent: again after a ruling that they go back."""
    return sum(event["kind"] is EventKind.SHIPPED for event in events)
