"""The cases of orders: a story for each rule, written down by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from domain.actors import ActorKind
from domain.clocks import Span
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE
from domain.quality.cases import RELEVANT, CaseEvent, CaseKind, Mark, cases_of
from domain.statuses import Status

NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR: Final = 3_600_000
"""In milliseconds, as all times here."""
DAY: Final = 24 * HOUR
ACTIONS: Final = {kind: action for action, kind in EVENTS.items()}
REVIEWER, RECEIVER, PROCESSOR = 1, 2, 3
PEOPLE: Final = {
    "reviewer": (ActorKind.EMPLOYEE, REVIEWER),
    "receiver": (ActorKind.EMPLOYEE, RECEIVER),
    "processor": (ActorKind.MAIN_ACCOUNT, PROCESSOR),
    "connector": (ActorKind.CONNECTOR, 4),
    "customer": (ActorKind.CUSTOMER, 0),
    "clock": (ActorKind.SYSTEM, 0),
    "platform": (ActorKind.PLATFORM, 5),
}

Step = tuple[int, str, str] | tuple[int, str, str, Mapping[str, Any]]
"""When, what, by whom; and with which details."""
Expected = tuple[CaseKind, int, int | None, Mark, int | None]
"""The kind, the number of the step, the employee, the marks and the amount."""

APPLIED: Final[Step] = (0, "SUBMITTED", "connector")
APPROVED: Final[Step] = (HOUR, "APPROVED", "reviewer")
SENT: Final[Step] = (2 * HOUR, "SHIPPED", "customer")
RECEIVED: Final[Step] = (5 * HOUR, "RECEIVED", "receiver")
HERE: Final = (APPLIED, APPROVED, SENT, RECEIVED)
"""The goods are here: four steps."""

M = Mark
BY = M.BY_PERSON
GOOD: Final = M.ON_TIME | M.APPROVED | BY
NO: Final = M.ON_TIME | M.REJECTED | BY
DONE: Final = M.CONCLUDED | M.UNAIDED | BY
RULED_CLOSED: Final = M.CONCLUDED | M.INTERVENED | BY
REVIEWED: Final[Expected] = (CaseKind.REVIEW, 2, REVIEWER, GOOD, HOUR)
ARRIVED: Final[Expected] = (CaseKind.RECEIPT, 4, RECEIVER, M.ON_TIME | BY, 3 * HOUR)


def review(at: int, marks: Mark, amount: int, who: int | None = REVIEWER) -> Expected:
    return CaseKind.REVIEW, at, who, marks, amount


def processed(at: int, amount: int, marks: Mark = M.ON_TIME | BY) -> Expected:
    return CaseKind.PROCESSING, at, PROCESSOR, marks, amount


def handled(at: int, amount: int) -> Expected:
    return CaseKind.HANDLING, at, PROCESSOR, BY, amount


def result(at: int, marks: Mark = BY, who: int | None = PROCESSOR) -> Expected:
    return CaseKind.RESULT, at, who, marks, None


def end(at: int, marks: Mark, who: int | None = PROCESSOR) -> Expected:
    return CaseKind.END, at, who, marks, None


@dataclass(frozen=True)
class Story:
    name: str
    steps: Sequence[Step]
    expected: Sequence[Expected]
    windows: Sequence[Span] = field(default=())


def at(time: int) -> datetime:
    return NOON + timedelta(milliseconds=time)


def window(start: int, end: int) -> Span:
    return Span(at(start), at(end))


def events(steps: Sequence[Step]) -> list[CaseEvent]:
    """The steps as events. Where each leads, the rules say."""
    found = list[CaseEvent]()
    status: Status | None = None
    for sequence, (time, name, who, *details) in enumerate(steps, start=1):
        kind = EventKind[name]
        rule = LIFECYCLE[ACTIONS[kind]] if kind in ACTIONS else None
        assert status is None or rule is None or status in rule.sources, (name, status)
        to_status = (rule and rule.target) or status or Status.PENDING_REVIEW
        actor = PEOPLE[who]
        more = details[0] if details else None
        found.append(CaseEvent(sequence, kind, at(time), *actor, status, to_status, more))
        status = to_status
    return found


ASKED: Final[Step] = (40 * HOUR, "FEEDBACK_REQUESTED", "reviewer")
REFUND: Final[Step] = (9 * HOUR, "REFUNDED", "processor")
CONFIRMED: Final[Step] = (20 * HOUR, "CONFIRMED", "customer", {})
UNSOLVED: Final[Step] = (30 * HOUR, "REPORTED_UNSOLVED", "customer")
ESCALATED: Final[Step] = (31 * HOUR, "ESCALATED", "customer")
FIRST_REFUND: Final = (REVIEWED, ARRIVED, processed(5, 4 * HOUR), handled(5, 5 * HOUR))

STORIES: Final = (
    # Reviews
    Story("an order that waits has no case", (APPLIED,), ()),
    Story("an approval", (APPLIED, APPROVED), (REVIEWED,)),
    Story(
        "a decision exactly at the deadline is on time",
        (APPLIED, (48 * HOUR, "APPROVED", "reviewer")),
        (review(2, GOOD, 48 * HOUR),),
    ),
    Story(
        "a decision a millisecond after the deadline is not",
        (APPLIED, (48 * HOUR + 1, "APPROVED", "reviewer")),
        (review(2, M.APPROVED | BY, 48 * HOUR + 1),),
    ),
    Story(
        "an automatic approval is never on time, and is nobody's",
        (APPLIED, (48 * HOUR, "AUTO_APPROVED", "clock")),
        (review(2, M.APPROVED | M.AUTOMATIC, 48 * HOUR, None),),
    ),
    Story(
        "a connector's decision is on time, and is no employee's",
        (APPLIED, (HOUR, "APPROVED", "connector")),
        (review(2, M.APPROVED | M.ON_TIME, HOUR, None),),
    ),
    Story(
        "a pause in the review does not count",
        (APPLIED, (50 * HOUR, "APPROVED", "reviewer")),
        (review(2, GOOD, 47 * HOUR),),
        (window(10 * HOUR, 13 * HOUR),),
    ),
    Story(
        "a pause in which the review begins and ends takes all of it",
        (APPLIED, (HOUR, "APPROVED", "reviewer")),
        (review(2, GOOD, 0),),
        (window(-HOUR, 2 * HOUR),),
    ),
    Story(
        "the time of a question does not count",
        (
            APPLIED,
            ASKED,
            (100 * HOUR, "RESPONDED", "customer"),
            (107 * HOUR, "REJECTED", "reviewer"),
        ),
        (review(4, NO, 47 * HOUR), end(4, DONE, REVIEWER)),
    ),
    Story(
        "a late answer gives four hours",
        (
            APPLIED,
            (47 * HOUR, "FEEDBACK_REQUESTED", "reviewer"),
            (100 * HOUR, "RESPONDED", "customer"),
            (104 * HOUR, "APPROVED", "reviewer"),
        ),
        (review(4, GOOD, 51 * HOUR),),
    ),
    Story(
        "and not more than four hours",
        (
            APPLIED,
            (47 * HOUR, "FEEDBACK_REQUESTED", "reviewer"),
            (100 * HOUR, "RESPONDED", "customer"),
            (104 * HOUR + 1, "APPROVED", "reviewer"),
        ),
        (review(4, M.APPROVED | BY, 51 * HOUR + 1),),
    ),
    Story(
        "a decision without waiting for the answer took the time until the question",
        (APPLIED, ASKED, (100 * HOUR, "APPROVED", "reviewer")),
        (review(3, GOOD, 40 * HOUR),),
    ),
    Story(
        "a question after the deadline makes nothing on time",
        (
            APPLIED,
            (49 * HOUR, "FEEDBACK_REQUESTED", "reviewer"),
            (50 * HOUR, "APPROVED", "reviewer"),
        ),
        (review(3, M.APPROVED | BY, 49 * HOUR),),
    ),
    Story(
        "an approval that was withdrawn stays a decision, and is overturned",
        (
            APPLIED,
            (10 * HOUR, "APPROVED", "reviewer"),
            (30 * HOUR, "APPROVAL_WITHDRAWN", "reviewer"),
            (68 * HOUR, "REJECTED", "reviewer"),
        ),
        (
            review(2, GOOD | M.OVERTURNED, 10 * HOUR),
            review(4, NO, 48 * HOUR),
            end(4, DONE, REVIEWER),
        ),
    ),
    Story(
        "a rejection that was taken back stays a decision; the review begins anew",
        (
            APPLIED,
            (40 * HOUR, "REJECTED", "reviewer"),
            (60 * HOUR, "REOPENED", "reviewer"),
            (100 * HOUR, "APPROVED", "processor"),
        ),
        (
            review(2, NO | M.REOPENED | M.OVERTURNED, 40 * HOUR),
            review(4, GOOD, 40 * HOUR, PROCESSOR),
        ),
    ),
    Story(
        "the customer giving up in review is a decision, neither for nor against",
        (APPLIED, (HOUR, "GIVEN_UP", "reviewer")),
        (review(2, M.ON_TIME | BY, HOUR), end(2, M.CANCELLED | BY, REVIEWER)),
    ),
    Story(
        "the customer giving up after an approval is no decision",
        (APPLIED, APPROVED, (2 * HOUR, "GIVEN_UP", "processor")),
        (REVIEWED, end(3, M.CANCELLED | BY, REVIEWER)),
    ),
    Story(
        "a new item without a return is a decision and a result",
        (APPLIED, (HOUR, "RESENT", "reviewer")),
        (REVIEWED, result(2, BY, REVIEWER)),
    ),
    Story(
        "a customer who cancels before the decision leaves an end of nobody",
        (APPLIED, (HOUR, "CANCELLED", "customer")),
        (end(2, M.CANCELLED, None),),
    ),
    Story(
        "an order that expired ended as cancelled",
        (APPLIED, APPROVED, (8 * DAY, "SHIPMENT_EXPIRED", "clock")),
        (REVIEWED, end(3, M.CANCELLED | BY, REVIEWER)),
    ),
    # Receipts
    Story("a receipt", HERE, (REVIEWED, ARRIVED)),
    Story(
        "a receipt exactly at the deadline is on time",
        (APPLIED, APPROVED, SENT, (2 * HOUR + 10 * DAY, "RECEIVED", "receiver")),
        (REVIEWED, (CaseKind.RECEIPT, 4, RECEIVER, M.ON_TIME | BY, 10 * DAY)),
    ),
    Story(
        "a receipt a millisecond after it is not",
        (APPLIED, APPROVED, SENT, (2 * HOUR + 10 * DAY + 1, "RECEIVED", "receiver")),
        (REVIEWED, (CaseKind.RECEIPT, 4, RECEIVER, BY, 10 * DAY + 1)),
    ),
    # Processing
    Story(
        "a refund that was paid and confirmed with a good rating",
        (
            *HERE,
            REFUND,
            (10 * HOUR, "REFUND_SETTLED", "connector"),
            (20 * HOUR, "CONFIRMED", "customer", {"satisfaction": 4}),
        ),
        (
            *FIRST_REFUND,
            result(5),
            end(7, DONE),
            (CaseKind.RATING, 7, PROCESSOR, BY, 4),
        ),
    ),
    Story(
        "a processing step exactly at the deadline is on time",
        (*HERE, (53 * HOUR, "CLOSED", "processor")),
        (REVIEWED, ARRIVED, processed(5, 48 * HOUR), handled(5, 49 * HOUR), end(5, DONE)),
    ),
    Story(
        "a processing step a millisecond after it is not",
        (*HERE, (53 * HOUR + 1, "CLOSED", "processor")),
        (
            REVIEWED,
            ARRIVED,
            processed(5, 48 * HOUR + 1, BY),
            handled(5, 49 * HOUR + 1),
            end(5, DONE),
        ),
    ),
    Story(
        "a second refund while the customer decides is no other step or result",
        (*HERE, REFUND, (10 * HOUR, "REFUNDED", "processor")),
        (*FIRST_REFUND, result(5)),
    ),
    Story(
        "a refund that failed is no result, and the next step is another",
        (
            *HERE,
            REFUND,
            (12 * HOUR, "REFUND_FAILED", "connector"),
            (15 * HOUR, "REFUNDED", "processor"),
        ),
        (*FIRST_REFUND, processed(7, 3 * HOUR), result(7)),
    ),
    Story(
        "a second refund that failed restarts the clock, not the work",
        (
            *HERE,
            REFUND,
            (9 * HOUR, "REFUNDED", "processor"),
            (10 * HOUR, "REFUND_FAILED", "connector"),
            (50 * HOUR, "REFUND_FAILED", "connector"),
            (90 * HOUR, "EXCHANGED", "processor"),
        ),
        (*FIRST_REFUND, processed(9, 80 * HOUR), result(9)),
    ),
    Story(
        "a step that was undone is none; its work belongs to the next one",
        (
            *HERE,
            (9 * HOUR, "SENT_BACK", "processor"),
            (20 * HOUR, "UNDONE", "processor"),
            (22 * HOUR, "EXCHANGED", "processor"),
        ),
        (REVIEWED, ARRIVED, processed(7, 6 * HOUR), handled(7, 7 * HOUR), result(7)),
    ),
    Story(
        "a step that was undone and not replaced",
        (*HERE, (9 * HOUR, "SENT_BACK", "processor"), (20 * HOUR, "UNDONE", "processor")),
        (REVIEWED, ARRIVED),
    ),
    # Outcomes
    Story(
        "a result that the customer reports as not solved before confirming",
        (*HERE, REFUND, UNSOLVED),
        (*FIRST_REFUND, result(5, BY | M.UNSOLVED)),
    ),
    Story(
        "and after confirming: the order has not ended, the rating stays",
        (
            *HERE,
            REFUND,
            (20 * HOUR, "CONFIRMED", "customer", {"satisfaction": 2}),
            UNSOLVED,
            (40 * HOUR, "SOLVED", "processor"),
            (41 * HOUR, "CONFIRMED", "customer", {"satisfaction": 5}),
        ),
        (
            *FIRST_REFUND,
            result(5, BY | M.UNSOLVED),
            (CaseKind.RATING, 6, PROCESSOR, BY | M.BAD, 2),
            processed(8, 10 * HOUR),
            result(8),
            end(9, DONE),
            (CaseKind.RATING, 9, PROCESSOR, BY, 5),
        ),
    ),
    Story(
        "a confirmation without a rating",
        (*HERE, REFUND, CONFIRMED),
        (*FIRST_REFUND, result(5), end(6, DONE)),
    ),
    # Rulings
    Story(
        "a ruling before the end",
        (
            *HERE,
            (6 * HOUR, "ESCALATED", "customer"),
            (7 * HOUR, "RULED_PROCESS", "platform"),
            (9 * HOUR, "REFUNDED", "processor"),
            CONFIRMED,
        ),
        (
            REVIEWED,
            ARRIVED,
            processed(7, 4 * HOUR),
            handled(7, 5 * HOUR),
            result(7),
            end(8, RULED_CLOSED),
        ),
    ),
    Story(
        "a ruling that restarts the clock lets a later step be on time",
        (
            *HERE,
            (45 * HOUR, "ESCALATED", "customer"),
            (50 * HOUR, "RULED_PROCESS", "platform"),
            (98 * HOUR, "REFUNDED", "processor"),
        ),
        (REVIEWED, ARRIVED, processed(7, 93 * HOUR), handled(7, 94 * HOUR), result(7)),
    ),
    Story(
        "a ruling that ends the order",
        (*HERE, (6 * HOUR, "ESCALATED", "customer"), (7 * HOUR, "RULED_CLOSED", "platform")),
        (REVIEWED, ARRIVED, end(6, RULED_CLOSED, RECEIVER)),
    ),
    Story(
        "a ruling after the end that lets it stand keeps the day of the end",
        (*HERE, REFUND, CONFIRMED, ESCALATED, (32 * HOUR, "RULED_CLOSED", "platform")),
        (*FIRST_REFUND, result(5), end(6, RULED_CLOSED)),
    ),
    Story(
        "a rejection that the platform upholds is not overturned",
        (
            APPLIED,
            (HOUR, "REJECTED", "reviewer"),
            ESCALATED,
            (32 * HOUR, "RULED_UPHELD", "platform"),
        ),
        (review(2, NO, HOUR), end(2, RULED_CLOSED, REVIEWER)),
    ),
    Story(
        "a rejection that the platform overrules is overturned, and the order has not ended",
        (
            APPLIED,
            (HOUR, "REJECTED", "reviewer"),
            ESCALATED,
            (32 * HOUR, "RULED_RETURN", "platform"),
        ),
        (review(2, NO | M.OVERTURNED, HOUR),),
    ),
    Story(
        "an approval is not overturned by a ruling for the customer",
        (*HERE, REFUND, CONFIRMED, ESCALATED, (32 * HOUR, "RULED_PROCESS", "platform")),
        (*FIRST_REFUND, result(5)),
    ),
    Story(
        "goods that go back by a ruling are received and handled a second time",
        (
            *HERE,
            REFUND,
            CONFIRMED,
            ESCALATED,
            (32 * HOUR, "RULED_RETURN", "platform"),
            (33 * HOUR, "SHIPPED", "customer"),
            (36 * HOUR, "RECEIVED", "receiver"),
            (38 * HOUR, "EXCHANGED", "processor"),
        ),
        (
            *FIRST_REFUND,
            result(5),
            (CaseKind.RECEIPT, 10, RECEIVER, M.ON_TIME | BY, 3 * HOUR),
            processed(11, 2 * HOUR),
            handled(11, 3 * HOUR),
            result(11),
        ),
    ),
    Story(
        "an order that was never decided on has no handling time",
        (
            APPLIED,
            (HOUR, "CANCELLED", "customer"),
            (2 * HOUR, "ESCALATED", "customer"),
            (3 * HOUR, "RULED_RETURN", "platform"),
            (4 * HOUR, "SHIPPED", "customer"),
            (5 * HOUR, "RECEIVED", "receiver"),
            (6 * HOUR, "EXCHANGED", "processor"),
        ),
        (
            (CaseKind.RECEIPT, 6, RECEIVER, M.ON_TIME | BY, HOUR),
            processed(7, HOUR),
            result(7),
        ),
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_has_these_cases(story: Story) -> None:
    cases = cases_of(events(story.steps), story.windows)
    found = [
        (case.kind, case.sequence, case.employee_id, case.marks, case.amount) for case in cases
    ]
    assert sorted(found, key=_place) == sorted(story.expected, key=_place)
    assert all(case.at == at(story.steps[case.sequence - 1][0]) for case in cases)


def _place(case: Expected) -> tuple[int, str]:
    return case[1], case[0]


@pytest.mark.parametrize(("points", "is_bad"), [(1, True), (2, True), (3, False), (5, False)])
def test_a_rating_of_one_or_two_is_bad(points: int, is_bad: bool) -> None:
    steps = (*HERE, REFUND, (HOUR * 20, "CONFIRMED", "customer", {"satisfaction": points}))
    [rating] = [case for case in cases_of(events(steps), ()) if case.kind is CaseKind.RATING]
    assert (rating.amount, M.BAD in rating.marks) == (points, is_bad)


def test_events_that_change_no_status_and_are_no_ruling_make_no_difference() -> None:
    """The job derives nothing for them."""
    for story in STORIES:
        steps = events(story.steps)
        relevant = [event for event in steps if event.kind in RELEVANT]
        first = [event for event in steps if event.kind is EventKind.SUBMITTED]
        assert cases_of([*first, *relevant], story.windows) == cases_of(steps, story.windows)


def test_every_mark_and_kind_occurs_in_a_story() -> None:
    expected = [case for story in STORIES for case in story.expected]
    assert {case[0] for case in expected} == set(CaseKind)
    assert {mark for mark in Mark if any(mark in case[3] for case in expected)} == set(Mark)
