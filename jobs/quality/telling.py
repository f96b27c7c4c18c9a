"""Telling a merchant's webhook endpoints of its alerts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.quality.thresholds import AlertChange, SetBy
from domain.webhooks import (
    ALERT_RAISED,
    ALERT_RECOVERED,
    DeliveryStatus,
    due_with_new,
)
from models.ids import new_id
from models.queries import deliveries, webhooks

_TYPES: Final = {AlertChange.RAISED: ALERT_RAISED, AlertChange.RECOVERED: ALERT_RECOVERED}


class Told(NamedTuple):
    """What is told of an alert: not the figure, which not every reader of webhooks may see."""

    alert_id: int
    change: AlertChange
    set_by: SetBy
    threshold: Mapping[str, Any]  # Any: JSON


async def tell(
    connection: AsyncConnection, merchant_id: int, told: Sequence[Told], now: datetime
) -> None:
    """Insert deliveries to the enabled endpoints that did not choose kinds of events."""
    endpoints = [
        endpoint
        for endpoint in await webhooks.enabled_of(connection, merchant_id, waits=True)
        if endpoint.kinds is None
    ]
    for endpoint in endpoints:
        rows = [_delivery(merchant_id, endpoint.id, item, now) for item in told]
        await deliveries.insert(connection, rows)
        due_at = due_with_new(endpoint.due_at, endpoint.failures, now)
        await webhooks.update(connection, merchant_id, endpoint.id, due_at=due_at)


def _delivery(
    merchant_id: int, endpoint_id: int, told: Told, now: datetime
) -> Mapping[str, Any]:  # Any: of the columns
    return {
        "merchant_id": merchant_id,
        "endpoint_id": endpoint_id,
        "id": new_id(),
        "type": _TYPES[told.change],
        "occurred_at": now,
        "details": {
            "alertId": str(told.alert_id),
            "setBy": told.set_by,
            "threshold": dict(told.threshold),
        },
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
    }
