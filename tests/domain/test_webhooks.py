"""The rules of webhooks: pauses, bounds, and the names of messages."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.events import EventKind
from domain.webhooks import (
    DELAYS,
    LONGEST_PROBE,
    due_with_new,
    is_exhausted,
    message,
    message_type,
    pause_after,
    probe_after,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_pauses_grow_up_to_the_last_which_repeats() -> None:
    pauses = [pause_after(failures, 0) for failures in range(1, 20)]
    assert pauses[: len(DELAYS)] == list(DELAYS)
    assert set(pauses[len(DELAYS) :]) == {DELAYS[-1]}
    assert list(DELAYS) == sorted(DELAYS)


@pytest.mark.parametrize(("spread", "seconds"), [(-1, 4), (0, 5), (1, 6)])
def test_a_pause_varies_by_a_fifth(spread: float, seconds: int) -> None:
    assert pause_after(1, spread) == timedelta(seconds=seconds)


def test_an_endpoint_that_fails_is_asked_every_five_minutes_at_least() -> None:
    assert probe_after(1, 0) == DELAYS[0]
    assert max(probe_after(failures, 1) for failures in range(1, 50)) == LONGEST_PROBE


@pytest.mark.parametrize(
    ("age", "expected"),
    [(timedelta(days=3, microseconds=-1), False), (timedelta(days=3), True)],
)
def test_attempts_end_after_three_days(age: timedelta, *, expected: bool) -> None:
    assert is_exhausted(NOON - age, NOON) is expected


def test_every_kind_of_event_has_a_type_of_its_own() -> None:
    types = {message_type(kind) for kind in EventKind}
    assert len(types) == len(EventKind)
    assert message_type(EventKind.AUTO_APPROVED) == "service_order.auto_approved"


def test_a_message_has_its_type_its_time_in_utc_and_its_data() -> None:
    at = NOON.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo)
    assert message("ping", at, {"name": "店"}).decode() == (
        '{"type":"ping","timestamp":"2026-11-22T12:00:00.000Z","data":{"name":"店"}}'
    )


@pytest.mark.parametrize(
    ("due_at", "failures", "expected"),
    [
        (None, 0, NOON),
        (NOON - timedelta(hours=1), 0, NOON - timedelta(hours=1)),
        (NOON + timedelta(hours=1), 0, NOON),
        (NOON + timedelta(hours=1), 1, NOON + timedelta(hours=1)),
    ],
)
def test_a_new_delivery_goes_at_once_unless_the_endpoint_fails(
    due_at: datetime | None, failures: int, expected: datetime
) -> None:
    assert due_with_new(due_at, failures, NOON) == expected
