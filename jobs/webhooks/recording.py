"""Recording a turn: its deliveries, the endpoint, and what follows if it is to be disabled."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from database.database import Database
from domain.webhooks import (
    ENDPOINT_DISABLED,
    RETRY_FOR,
    DeliveryStatus,
    DisabledReason,
    due_with_new,
)
from jobs.webhooks.outcome import Attempt, EndpointOutcome, outcome_of
from models.ids import new_id
from models.queries import deliveries, webhooks
from models.webhook import Row

BUSY_PAUSE: Final = timedelta(seconds=1)
"""The pause of an endpoint to which nothing could be sent now, through no fault of its own."""

log = logging.getLogger("aftersales.webhooks")


async def record(
    database: Database,
    endpoint: Row,
    attempts: Sequence[Attempt],
    now: datetime,
    *,
    was_hindered: bool,
) -> None:
    """Record the attempts of a turn and end its hold. Raises Overloaded or Unreachable.

    ``was_hindered`` says that nothing could be sent, through no fault of the endpoint.
    """
    key = (endpoint.merchant_id, endpoint.id)
    outcome = outcome_of(endpoint, attempts, now)
    disabled = None
    async with database.write() as connection:
        if outcome.disabled is not None:
            # First, as two workers that disable endpoints of a merchant lock both of them.
            await lock(connection, "webhook endpoints", endpoint.merchant_id)
        present = await deliveries.hold(connection, key, endpoint.lease)
        columns = {attempt.delivery.id: attempt.columns() for attempt in attempts}
        await deliveries.record(connection, key, columns)
        if present is None:
            return
        if present.url != endpoint.url:
            # What came back says nothing about the address that a person has entered meanwhile.
            outcome = outcome_of(present, (), now)
        elif outcome.disabled is not None and present.disabled_at is None:
            disabled = outcome.disabled
            await _disable(connection, endpoint, disabled, now)
        due_at = await deliveries.next_time(connection, key)
        await deliveries.release(
            connection,
            key,
            endpoint.lease,
            {
                "failures": outcome.failures,
                "failing_since": outcome.failing_since,
                "due_at": _due_at(due_at, outcome, now, was_hindered=was_hindered),
            },
        )
    if disabled is not None:
        log.warning("webhook endpoint %s was disabled: %s", endpoint.id, disabled)


def _due_at(
    next_: datetime | None, outcome: EndpointOutcome, now: datetime, *, was_hindered: bool
) -> datetime | None:
    if next_ is None:
        return None
    return max(next_, outcome.earliest or next_, now + BUSY_PAUSE if was_hindered else next_)


async def _disable(
    connection: AsyncConnection, endpoint: Row, reason: DisabledReason, now: datetime
) -> None:
    """Disable the endpoint, and tell the merchant's others, unless a person has disabled it."""
    key = (endpoint.merchant_id, endpoint.id)
    if not await deliveries.disable(connection, key, reason, now):
        return
    await deliveries.give_up(connection, key, now, since=now - RETRY_FOR)
    others = [
        other
        for other in await webhooks.enabled_of(connection, endpoint.merchant_id, waits=True)
        if other.id != endpoint.id
    ]
    details = {"endpointId": str(endpoint.id), "reason": reason}
    await deliveries.insert(
        connection,
        [
            {
                "merchant_id": endpoint.merchant_id,
                "endpoint_id": other.id,
                "id": new_id(),
                "type": ENDPOINT_DISABLED,
                "occurred_at": now,
                "details": details,
                "status": DeliveryStatus.PENDING,
                "attempts": 0,
                "next_attempt_at": now,
                "created_at": now,
            }
            for other in others
        ],
    )
    for other in others:
        await webhooks.update(
            connection,
            endpoint.merchant_id,
            other.id,
            due_at=due_with_new(other.due_at, other.failures, now),
        )
