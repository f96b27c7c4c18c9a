"""Who may do what to an order, when: every combination, against the specification's own table."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from domain.actions import Action
from domain.actors import SYSTEM, Actor, ActorKind, NamedActor
from domain.decision import OrderFacts, PastDecision, decide
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE
from domain.permissions import CONNECTOR, DELEGABLE, MAIN_ACCOUNT, PLATFORM, Permission
from domain.refusals.general import MissingPermission
from domain.refusals.orders import AlreadyDecided, WrongLastStep, WrongStatus
from domain.statuses import Status
from tests.domain import book

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHOP, OTHER_SHOP = 7, 8
CUSTOMER = "customer-1"
ME, COLLEAGUE = 1, 2

FACTS = OrderFacts(
    merchant_id=SHOP,
    customer_ref=CUSTOMER,
    enrolment=EnrolmentStatus.ENABLED,
    status=Status.PENDING_REVIEW,
    version=3,
    has_return_address=True,
)
DECIDED = PastDecision(
    action=Action.REQUEST_FEEDBACK, by="小A", by_kind=ActorKind.EMPLOYEE, at=NOON
)


def staff(
    *permissions: Permission,
    kind: ActorKind = ActorKind.EMPLOYEE,
    merchant_id: int | None = SHOP,
) -> Actor:
    return Actor(
        kind=kind,
        id=ME,
        name="小A",
        permissions=frozenset(permissions),
        merchant_id=merchant_id,
    )


def customer(ref: str = CUSTOMER, merchant_id: int = SHOP) -> Actor:
    return Actor(
        kind=ActorKind.CUSTOMER,
        id=0,
        name=ref,
        permissions=frozenset({Permission.CUSTOMER_ACT}),
        merchant_id=merchant_id,
        customer_ref=ref,
    )


OWNER = staff(*MAIN_ACCOUNT, kind=ActorKind.MAIN_ACCOUNT)
OWN_CUSTOMER = customer()


def actors(line: book.Line, status: str) -> Iterator[tuple[Actor, set[str]]]:
    """Everybody who might try, and what the table answers to who they are."""
    needed = set(map(Permission, line.staff_in(status)))
    by_staff = set() if needed else {"NOT_YOURS"}
    without = {"MISSING_PERMISSION"} if needed else {"NOT_YOURS"}

    yield OWNER, by_staff
    for permission in needed:
        yield staff(permission), by_staff
    yield staff(*(DELEGABLE - needed)), without
    yield staff(), without
    by_connector = set() if line.connector else {"NOT_YOURS"}
    yield staff(*CONNECTOR, kind=ActorKind.CONNECTOR), by_connector

    yield staff(*MAIN_ACCOUNT, kind=ActorKind.MAIN_ACCOUNT, merchant_id=OTHER_SHOP), {"NOT_YOURS"}
    yield staff(*DELEGABLE, merchant_id=OTHER_SHOP), {"NOT_YOURS"}
    yield staff(*CONNECTOR, kind=ActorKind.CONNECTOR, merchant_id=None), {"NOT_YOURS"}
    by_platform = set() if line.platform else {"NOT_YOURS"}
    limited = {"MISSING_PERMISSION"} if line.platform else {"NOT_YOURS"}
    yield staff(*PLATFORM, kind=ActorKind.PLATFORM, merchant_id=None), by_platform
    others = PLATFORM - {Permission.INTERVENE}
    yield staff(*others, kind=ActorKind.PLATFORM, merchant_id=None), limited

    yield OWN_CUSTOMER, set() if line.customer else {"NOT_YOURS"}
    yield customer("customer-2"), {"NOT_YOURS"}
    yield customer(merchant_id=OTHER_SHOP), {"NOT_YOURS"}

    yield SYSTEM, set() if line.system else {"NOT_YOURS"}


def where(line: book.Line, status: str, last: str | None, decided: PastDecision | None) -> set[str]:
    """What the table answers to where the order stands."""
    follows = line.action not in book.AFTER or last in book.AFTER[line.action]
    if status in line.sources:
        return set() if follows else {"WRONG_LAST_STEP"}
    late = decided is not None and line.action in book.DECISIONS
    return {"ALREADY_DECIDED"} if late else {"WRONG_STATUS"}


def lacks(line: book.Line, met: bool) -> set[str]:
    """What the table answers to further facts of the order."""
    need = book.NEEDS.get(line.action)
    return set() if met or need is None else {need}


MET: dict[str, dict[str, Any]] = {
    "NOT_IN_TRANSIT": {"shipped_at": NOON},
    "NOT_ARRIVED": {"shipped_at": NOON, "received_at": NOON},
    "NO_REFUND_PENDING": {"pending_refunds": 1},
    "NOTHING_SENT": {"has_sent": True},
    "NO_REVIEW_TIME_LEFT": {"has_review_time": True},
    "NOT_ASSIGNED": {"assignee_id": ME},
    "NOT_ESCALATED": {"escalated_at": NOON},
}
UNMET: dict[str, dict[str, Any]] = {
    "REFUND_PENDING": {"pending_refunds": 1},
    "ALREADY_ESCALATED": {"escalated_at": NOON},
    "ALREADY_REOPENED": {"reopened_at": NOON},
    "ALREADY_ASSIGNED": {"assignee_id": ME},
}


def rests(line: book.Line, actor: Actor, enrolment: EnrolmentStatus) -> set[str]:
    """What the table answers to how far the merchant's enrolment has come."""
    stopped = (
        enrolment != "ENABLED"
        and line.permission in book.RESTS_WHILE_NOT_ENABLED
        and actor.kind not in ("CUSTOMER", "SYSTEM", "CONNECTOR")
    )
    return {"MERCHANT_NOT_ENABLED"} if stopped else set()


