"""Who may be put in charge of which order: every combination."""

from dataclasses import replace
from itertools import chain, combinations

from domain.assignment import Assignee, assignee_blockers
from domain.permissions import DESK, Permission
from domain.queues import QUEUE_STATUSES
from domain.refusals.assignment import AlreadyAssigned, AssigneeDisabled, AssigneeNotPermitted
from domain.refusals.refusal import Refusal
from domain.statuses import FINAL, Status
from domain.text import Language
from tests.domain import book
from tests.domain.test_decision import COLLEAGUE, FACTS, ME


def test_an_employee_is_put_in_charge_of_what_they_may_work_on() -> None:
    desk = sorted(DESK)
    held = chain.from_iterable(combinations(desk, size) for size in range(len(desk) + 1))
    for permissions in map(frozenset, held):
        for status in Status:
            needed = book.WORK.get(status, [])
            for holder in (None, ME, COLLEAGUE):
                for disabled in (True, False):
                    assignee = Assignee(
                        id=ME, name="小A", permissions=permissions, is_disabled=disabled
                    )
                    facts = replace(FACTS, status=status, assignee_id=holder)
                    expected: list[type[Refusal]] = [
                        *([AlreadyAssigned] if holder == ME else []),
                        *([AssigneeDisabled] if disabled else []),
                        *(
                            [AssigneeNotPermitted]
                            if needed and not permissions & set(needed)
                            else []
                        ),
                    ]
                    assert [*map(type, assignee_blockers(facts, assignee))] == expected


def test_an_employee_who_may_not_work_on_an_order_is_named_with_what_they_lack() -> None:
    facts = replace(FACTS, status=Status.AWAITING_PROCESSING)
    assert assignee_blockers(facts, Assignee(id=ME, name="小A")) == (
        AssigneeNotPermitted(assignee="小A", permissions=(Permission.PROCESS, Permission.REFUND)),
    )


def test_orders_are_claimed_from_queues_that_wait_for_the_merchant() -> None:
    assert set(QUEUE_STATUSES.values()) < set(book.WORK) == set(Status) - FINAL


def test_a_message_names_the_employee_if_the_name_is_known() -> None:
    for assignee, messages in (
        ("小A", ["服务单已分配给 小A", "The order is already assigned to 小A."]),
        (None, ["服务单已分配", "The order is already assigned."]),
    ):
        refusal = AlreadyAssigned(assigned_to=assignee)
        assert [refusal.message(language) for language in Language] == messages
