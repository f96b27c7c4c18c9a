"""What an attempt makes of a delivery, and a turn of attempts of its endpoint. Pure rules."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.webhooks import (
    GONE,
    LONGEST_RETRY_AFTER,
    RETRY_FOR,
    DeliveryStatus,
    DisabledReason,
    is_exhausted,
    pause_after,
    probe_after,
)
from models.webhook import Row
from outgoing.answer import Answer


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to send a delivery, begun and ended at these times of the desk."""

    delivery: Row
    answer: Answer
    began_at: datetime
    ended_at: datetime
    asked: timedelta | None
    """The pause that the endpoint asked for."""

    def columns(self) -> dict[str, Any]:  # Any: of the columns
        """The columns of the delivery after the attempt."""
        delivery, answer = self.delivery, self.answer
        first = delivery.first_attempt_at or self.began_at
        columns = {
            "attempts": delivery.attempts + 1,
            "first_attempt_at": first,
            "last_attempt_at": self.began_at,
            "answer_status": answer.status,
            "failure": answer.failure,
            "duration_ms": round(answer.duration.total_seconds() * 1000),
            "answer": answer.text or None,
        }
        if answer.delivered or is_exhausted(first, self.ended_at):
            status = DeliveryStatus.DELIVERED if answer.delivered else DeliveryStatus.FAILED
            end = {"status": status, "finished_at": self.ended_at, "next_attempt_at": None}
            return columns | end
        pause = pause_after(delivery.attempts + 1, _spread())
        next_ = self.ended_at + max(pause, self.asked or pause)
        return columns | {"next_attempt_at": min(next_, first + RETRY_FOR)}  # the last attempt


@dataclass(frozen=True, slots=True)
class EndpointOutcome:
    """What a turn of attempts makes of the endpoint."""

    failures: int
    failing_since: datetime | None
    earliest: datetime | None
    """The earliest time of the next attempt; None: when a delivery is due."""
    disabled: DisabledReason | None = None


def outcome_of(endpoint: Row, attempts: Collection[Attempt], now: datetime) -> EndpointOutcome:
    """The endpoint after a turn, from its row before."""
    if not attempts:
        return EndpointOutcome(endpoint.failures, endpoint.failing_since, None)
    is_gone = any(attempt.answer.status == GONE for attempt in attempts)
    if any(attempt.answer.delivered for attempt in attempts) and not is_gone:
        return EndpointOutcome(0, None, None)
    failures = endpoint.failures + 1
    since = endpoint.failing_since or min(attempt.began_at for attempt in attempts)
    asked = [attempt.asked for attempt in attempts if attempt.asked is not None]
    pause = max([probe_after(failures, _spread()), *asked])
    reason = DisabledReason.FAILING if is_exhausted(since, now) else None
    return EndpointOutcome(failures, since, now + pause, DisabledReason.GONE if is_gone else reason)


def asked_pause(answer: Answer, wall_now: datetime) -> timedelta | None:
    """The pause that the endpoint asked for with ``Retry-After``, within its bound."""
    asked = answer.wait_asked(wall_now)
    return None if asked is None else min(asked, LONGEST_RETRY_AFTER)


def _spread() -> float:
    return random.uniform(-1, 1)  # noqa: S311 - no secret