def codes(facts: OrderFacts, actor: Actor, action: Action, now: datetime = NOON) -> list[str]:
    return sorted(blocker.code() for blocker in decide(facts, actor, action, now).blockers)


@pytest.mark.parametrize("action", list(Action))
def test_every_combination_is_answered_as_the_table_says(action: Action) -> None:
    assert action in book.LINES, book.should_have(action)
    line = book.LINES[action]
    wrong = []
    allowed = refused = 0
    need = book.NEEDS.get(action)
    for status, enrolment, address, decided, last, met in product(
        book.STATUSES,
        EnrolmentStatus,
        (True, False),
        (None, DECIDED),
        (None, Action.EXCHANGE, Action.SEND_BACK, Action.REPAIR, Action.REPORT_UNSOLVED),
        (True, False) if need else (True,),
    ):
        states = (MET if met else UNMET).get(need or "", {})
        facts = replace(
            FACTS,
            status=Status(status),
            enrolment=enrolment,
            has_return_address=address,
            decided=decided,
            last_action=last,
            **states,
        )
        nowhere = action in book.NEEDS_AN_ADDRESS and not address
        common = where(line, status, last, decided) | ({"NO_RETURN_ADDRESS"} if nowhere else set())
        common |= lacks(line, met)
        for actor, who in actors(line, status):
            expected = sorted(who | common | rests(line, actor, enrolment))
            found = codes(facts, actor, action)
            if found != expected:
                wrong.append((facts, actor, found, expected))
            allowed += found == []
            refused += found != []
    assert wrong == []
    assert allowed > 0
    assert refused > allowed


def test_the_code_has_the_table_and_nothing_besides() -> None:
    for action in LIFECYCLE:
        assert action in book.LINES, book.should_have(action)
    ours = {
        rule.action: (rule.sources, rule.target, rule.permission, rule.customer, rule.system)
        for rule in LIFECYCLE.values()
    }
    assert ours == {
        line.action: (line.sources, line.target, line.permission, line.customer, line.system)
        for line in book.LINES.values()
    }
    assert [*Action] == [*book.LINES], "tests/domain/book.py has the actions in another order"
    assert [*Status] == book.STATUSES


def test_decisions_that_a_batch_can_take_are_three() -> None:
    assert {rule.action for rule in LIFECYCLE.values() if rule.batch} == {
        "APPROVE",
        "REJECT",
        "RECORD_GIVE_UP",
    }


def test_who_lacks_a_permission_is_told_which() -> None:
    [blocker] = decide(FACTS, staff(Permission.PROCESS), Action.APPROVE, NOON).blockers
    assert blocker == MissingPermission(permission=Permission.REVIEW)


