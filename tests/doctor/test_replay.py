"""Where events lead: the clocks that an order may have, and what each wrong event is called.

Whole histories: see test_examine.py.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doctor.faults import Fault
from doctor.pauses import ORDER_TOLERANCE, Move, Pause, PauseHistory
from doctor.replay import Event, Replay
from domain.actors import ActorKind
from domain.clocks import REVIEW_WINDOW, Span, first_clocks
from domain.events import INTERNAL, EventKind
from domain.statuses import Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Span(NOON + 10 * HOUR, NOON + 34 * HOUR)


def event(sequence: int, kind: EventKind, at: datetime, **given: Any) -> Event:
    plain = Event(
        sequence=sequence,
        customer_sequence=None if kind in INTERNAL else sequence,
        kind=kind,
        at=at,
        actor_kind=ActorKind.SYSTEM,
        actor_id=0,
        actor_name="-",
        from_status=Status.PENDING_REVIEW,
        to_status=Status.PENDING_REVIEW,
        details=None,
    )
    return replace(plain, **given)


def submitted(declared_at: datetime | None) -> Replay:
    """An order submitted at noon, with a pause declared at some time or never."""
    pauses = [Pause(name="国庆", window=WINDOW, declared_at=declared_at)] if declared_at else []
    replay = Replay(merchant_id=1, customer_ref="c-1", pauses=PauseHistory(pauses))
    assert list(replay.take(event(1, EventKind.SUBMITTED, NOON, from_status=None))) == []
    return replay


HEEDED = first_clocks(NOON, [WINDOW])
UNHEEDED = first_clocks(NOON, [])


@pytest.mark.parametrize(
    ("declared_at", "expected"),
    [
        (None, {UNHEEDED}),
        (NOON - ORDER_TOLERANCE - timedelta(microseconds=1), {HEEDED}),
        (NOON - ORDER_TOLERANCE, {HEEDED, UNHEEDED}),
        (NOON, {HEEDED, UNHEEDED}),
        (NOON + ORDER_TOLERANCE, {HEEDED, UNHEEDED}),
        (NOON + ORDER_TOLERANCE + timedelta(microseconds=1), {UNHEEDED}),
    ],
)
def test_a_pause_is_heeded_by_what_came_after_it_and_perhaps_by_what_came_about_then(
    declared_at: datetime, expected: set[object]
) -> None:
    assert submitted(declared_at).clocks == expected


def test_the_move_of_a_clock_tells_that_it_had_not_heeded_the_pause() -> None:
    replay = submitted(NOON)
    before, after = NOON + REVIEW_WINDOW, NOON + REVIEW_WINDOW + 24 * HOUR
    details = {"window": "国庆", "from": before.isoformat(), "to": after.isoformat()}
    assert list(replay.take(event(2, EventKind.CLOCK_MOVED, NOON, details=details))) == []
    [clocks] = replay.clocks
    assert (clocks.due_at, clocks.review.due_at) == (after, after)


@pytest.mark.parametrize(
    ("status", "hours", "is_fault"),
    [
        (Status.AWAITING_RECEIPT, 0, False),
        (Status.AWAITING_RECEIPT, 24 * 10, False),  # the deadline
        (Status.AWAITING_RECEIPT, -1, True),
        (Status.AWAITING_RECEIPT, 24 * 10 + 1, True),
        (Status.AWAITING_SHIPMENT, 24, True),
    ],
)
def test_a_target_lies_within_the_clock_of_a_status_that_has_one(
    status: Status, hours: int, is_fault: bool
) -> None:
    replay = submitted(None)
    for sequence, kind, target in (
        (2, EventKind.APPROVED, Status.AWAITING_SHIPMENT),
        (3, EventKind.SHIPPED, Status.AWAITING_RECEIPT),
    ):
        details: dict[str, Any] = {"returnAddress": {"contact": "-"}}
        if target is status:
            details["targetAt"] = (NOON + hours * HOUR).isoformat()
        step = event(
            sequence,
            kind,
            NOON,
            actor_kind=ActorKind.EMPLOYEE,
            from_status=replay.status,
            to_status=target,
            details=details,
        )
        faults = [fault for fault, _ in replay.take(step)]
        assert faults == ([Fault.TARGET_WRONG] if is_fault and target is status else [])
        expected = NOON + hours * HOUR if target is status else None
        assert replay.target_at == expected


def test_a_move_that_no_pause_makes_is_a_fault() -> None:
    replay = submitted(NOON)
    details = {"window": "国庆", "from": NOON.isoformat(), "to": NOON.isoformat()}
    [(fault, _)] = replay.take(event(2, EventKind.CLOCK_MOVED, NOON, details=details))
    assert fault is Fault.CLOCK_DIFFERS


@pytest.mark.parametrize(
    ("kind", "after", "fault"),
    [
        (EventKind.AUTO_APPROVAL_BLOCKED, REVIEW_WINDOW, None),
        (
            EventKind.AUTO_APPROVAL_BLOCKED,
            REVIEW_WINDOW - timedelta(microseconds=1),
            Fault.ACTED_EARLY,
        ),
        (EventKind.AUTO_APPROVAL_UNBLOCKED, HOUR, Fault.STEP_NOT_ALLOWED),
        (EventKind.CONTACT_REVEALED, HOUR, None),
    ],
)
def test_what_is_no_step_is_checked_too(
    kind: EventKind, after: timedelta, fault: Fault | None
) -> None:
    found = submitted(None).take(event(2, kind, NOON + after))
    assert [one for one, _ in found] == ([fault] if fault else [])


@pytest.mark.parametrize("renamed", [False, True])
def test_the_withdrawal_of_a_pause_moves_the_clock_back(renamed: bool) -> None:
    """A change withdraws a window and declares another at one instant, with one event."""
    declared_at, withdrawn_at = NOON - HOUR, NOON + HOUR
    later = Span(WINDOW.start + HOUR, WINDOW.end)
    pauses = [Pause(name="国庆", window=WINDOW, declared_at=declared_at, withdrawn_at=withdrawn_at)]
    if renamed:
        pauses.append(Pause(name="中秋", window=later, declared_at=withdrawn_at))
    name = "中秋" if renamed else "国庆"
    replay = Replay(
        merchant_id=1,
        customer_ref="c-1",
        pauses=PauseHistory(pauses),
        moves=[Move(name, withdrawn_at)],
    )
    assert list(replay.take(event(1, EventKind.SUBMITTED, NOON, from_status=None))) == []
    assert replay.clocks == {HEEDED}
    after = first_clocks(NOON, [later] if renamed else [])
    assert HEEDED.due_at is not None
    assert after.due_at is not None
    details = {
        "window": name,
        "from": HEEDED.due_at.isoformat(),
        "to": after.due_at.isoformat(),
    }
    moved = event(2, EventKind.CLOCK_MOVED, withdrawn_at, details=details)
    assert list(replay.take(moved)) == []
    assert replay.clocks == {after}


def test_a_withdrawn_pause_is_not_heeded_by_what_came_after() -> None:
    pause = Pause(name="国庆", window=WINDOW, declared_at=NOON - 3 * HOUR, withdrawn_at=NOON - HOUR)
    replay = Replay(merchant_id=1, customer_ref="c-1", pauses=PauseHistory([pause]))
    assert list(replay.take(event(1, EventKind.SUBMITTED, NOON, from_status=None))) == []
    assert replay.clocks == {UNHEEDED}


def test_an_internal_event_has_no_number_for_the_customer() -> None:
    replay = submitted(None)
    note = event(2, EventKind.CONTACT_REVEALED, NOON, customer_sequence=2)
    assert [fault for fault, _ in replay.take(note)] == [Fault.CUSTOMER_SEQUENCE_BROKEN]
