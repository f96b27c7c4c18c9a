"""The cases of orders: a story for each rule, written down by hand."""

from typing import Final

import pytest

from domain.events import EventKind
from domain.quality.cases import RELEVANT, CaseKind, Mark, cases_of
from tests.domain.stories_of_goods import GOODS
from tests.domain.stories_of_outcomes import OUTCOMES
from tests.domain.stories_of_reviews import REVIEWS
from tests.domain.telling import HERE, HOUR, REFUND, Expected, Story, at, events

STORIES: Final = (*REVIEWS, *GOODS, *OUTCOMES)


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
    assert (rating.amount, Mark.BAD in rating.marks) == (points, is_bad)


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
