"""What clients were told, to be compared with the database when all is over."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.events import EventKind

Key = tuple[int, int]
"""The merchant's id and the order's."""

MOST_BUGS: Final = 20


@dataclass(frozen=True, slots=True)
class Decided:
    """An acknowledged decision: the answer came whole, and refused nothing."""

    order: Key
    by: int
    action: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the loser of a race was told of the winner."""

    order: Key
    by: str
    action: str
    at: datetime


@dataclass(slots=True)
class Ledger:
    """Kept by all clients together."""

    decided: list[Decided] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    noted: list[tuple[Key, str]] = field(default_factory=list)
    submitted: dict[str, list[Key]] = field(default_factory=dict)
    """The orders of each acknowledged application, by the storefront's reference."""
    due: dict[Key, datetime] = field(default_factory=dict)
    """When the clock has to approve, of the orders that were there before."""
    timers: dict[Key, tuple[EventKind, datetime]] = field(default_factory=dict)
    """What the clock has to do with orders that wait for a customer, and when. Nobody else touches
    them."""
    bugs: list[str] = field(default_factory=list)
    """Answers that nobody should ever get."""
    unanswered: int = 0
    put_off: int = 0
    """Answers that said to come again."""
    replayed: int = 0
    """Things that had been done, though the client had not been told."""

    def bug(self, what: str) -> None:
        if len(self.bugs) < MOST_BUGS:
            self.bugs.append(what)
