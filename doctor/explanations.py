"""Checks the explanation of an automatic step against the clock of the order."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.clocks import CLOCKS, ClockKind, Clocks
from domain.statuses import Status


def explains(
    explanation: Mapping[str, Any],  # Any: JSON
    status: Status,
    clocks: Clocks,
    at: datetime,
) -> bool:
    """Whether the explanation of a step ``at`` a time matches the clock of the status."""
    rule = CLOCKS[status]
    expected = {
        "rule": rule.name,
        "ruleVersion": rule.version,
        "startedAt": _iso(clocks.started_at),
        "pauses": [
            {"from": pause.start.isoformat(), "to": pause.end.isoformat()}
            for pause in clocks.pauses
        ],
        "dueAt": _iso(clocks.due_at),
        "ranAt": at.isoformat(),
    }
    grace = clocks.review.grace // timedelta(seconds=1) if rule.kind is ClockKind.REVIEW else 0
    return explanation == expected | ({"graceSeconds": grace} if grace else {})


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