def test_a_wrong_status_names_where_the_order_stands_and_from_where_it_could_be_done() -> None:
    facts = replace(FACTS, status=Status.COMPLETED)
    [blocker] = decide(facts, OWN_CUSTOMER, Action.CANCEL, NOON).blockers
    assert isinstance(blocker, WrongStatus)
    assert blocker.status == "COMPLETED"
    assert set(blocker.allowed_from) == {
        "PENDING_REVIEW",
        "AWAITING_FEEDBACK",
        "AWAITING_SHIPMENT",
        "AWAITING_RECEIPT",
    }


@pytest.mark.parametrize(
    ("by", "by_kind", "decision", "automatic"),
    [
        ("小A", ActorKind.EMPLOYEE, Action.REJECT, False),
        ("店主", ActorKind.MAIN_ACCOUNT, Action.RESEND, False),
        ("系统", ActorKind.SYSTEM, Action.AUTO_APPROVE, True),
    ],
)
def test_who_comes_late_is_told_who_decided_what_and_when(
    by: str, by_kind: ActorKind, decision: Action, automatic: bool
) -> None:
    at = NOON - timedelta(minutes=3)
    past = PastDecision(action=decision, by=by, by_kind=by_kind, at=at)
    facts = replace(FACTS, status=Status.REJECTED, decided=past)
    [blocker] = decide(facts, OWNER, Action.APPROVE, NOON).blockers
    assert blocker == AlreadyDecided(
        by=NamedActor(kind=by_kind, name=by), at=at, decision=decision, automatic=automatic
    )


def test_an_order_that_came_back_to_review_can_be_decided_again() -> None:
    assert decide(replace(FACTS, decided=DECIDED), OWNER, Action.APPROVE, NOON).allowed


def test_a_version_that_was_seen_must_be_the_present_one() -> None:
    for expected, said in ((3, []), (None, []), (2, ["STALE_VERSION"]), (4, ["STALE_VERSION"])):
        verdict = decide(FACTS, OWNER, Action.APPROVE, NOON, expected_version=expected)
        assert [blocker.code() for blocker in verdict.blockers] == said
        assert [vars(blocker).get("current") for blocker in verdict.blockers] == [3] * len(said)


def test_all_that_stands_against_it_is_said_at_once() -> None:
    facts = replace(
        FACTS,
        status=Status.COMPLETED,
        enrolment=EnrolmentStatus.SUSPENDED,
        has_return_address=False,
    )
    verdict = decide(facts, staff(), Action.APPROVE, NOON, expected_version=2)
    assert [blocker.code() for blocker in verdict.blockers] == [
        "MISSING_PERMISSION",
        "MERCHANT_NOT_ENABLED",
        "WRONG_STATUS",
        "STALE_VERSION",
        "NO_RETURN_ADDRESS",
    ]
    assert verdict.until is None


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (Action.AUTO_APPROVE, Status.PENDING_REVIEW),
        (Action.EXPIRE_FEEDBACK, Status.AWAITING_FEEDBACK),
        (Action.EXPIRE_SHIPMENT, Status.AWAITING_SHIPMENT),
        (Action.AUTO_CONFIRM, Status.AWAITING_CONFIRMATION),
    ],
)
def test_the_system_is_never_early(action: Action, status: Status) -> None:
    started = NOON
    facts = replace(FACTS, status=status, due_at=started + timedelta(hours=48))
    early = started + timedelta(hours=47, minutes=59, seconds=59)
    assert codes(facts, SYSTEM, action, early) == ["NOT_DUE"]
    almost = started + timedelta(hours=48) - timedelta(microseconds=1)
    assert codes(facts, SYSTEM, action, almost) == ["NOT_DUE"]
    assert codes(facts, SYSTEM, action, started + timedelta(hours=48)) == []
    assert codes(facts, SYSTEM, action, started + timedelta(days=90)) == []


def test_a_person_may_still_decide_after_the_deadline() -> None:
    facts = replace(FACTS, due_at=NOON - timedelta(hours=1))
    verdict = decide(facts, OWNER, Action.REJECT, NOON)
    assert verdict.allowed
    assert verdict.until is None


