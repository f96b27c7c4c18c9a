"""Rulings of the platform: what each needs, what each binds, and when an order comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.actions import Action
from domain.actors import Actor, ActorKind
from domain.decision import OrderFacts, decide
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.permissions import MAIN_ACCOUNT, PLATFORM
from domain.statuses import FINAL, Status
from tests.domain import book

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
FACTS = OrderFacts(
    merchant_id=7,
    customer_ref="c-1",
    enrolment=EnrolmentStatus.ENABLED,
    status=Status.AWAITING_PROCESSING,
    version=3,
    has_return_address=True,
)
PEOPLE = (
    Actor(kind=ActorKind.MAIN_ACCOUNT, id=1, name="店主", permissions=MAIN_ACCOUNT, merchant_id=7),
    Actor(kind=ActorKind.PLATFORM, id=2, name="平台小王", permissions=PLATFORM),
    Actor(kind=ActorKind.CUSTOMER, id=0, name="c-1", merchant_id=7, customer_ref="c-1"),
    Actor(kind=ActorKind.SYSTEM, id=0, name="系统"),
)
ESCALATED = replace(FACTS, escalated_at=NOON)
RULED = replace(ESCALATED, ruled_at=LATER)


def codes(facts: OrderFacts, action: Action) -> set[str]:
    """The blockers of the action for an actor that the rule lets take it."""
    blockers = [decide(facts, actor, action, LATER).blockers for actor in PEOPLE]
    return min(({one.code() for one in found} for found in blockers), key=len)


def test_a_ruling_needs_an_escalation_that_was_not_ruled_on() -> None:
    for ruling in RULINGS:
        status = min(LIFECYCLE[ruling].sources)
        assert codes(replace(ESCALATED, status=status), ruling) == set()
        assert codes(replace(FACTS, status=status), ruling) == {"NOT_ESCALATED"}
        assert codes(replace(RULED, status=status), ruling) == {"NOT_ESCALATED"}


def test_every_status_after_review_has_a_ruling_for_each_side() -> None:
    for status in set(Status) - {Status.PENDING_REVIEW, Status.AWAITING_FEEDBACK}:
        able = {ruling for ruling in RULINGS if status in LIFECYCLE[ruling].sources}
        for_customer = able & {Action.RULE_RETURN, Action.RULE_PROCESS}
        assert for_customer
        assert len(able - for_customer) == 1, "what follows for the merchant leaves no choice"


def test_a_ruling_for_the_merchant_ends_an_open_order_and_leaves_a_finished_one() -> None:
    for status in set(Status) - {Status.PENDING_REVIEW, Status.AWAITING_FEEDBACK}:
        [ruling] = (
            one
            for one in RULINGS - {Action.RULE_RETURN, Action.RULE_PROCESS}
            if status in LIFECYCLE[one].sources
        )
        assert (LIFECYCLE[ruling].target or status) in FINAL
        if status in FINAL:
            assert LIFECYCLE[ruling].target in (None, status)


@pytest.mark.parametrize("action", [Action(name) for name in book.REFUNDS_FIRST])
def test_no_order_ends_or_goes_back_while_a_refund_is_pending(action: Action) -> None:
    status = min(
        LIFECYCLE[action].sources & {Status.AWAITING_PROCESSING, Status.AWAITING_CONFIRMATION}
    )
    facts = replace(ESCALATED, status=status)
    assert codes(facts, action) == set()
    assert codes(replace(facts, pending_refunds=1), action) == {"REFUND_PENDING"}


def test_a_ruling_that_the_merchant_makes_it_good_leaves_a_pending_refund() -> None:
    assert codes(replace(ESCALATED, pending_refunds=1), Action.RULE_PROCESS) == set()


@pytest.mark.parametrize("action", list(Action))
def test_a_ruling_binds_until_the_next_step(action: Action) -> None:
    for last in RULINGS:
        target = LIFECYCLE[last].target
        if target not in LIFECYCLE[action].sources:
            continue
        facts = replace(RULED, status=target, last_action=last, finished_at=NOON)
        found = "ALREADY_RULED" in codes(facts, action)
        assert found is (action in book.BOUND or action is Action.ESCALATE), last
        moved_on = codes(replace(facts, last_action=Action.FAIL_REFUND), action)
        assert action is Action.ESCALATE or "ALREADY_RULED" not in moved_on


def test_an_order_is_escalated_once_and_again_only_after_a_new_objection() -> None:
    assert codes(FACTS, Action.ESCALATE) == set()
    assert codes(ESCALATED, Action.ESCALATE) == {"ALREADY_ESCALATED"}
    assert codes(replace(RULED, last_action=Action.REFUND), Action.ESCALATE) == {"ALREADY_RULED"}
    objected = replace(RULED, last_action=Action.REPORT_UNSOLVED)
    assert codes(objected, Action.ESCALATE) == set()
    again = replace(objected, ruled_at=None)
    assert codes(again, Action.ESCALATE) == {"ALREADY_ESCALATED"}


def test_a_ruling_for_the_merchant_is_the_last_word() -> None:
    facts = replace(
        RULED, status=Status.COMPLETED, last_action=Action.RULE_CLOSE, finished_at=LATER
    )
    assert codes(facts, Action.REPORT_UNSOLVED) == {"ALREADY_RULED"}
    assert codes(facts, Action.ESCALATE) == {"ALREADY_RULED"}


def test_the_suspension_of_a_merchant_does_not_hold_up_a_ruling() -> None:
    suspended = replace(ESCALATED, enrolment=EnrolmentStatus.SUSPENDED)
    assert codes(suspended, Action.RULE_PROCESS) == set()
