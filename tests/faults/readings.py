"""What each reader of the log was told, in the order in which it arrived."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.feed import EventKey, FeedCursor
from schema import ids


@dataclass(slots=True)
class Reading:
    """Kept by one reader: by asking for pages, or by a subscription.

    ``merchant_id`` is None for a reader of the platform's feed. ``cursor`` is where the reader goes
    on; it changes together with ``events``, so that a reader can break off at any time.
    """

    reader: str
    merchant_id: int | None
    start: str | None = None
    cursor: str | None = None
    events: list[EventKey] = field(default_factory=list)
    resumed: int = 0
    """How often the reader went on after an answer or a connection was lost."""

    def begin(self, cursor: str | None) -> None:
        """Begin after a cursor; without one, with the oldest event."""
        self.start = self.cursor = cursor

    def enter(self, node: Mapping[str, Any]) -> None:  # Any: JSON
        """Note an event, as the API shows it."""
        self.events.append(event_key(node["serviceOrder"]["id"], node["event"]["sequence"]))
        self.cursor = node["cursor"]

    @property
    def start_position(self) -> int:
        return position_of(self.start)

    @property
    def position(self) -> int:
        """Up to where the reader has read."""
        return position_of(self.cursor)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that a receiver of webhooks got; one that was not ``accepted`` may come again."""

    id: str
    event: EventKey
    accepted: bool


@dataclass(slots=True)
class Inbox:
    """Kept by one receiver, for one endpoint. ``after`` is where the endpoint began."""

    receiver: str
    merchant_id: int
    after: int = 0
    messages: list[Message] = field(default_factory=list)


def event_key(order_id: str, sequence: int) -> EventKey:
    """The key of an event, from the order's id in the API."""
    merchant_id, id_ = ids.key_of("ServiceOrder", order_id)
    return merchant_id, id_, sequence


def position_of(cursor: str | None) -> int:
    return FeedCursor.decode(cursor).position if cursor else 0
