"""Deadlines by the dozen, and one timer: of asyncio's own two cost a tenth of a small request."""

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Final

TICK_S: Final = 0.05
"""How late what takes too long may be stopped."""


class Deadlines:
    """Those of one loop at a time."""

    def __init__(self) -> None:
        self._open: set[Deadline] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def within(self, longest: timedelta) -> "Deadline":
        """For a block that is to be cancelled if it takes longer; it then raises TimeoutError."""
        return Deadline(self, longest.total_seconds())

    def add(self, deadline: "Deadline", loop: asyncio.AbstractEventLoop) -> None:
        self._open.add(deadline)
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(TICK_S, self._look, loop)

    def remove(self, deadline: "Deadline") -> None:
        self._open.discard(deadline)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            return
        now = loop.time()
        for deadline in [one for one in self._open if one.at <= now]:
            self._open.discard(deadline)
            deadline.pass_()
        if self._open:
            loop.call_later(TICK_S, self._look, loop)
        else:
            self._loop = None


DEADLINES: Final = Deadlines()
"""Those of the process."""


class Deadline:
    """As ``asyncio.timeout``, whose rules of cancelling it follows."""

    __slots__ = ("_all", "_cancelling", "_has_passed", "_longest_s", "_task", "at")

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
        self._all.add(self, loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._all.remove(self)
        if not self._has_passed:
            return
        # If somebody else cancels as well, it is theirs to say what that means.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def pass_(self) -> None:
        self._has_passed = True
        self._task.cancel()
