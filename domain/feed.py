"""The feed of events: the cursors of its readers, and their filters."""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol

from domain.events import EventKind
from domain.statuses import Status

MAX_CURSOR: Final = 200
"""Characters of a cursor."""

_NAME: Final = "feed"
_LIMIT: Final = 2**63
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


EventKey = tuple[int, int, int]
"""The merchant, the order and the sequence of an event."""


class EventIdentity(NamedTuple):
    """What tells an event from every other, also from one that took its place in a lost history.

    ``at`` is the event's time in microseconds since 1970.
    """

    merchant_id: int
    order_id: int
    sequence: int
    at: int

    @classmethod
    def of(cls, merchant_id: int, order_id: int, sequence: int, at: datetime) -> "EventIdentity":
        return cls(merchant_id, order_id, sequence, (at - _EPOCH) // timedelta(microseconds=1))


class BadCursor(ValueError):
    """A text is no cursor of a feed."""


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """A place in a feed: all events up to the position have been read.

    ``merchant_id`` is None for the feed of the platform. ``event`` is the event at the position,
    None before the first one: if the feed has another event there, its history has changed, for
    instance after a failover that lost the latest commits, and the cursor is void.
    """

    merchant_id: int | None
    position: int
    event: EventIdentity | None = None

    def encoded(self) -> str:
        """The cursor as clients keep it: opaque to them."""
        content = [_NAME, self.merchant_id or 0, self.position, *(self.event or ())]
        text = json.dumps(content, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> "FeedCursor":
        """Raises BadCursor."""
        if len(text) > MAX_CURSOR:
            raise BadCursor
        try:
            packed = text.encode("ascii") + b"=" * (-len(text) % 4)
            content = json.loads(base64.b64decode(packed, altchars=b"-_", validate=True))
        except (ValueError, RecursionError) as error:
            raise BadCursor from error
        if not isinstance(content, list) or content[:1] != [_NAME] or len(content) not in (3, 7):
            raise BadCursor
        numbers = content[1:]
        if any(type(number) is not int or not 0 <= number < _LIMIT for number in numbers):
            raise BadCursor
        merchant_id, position, *event = numbers
        identity = EventIdentity(*event) if event else None
        return cls(merchant_id or None, position, identity)


class Placed(Protocol):
    """An event and its place, as far as a filter looks at it."""

    @property
    def kind(self) -> EventKind: ...

    @property
    def to_status(self) -> Status: ...

    @property
    def order_key(self) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events a reader wants. A condition that is None is met by every event.

    ``orders`` are keys: merchant and order.
    """

    kinds: Collection[EventKind] | None = None
    to_statuses: Collection[Status] | None = None
    orders: Collection[tuple[int, int]] | None = None

    @property
    def is_open(self) -> bool:
        """Whether every event matches."""
        return self.kinds is None and self.to_statuses is None and self.orders is None

    def matches(self, event: Placed) -> bool:
        """Whether all conditions are met."""
        return (
            (self.kinds is None or event.kind in self.kinds)
            and (self.to_statuses is None or event.to_status in self.to_statuses)
            and (self.orders is None or event.order_key in self.orders)
        )


EVERY_EVENT: Final = EventFilter()