def test_a_finished_order_can_be_reported_unsolved_for_15_days() -> None:
    facts = replace(FACTS, status=Status.COMPLETED, finished_at=NOON)
    for action, later, said in (
        (Action.REPORT_UNSOLVED, timedelta(days=15), []),
        (Action.REPORT_UNSOLVED, timedelta(days=15, microseconds=1), ["DEADLINE_PASSED"]),
        (Action.ESCALATE, timedelta(days=400), []),
    ):
        assert codes(facts, OWN_CUSTOMER, action, NOON + later) == said
    late = decide(facts, OWN_CUSTOMER, Action.REPORT_UNSOLVED, NOON + timedelta(days=16))
    assert [vars(blocker)["due_at"] for blocker in late.blockers] == [NOON + timedelta(days=15)]


@pytest.mark.parametrize("last", list(Action))
def test_only_an_exchange_or_what_was_sent_back_can_be_undone(last: Action) -> None:
    facts = replace(FACTS, status=Status.AWAITING_CONFIRMATION, last_action=last)
    possible = last in ("EXCHANGE", "SEND_BACK")
    verdict = decide(facts, OWNER, Action.UNDO, NOON)
    assert verdict.allowed is possible
    expected = (Action.EXCHANGE, Action.SEND_BACK)
    if not possible:
        assert verdict.blockers == (WrongLastStep(expected=expected),)


def test_what_is_allowed_is_allowed_until_the_clock_takes_over() -> None:
    due = NOON + timedelta(hours=5)
    finished = NOON - timedelta(days=2)
    for action, status, until in (
        (Action.APPROVE, Status.PENDING_REVIEW, due),
        (Action.RECORD_GIVE_UP, Status.AWAITING_FEEDBACK, due),
        (Action.SHIP, Status.AWAITING_SHIPMENT, due),
        (Action.RECEIVE, Status.AWAITING_RECEIPT, None),  # being late there is only counted
        (Action.CLOSE, Status.AWAITING_PROCESSING, None),
        (Action.NOTE, Status.PENDING_REVIEW, None),  # the clock takes nothing away from notes
        (Action.ESCALATE, Status.AWAITING_CONFIRMATION, None),
    ):
        facts = replace(FACTS, status=status, due_at=due)
        assert decide(facts, OWNER, action, NOON).until == until, action
    for action, status, until in (
        (Action.RESPOND, Status.AWAITING_FEEDBACK, due),
        (Action.CONFIRM, Status.AWAITING_CONFIRMATION, due),
        (Action.REPORT_UNSOLVED, Status.AWAITING_CONFIRMATION, due),
    ):
        facts = replace(FACTS, status=status, due_at=due)
        assert decide(facts, OWN_CUSTOMER, action, NOON).until == until, action
    facts = replace(FACTS, status=Status.COMPLETED, finished_at=finished)
    verdict = decide(facts, OWN_CUSTOMER, Action.REPORT_UNSOLVED, NOON)
    assert verdict.until == finished + timedelta(days=15)
    facts = replace(FACTS, due_at=NOON)
    assert decide(facts, SYSTEM, Action.AUTO_APPROVE, NOON).until is None


@pytest.mark.parametrize("status", list(book.WORK))
@pytest.mark.parametrize("permission", book.ANYBODY)
def test_an_order_of_somebody_else_is_released_by_those_alone_who_may_assign(
    status: str, permission: str
) -> None:
    actor = staff(Permission(permission))
    for holder, expected in (
        (ME, []),
        (COLLEAGUE, [] if permission == "ASSIGN" else ["MISSING_PERMISSION"]),
        (None, ["NOT_ASSIGNED"]),
    ):
        facts = replace(FACTS, status=Status(status), assignee_id=holder)
        assert codes(facts, actor, Action.RELEASE) == expected
    facts = replace(FACTS, status=Status(status), assignee_id=COLLEAGUE)
    for blocker in decide(facts, actor, Action.RELEASE, NOON).blockers:
        assert blocker == MissingPermission(permission=Permission.ASSIGN)


def test_the_code_has_the_permissions_of_each_status_as_the_table_says() -> None:
    for line in book.LINES.values():
        for status in book.STATUSES:
            needed = LIFECYCLE[Action(line.action)].staff_in(Status(status))
            assert list(needed) == list(dict.fromkeys(line.staff_in(status)))
