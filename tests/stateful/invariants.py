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
from domain.lifecycle import LIFECYCLE, REOPENING_WINDOW, RULINGS, UNSOLVED_WINDOW
from domain.statuses import FINAL, Status
from tests.stateful.moves import CUSTOMERS, PAID, Act, Fire, Move, Role, Row

ROUNDING: Final = timedelta(milliseconds=1)
BACK: Final = {
    EventKind.REPORTED_UNSOLVED: (Status.COMPLETED, UNSOLVED_WINDOW),
    EventKind.REOPENED: (Status.REJECTED, REOPENING_WINDOW),
}
"""What leads out of a final status: from which one, and for how long."""
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

    stopped: dict[int, list[Span]] = field(default_factory=dict)
    """When the review of each order stopped, for a question or an approval, and when it went on."""
    answered: dict[int, datetime] = field(default_factory=dict)
    """When the customer answered last."""
    since: dict[int, datetime] = field(default_factory=dict)
    left: dict[int, timedelta] = field(default_factory=dict)
    """What the review had left when it stopped."""

    def check(self, move: Move, before: Moment, after: Moment, refused: Sequence[str]) -> None:
        assert before.orders.keys() <= after.orders.keys()
        for id_, order in before.orders.items():
            added = after.events[id_][len(before.events[id_]) :]
            assert list(after.events[id_][: len(before.events[id_])]) == list(before.events[id_])
            if not added:
                assert after.orders[id_] == order, "an order changed without an event"
            self._check_order(order, after.orders[id_], added, after)
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

    def _check_order(self, before: Row, after: Row, added: Sequence[Row], moment: Moment) -> None:
        seen = [event for event in added if event["kind"] not in INTERNAL]
        assert after["version"] == before["version"] + len(added), "a change is one event"
        assert after["customer_version"] == before["customer_version"] + len(seen)
        status = before["status"]
        for event in added:
            assert event["from_status"] == status
            if status in FINAL and event["to_status"] != status:
                is_ruled = event["kind"] in _RULED
                assert is_ruled or event["kind"] in BACK, "a final status stays"
                if not is_ruled:
                    source, window = BACK[event["kind"]]
                    assert status is source
                    assert event["at"] <= before["finished_at"] + window
            self._follow(before, after, event, moment)
            status = event["to_status"]
        assert after["status"] == status
        if status in FINAL:
            assert after["pending_refunds"] == 0, "no order ends with a refund pending"

    def _follow(self, before: Row, after: Row, event: Row, moment: Moment) -> None:
        """Keep when the review stopped, and check that it goes on as it should."""
        id_, at, was = before["id"], event["at"], event["from_status"]
        if was is event["to_status"]:
            return
        if was is Status.PENDING_REVIEW:
            self.since[id_] = at
            self.left[id_] = running(at, max(before["clock_due_at"], at), moment.windows)
        if event["to_status"] is not Status.PENDING_REVIEW:
            return
        if event["kind"] is EventKind.REOPENED:
            self.stopped[id_] = []
            self.answered.pop(id_, None)
            assert after["review_started_at"] == at
            assert running(at, after["clock_due_at"], moment.windows) == REVIEW_WINDOW
            return
        self.stopped.setdefault(id_, []).append(Span(self.since.pop(id_), at))
        if event["kind"] is EventKind.RESPONDED:
            self.answered[id_] = at
            return
        left = running(at, after["clock_due_at"], moment.windows)
        assert timedelta() < left
        assert self.left[id_] <= left <= self.left[id_] + ROUNDING, "exactly what was left"

    def _check_clock(self, id_: int, order: Row, moment: Moment) -> None:
        """Paused time never counts: a clock runs for its window, the pauses left out."""
        rule, due_at = CLOCKS.get(order["status"]), order["clock_due_at"]
        if rule is None or due_at is None:
            assert rule is None or order["status"] is Status.AWAITING_FEEDBACK or due_at
            return
        if order["status"] is not Status.PENDING_REVIEW:
            assert running(order["clock_started_at"], due_at, moment.windows) == rule.window
            return
        stopped = [*moment.windows, *self.stopped.get(id_, [])]
        ran = running(order["review_started_at"], due_at, stopped)
        assert ran >= REVIEW_WINDOW
        answered_at = self.answered.get(id_)
        left = None if answered_at is None else running(answered_at, due_at, stopped)
        assert left is None or left >= REVIEW_GRACE
        if ran > REVIEW_WINDOW + len(stopped) * ROUNDING:  # an answer came late
            assert left is not None
            assert REVIEW_GRACE <= left <= REVIEW_GRACE + len(stopped) * ROUNDING


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
        assert rule.staff or rule.connector or is_ruling


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
