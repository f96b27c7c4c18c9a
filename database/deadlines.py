"""Deadlines by the dozen, and one timer: of asyncio's own two cost a tenth of a small request."""

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Final

TICK_S: Final = 0.05
"""How late what takes too long may be stopped."""


class Deadlines:
    """Those of each loop."""

    def __init__(self) -> None:
        self._open: dict[asyncio.AbstractEventLoop, set[Deadline]] = {}

    def within(self, longest: timedelta) -> "Deadline":
        """For a block that is to be cancelled if it takes longer; it then raises TimeoutError."""
        return Deadline(self, longest.total_seconds())

    def of(self, loop: asyncio.AbstractEventLoop) -> "set[Deadline]":
        """Those that the loop is at, to be added to, and looked after as long as there are any."""
        found = self._open.get(loop)
        if found is None:
            self._open[loop] = found = set()
            loop.call_later(TICK_S, self._look, loop)
        return found

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now, found = loop.time(), self._open[loop]
        for deadline in [one for one in found if one.at <= now]:
            found.discard(deadline)
            deadline.pass_()
        if found:
            loop.call_later(TICK_S, self._look, loop)
        else:
            del self._open[loop]


DEADLINES: Final = Deadlines()
"""Those of the process."""


class Deadline:
    """As ``asyncio.timeout``, whose rules of cancelling it follows."""

    __slots__ = ("_all", "_cancelling", "_has_passed", "_longest_s", "_others", "_task", "at")

    def __init__(self, all_: Deadlines, longest_s: float) -> None:
        self._all = all_
        self._longest_s = longest_s
        self._has_passed = False

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - within a coroutine there is one
        self._task, self._cancelling = task, task.cancelling()
        self.at = loop.time() + self._longest_s
        self._others = self._all.of(loop)
        self._others.add(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._others.discard(self)
        if not self._has_passed:
            return
        # If somebody else cancels as well, it is theirs to say what that means.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def pass_(self) -> None:
        self._has_passed = True
        self._task.cancel()
