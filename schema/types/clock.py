"""The clocks of a service order: the running wait, and the 48 hours of review."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import strawberry

from domain.actions import Action
from domain.clocks import CLOCKS, ClockKind, ClockRule, paused_since, running_time
from domain.statuses import Status
from models.queries.service_orders import pauses
from resolvers.context import Context

_SECOND: Final = timedelta(seconds=1)


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
        description=(
            "The deadline, which counts the pause windows that are declared. Null while the "
            "customer is asked: only the answer tells how far it moves."
        )
    )
    paused_since: datetime | None = strawberry.field(
        description=(
            "Since when the clock has not run: in a pause window, or while the customer is asked. "
            "Null while it is running."
        )
    )
    remaining: int = strawberry.field(
        description=(
            "The remaining running time, in whole seconds, without the pause windows up to the "
            "deadline. It stands still while the clock is paused. Negative after the deadline."
        )
    )
    consequence: Action | None = strawberry.field(
        description=(
            "The action that the system takes at the deadline. Null if the order only becomes "
            "overdue."
        )
    )


def current_clock(
    context: Context,
    status: Status,
    started_at: datetime | None,
    due_at: datetime | None,
    stored_pauses: Sequence[Mapping[str, str]],
) -> Clock | None:
    """The clock of the current status."""
    rule = CLOCKS.get(status)
    if rule is None or started_at is None or due_at is None:
        return None
    return _running(rule, context.request.now, started_at, due_at, stored_pauses)


def review_clock(
    context: Context,
    status: Status,
    started_at: datetime,
    due_at: datetime | None,
    paused_at: datetime | None,
    left_ms: int | None,
    stored_pauses: Sequence[Mapping[str, str]],
) -> Clock | None:
    """The review clock: running during review, paused while the customer is asked, else None."""
    rule = CLOCKS[Status.PENDING_REVIEW]
    if status is Status.PENDING_REVIEW and due_at is not None:
        return _running(rule, context.now, started_at, due_at, stored_pauses)
    if status is Status.AWAITING_FEEDBACK and left_ms is not None:
        return Clock(
            kind=rule.kind,
            started_at=started_at,
            due_at=None,
            paused_since=paused_at,
            remaining=timedelta(milliseconds=left_ms) // _SECOND,
            consequence=rule.consequence,
        )
    return None


def _running(
    rule: ClockRule,
    now: datetime,
    started_at: datetime,
    due_at: datetime,
    stored_pauses: Sequence[Mapping[str, str]],
) -> Clock:
    """A clock with a deadline, which may be standing still in a pause window."""
    since, remaining = None, due_at - now
    if stored_pauses:  # few clocks have any, and a page has many clocks
        hit = pauses(stored_pauses)
        since = paused_since(now, hit)
        remaining = running_time(start=max(now, started_at), due_at=due_at, windows=hit)
    return Clock(
        kind=rule.kind,
        started_at=started_at,
        due_at=due_at,
        paused_since=since,
        remaining=remaining // _SECOND,
        consequence=rule.consequence,
    )
