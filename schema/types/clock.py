"""The clocks of a service order: the running wait, and the 48 hours of review."""

from datetime import datetime, timedelta

import strawberry

from domain.clocks import CLOCKS, ClockKind
from domain.lifecycle import Action
from domain.statuses import Status
from resolvers.context import Context


@strawberry.type(
    description=(
        "A deadline of a service order. To show a countdown, compare with `serverTime`, not with "
        "the clock of the client's device."
    )
)
class Clock:
    """A clock of an order."""

    kind: ClockKind = strawberry.field(description="What the clock waits for.")
    started_at: datetime = strawberry.field(description="When the clock started.")
    due_at: datetime | None = strawberry.field(
        description="The deadline. Null while the clock is paused."
    )
    paused_since: datetime | None = strawberry.field(
        description="When the clock was paused. Null while it is running."
    )
    remaining: int = strawberry.field(
        description="The remaining time, in whole seconds. Negative after the deadline."
    )
    consequence: Action | None = strawberry.field(
        description=(
            "The action that the system takes at the deadline. Null if the order only becomes "
            "overdue."
        )
    )


def current_clock(
    context: Context, status: Status, started_at: datetime | None, due_at: datetime | None
) -> Clock | None:
    """The clock of the current status."""
    rule = CLOCKS.get(status)
    if rule is None or started_at is None or due_at is None:
        return None
    return Clock(
        kind=rule.kind,
        started_at=started_at,
        due_at=due_at,
        paused_since=None,
        remaining=_seconds(due_at - context.now),
        consequence=rule.consequence,
    )


def review_clock(
    context: Context,
    status: Status,
    started_at: datetime,
    due_at: datetime | None,
    paused_at: datetime | None,
    left_ms: int | None,
) -> Clock | None:
    """The review clock: running during review, paused while the customer is asked, else None."""
    rule = CLOCKS[Status.PENDING_REVIEW]
    if status is Status.PENDING_REVIEW and due_at is not None:
        remaining = due_at - context.now
    elif status is Status.AWAITING_FEEDBACK and left_ms is not None:
        remaining = timedelta(milliseconds=left_ms)
    else:
        return None
    return Clock(
        kind=rule.kind,
        started_at=started_at,
        due_at=due_at,
        paused_since=paused_at,
        remaining=_seconds(remaining),
        consequence=rule.consequence,
    )


def _seconds(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)
