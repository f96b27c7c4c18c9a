"""The pause windows over time: which of them a clock may have applied, and what moved it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from domain.clocks import Clocks, Span

ORDER_TOLERANCE: Final = timedelta(minutes=2)
"""The order of two changes within this time is not certain from their times: an event has the time
at which its request arrived, and the request may have waited for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause window. Clocks apply it from ``declared_at`` until ``withdrawn_at``."""

    name: str
    window: Span
    declared_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A ``CLOCK_MOVED`` event that is still to come: its pause window, and its time."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Change:
    """The declaration or the withdrawal of a pause window."""

    at: datetime
    pause: Pause
    declares: bool

    @property
    def is_of_older(self) -> bool:
        """Whether a window is withdrawn that was declared at an earlier instant."""
        return not self.declares and self.pause.declared_at < self.at


class PauseHistory:
    """All declarations and withdrawals of pause windows, in their order.

    ``pauses`` are in the order of their declarations.
    """

    def __init__(self, pauses: Sequence[Pause] = ()) -> None:
        changes = list[_Change]()
        for pause in pauses:
            changes.append(_Change(pause.declared_at, pause, declares=True))
            if pause.withdrawn_at is not None:
                changes.append(_Change(pause.withdrawn_at, pause, declares=False))
        # A change of a window is a withdrawal and a declaration at one instant, in this order.
        self._changes = sorted(changes, key=lambda change: (change.at, not change.is_of_older))

    def applied_windows(
        self,
        at: datetime,
        moves: Sequence[Move] = (),
        *,
        backdated: bool = False,
    ) -> Iterator[list[Span]]:
        """The sets of windows that a clock set ``at`` a time may have applied, usually one.

        ``moves`` are the moves of the clock that are still to come. Until such an event the clock
        need not have applied its change, even if that was made before: the time may have gone back
        in between. Windows that ended before ``at`` are left out. A ``backdated`` clock was set
        at an unknown time after ``at``.
        """
        certain = sum(change.at < at - ORDER_TOLERANCE for change in self._changes)
        certain = min([certain, *(index for move in moves for index in self._claimed(move))])
        possible = sum(backdated or change.at <= at + ORDER_TOLERANCE for change in self._changes)
        seen = []
        for count in range(certain, possible + 1):
            windows = self._windows(count, at)
            if windows not in seen:
                seen.append(windows)
                yield windows

    def moved(
        self, clocks: Clocks, at: datetime, *, not_before: datetime, details: Mapping[str, Any]
    ) -> Iterator[Clocks]:
        """The clocks that a ``CLOCK_MOVED`` event may have led to; none if nothing explains it.

        An event is dated ``not_before`` the preceding one, even if the time has gone back.
        """
        for index, change in enumerate(self._changes):
            expected_at = max(change.at, not_before)
            if abs(expected_at - at) > ORDER_TOLERANCE:
                continue
            for following in range(index + 1, index + 3):  # one change, or a withdrawal and its new
                parts = self._changes[index:following]
                if {part.at for part in parts} != {change.at}:
                    continue
                if details.get("window") not in {part.pause.name for part in parts}:
                    continue
                for windows in self.applied_windows(at, [Move(change.pause.name, change.at)]):
                    before = _with(windows, parts, declared=False, at=at)
                    after = _with(windows, parts, declared=True, at=at)
                    moved = clocks.reschedule(at, before, after)
                    dates = (_iso(clocks.due_at), _iso(moved.due_at))
                    if dates == (details.get("from"), details.get("to")):
                        yield moved

    def _claimed(self, move: Move) -> Iterator[int]:
        """The changes that the move may follow: the latest of its window before it."""
        indexes = [
            index
            for index, change in enumerate(self._changes)
            if change.pause.name == move.name and change.at <= move.at + ORDER_TOLERANCE
        ]
        if indexes:
            at = self._changes[indexes[-1]].at
            # The withdrawal and the declaration of one change have one time.
            yield from (index for index, change in enumerate(self._changes) if change.at == at)

    def _windows(self, count: int, at: datetime) -> list[Span]:
        """The windows after the first ``count`` changes."""
        pauses = list[Pause]()
        for change in self._changes[:count]:
            if change.declares:
                pauses.append(change.pause)
            elif change.pause in pauses:
                pauses.remove(change.pause)
        windows = (pause.window for pause in pauses if pause.window.end > at)
        return sorted(windows, key=lambda window: window.start)


def _with(
    windows: Sequence[Span], parts: Sequence[_Change], *, declared: bool, at: datetime
) -> list[Span]:
    """The windows before the changes, or after them with ``declared``."""
    changed = {part.pause.window for part in parts}
    present = (part.pause.window for part in parts if part.declares is declared)
    kept = (window for window in windows if window not in changed)
    ahead = {window for window in chain(kept, present) if window.end > at}
    return sorted(ahead, key=lambda window: window.start)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
