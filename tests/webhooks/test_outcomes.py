"""What the answers of an endpoint make of it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from domain.webhooks import LONGEST_RETRY_AFTER, DisabledReason
from jobs.webhooks.outcome import Attempt, asked_pause, outcome_of
from outgoing.answer import Answer
from tests.conftest import NOON

SECOND = timedelta(seconds=1)


def answer(status: int, retry_after: str | None = None) -> Answer:
    return Answer(status=status, duration=SECOND, retry_after=retry_after)


def row(**columns: Any) -> Any:
    return SimpleNamespace(
        **{"attempts": 0, "first_attempt_at": None, "failures": 0, "failing_since": None} | columns
    )


def attempts(*statuses: int) -> list[Attempt]:
    return [Attempt(row(), answer(status), NOON - SECOND, NOON, None) for status in statuses]


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        (None, None),
        ("600", timedelta(minutes=10)),
        ("999999999", LONGEST_RETRY_AFTER),
        ("0", timedelta()),
        ("soon", None),
        ("Sun, 22 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
    ],
)
def test_a_pause_that_is_asked_for_is_bounded(asked: str | None, pause: timedelta | None) -> None:
    assert asked_pause(answer(503, asked), NOON) == pause


def test_one_success_ends_the_failures_of_an_endpoint() -> None:
    failing = row(failures=5, failing_since=NOON - timedelta(days=9))
    assert outcome_of(failing, attempts(500, 200), NOON).failures == 0
    assert outcome_of(failing, attempts(500, 200), NOON).disabled is None


def test_failures_count_once_for_a_turn_and_from_the_first_of_them() -> None:
    outcome = outcome_of(row(), attempts(500, 500, 500), NOON)
    assert (outcome.failures, outcome.failing_since) == (1, NOON - SECOND)
    assert outcome.earliest is not None
    assert outcome.earliest > NOON


def test_a_turn_without_attempts_changes_nothing() -> None:
    before = row(failures=2, failing_since=NOON)
    outcome = outcome_of(before, [], NOON)
    assert (outcome.failures, outcome.failing_since, outcome.disabled) == (2, NOON, None)


@pytest.mark.parametrize(
    ("failing_for", "statuses", "reason"),
    [
        (timedelta(days=3), (500,), DisabledReason.FAILING),
        (timedelta(days=3) - SECOND, (500,), None),
        (timedelta(days=3), (200,), None),
        (timedelta(), (410,), DisabledReason.GONE),
        (timedelta(), (200, 410), DisabledReason.GONE),
        (timedelta(), (404,), None),
    ],
)
def test_an_endpoint_is_disabled_by_three_days_of_failures_or_by_410(
    failing_for: timedelta, statuses: tuple[int, ...], reason: DisabledReason | None
) -> None:
    failing = row(failures=1, failing_since=NOON - failing_for)
    assert outcome_of(failing, attempts(*statuses), NOON).disabled == reason
