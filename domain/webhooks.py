"""Webhooks: their limits, their retries, and the form of their messages."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.events import EventKind

MAX_ENDPOINTS: Final = 10
"""Webhook endpoints of a merchant."""

MAX_DESCRIPTION: Final = 200
MAX_SELECTION: Final = 4_000
"""Characters of the document that is stored with an endpoint."""

OVERLAP: Final = timedelta(hours=24)
"""How long the former secret signs too after a rotation."""

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
)
"""The pause after the first failed attempt, the second, and so on. The last one repeats."""

JITTER: Final = 0.2
"""The part of a pause by which it is randomly longer or shorter, so that retries spread."""

RETRY_FOR: Final = timedelta(days=3)
"""How long a delivery is tried again, from its first attempt."""

LONGEST_PROBE: Final = timedelta(minutes=5)
"""The longest pause of an endpoint that fails. One delivery at a time probes it."""

LONGEST_RETRY_AFTER: Final = timedelta(hours=1)
"""The longest pause that an endpoint can ask for with ``Retry-After``."""

KEEP_DELIVERIES: Final = timedelta(days=30)
"""How long deliveries are kept."""

GONE: Final = 410
"""The status of an answer that disables the endpoint at once."""

PING: Final = "ping"
ENDPOINT_DISABLED: Final = "webhook_endpoint.disabled"
"""The type of the message that tells the merchant's other endpoints."""

ALERT_RAISED: Final = "quality_alert.raised"
ALERT_RECOVERED: Final = "quality_alert.recovered"


class NotNow(Exception):
    """The server cannot make a message now. Later it may."""


class DeliveryStatus(StrEnum):
    """The status of a delivery."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class DisabledReason(StrEnum):
    """Why a webhook endpoint is disabled."""

    BY_HAND = "BY_HAND"
    FAILING = "FAILING"
    GONE = "GONE"


def message_type(kind: EventKind) -> str:
    """The type of the message of an event, such as ``service_order.approved``."""
    return f"service_order.{kind.lower()}"


def message_id(delivery_id: int) -> str:
    """The ``webhook-id``, the same for each attempt of a delivery."""
    return f"msg_{delivery_id}"


def pause_after(failures: int, spread: float) -> timedelta:
    """The pause after so many failed attempts; ``spread`` is a random number from -1 to 1."""
    return DELAYS[min(failures, len(DELAYS)) - 1] * (1 + JITTER * spread)


def probe_after(failures: int, spread: float) -> timedelta:
    """The pause of an endpoint that has failed so many times without a success in between."""
    return min(pause_after(failures, spread), LONGEST_PROBE)


def due_with_new(due_at: datetime | None, failures: int, now: datetime) -> datetime:
    """When to send to an endpoint that has a new delivery. One that fails keeps its pause."""
    if due_at is None or (failures == 0 and due_at > now):
        return now
    return due_at


def is_exhausted(since: datetime, now: datetime) -> bool:
    """Whether attempts that began at ``since`` end at ``now``."""
    return now - since >= RETRY_FOR


def message(type_: str, at: datetime, data: Mapping[str, object]) -> bytes:
    """The body of a message: its type, the time of what happened, and the data."""
    timestamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = {"type": type_, "timestamp": timestamp, "data": data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
