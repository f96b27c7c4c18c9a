"""What many ask at the same time is asked of the database in one go.

Nobody waits for others to come: who finds nobody under way goes at once, alone. Who comes meanwhile
waits until that one is back, or has been away for long, and all who wait then go together.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from models.lane import Overloaded
from models.reach import Unreachable
from models.rows import DriverRows
from sql.compiled import Row
from sql.together import Repeatable

LONG_S: Final = 0.01
"""For how long one who is under way keeps others: it may wait for a lock, or for a dead server."""
MOST: Final = 100
"""How many go together."""

_log = logging.getLogger("aftersales.database")


@dataclass(slots=True, eq=False)
class _Asked:
    given: Mapping[str, Any]
    answer: asyncio.Future[Sequence[Row] | None]

    def answered(self, found: Sequence[Row] | None) -> None:
        if not self.answer.done():  # it is, if whoever asked is gone
            self.answer.set_result(found)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(slots=True, eq=False)
class _Line:
    """Those who ask one statement, while it is asked."""

    under_way: int = 0
    waiting: list[_Asked] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class Together:
    """Asks by connections that ``connect`` opens; how many these may be is their affair."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[DriverRows]]) -> None:
        self._connect = connect
        self._lines: dict[Repeatable, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, statement: Repeatable, given: Mapping[str, Any]) -> Sequence[Row]:
        """The rows of a statement. Raises Overloaded or Unreachable."""
        line = self._lines.get(statement)
        if line is None:
            line = self._lines[statement] = _Line()
        elif statement.together is not None:
            found = await self._in_line(statement, line, given)
            return await self._alone(statement, given) if found is None else found
        line.under_way += 1
        try:
            return await self._alone(statement, given)
        finally:
            self._is_back(statement, line)

    async def _alone(self, statement: Repeatable, given: Mapping[str, Any]) -> Sequence[Row]:
        async with self._connect() as rows:
            return await rows.run(statement, given)

    async def _in_line(
        self, statement: Repeatable, line: _Line, given: Mapping[str, Any]
    ) -> Sequence[Row] | None:
        """None for whoever has to ask alone."""
        loop = asyncio.get_running_loop()
        asked = _Asked(given, loop.create_future())
        line.waiting.append(asked)
        if line.timer is None:
            line.timer = loop.call_later(LONG_S, self._go, statement, line)
        elif len(line.waiting) >= MOST:
            self._go(statement, line)
        return await asked.answer

    def _is_back(self, statement: Repeatable, line: _Line) -> None:
        line.under_way -= 1
        if line.waiting:
            self._go(statement, line)
        elif not line.under_way:
            del self._lines[statement]

    def _go(self, statement: Repeatable, line: _Line) -> None:
        """All who wait go."""
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None
        line.under_way += 1
        task = asyncio.create_task(self._answer(statement, line, line.waiting))
        line.waiting = []
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, statement: Repeatable, line: _Line, asked: list[_Asked]) -> None:
        try:
            async with self._connect() as rows:
                found = await rows.run_for_each(statement, [one.given for one in asked])
        except (Overloaded, Unreachable) as away:
            for one in asked:
                one.fail(type(away)(*away.args))
        except Exception as error:  # noqa: BLE001 - it is raised again to whomever it concerns
            _log.warning("what was asked together is asked apart: %s", type(error).__name__)
            for one in asked:
                one.answered(None)
        else:
            for one, theirs in zip(asked, found, strict=True):
                one.answered(theirs)
        finally:
            for one in asked:
                one.answer.cancel()  # whoever has no answer by now was cut off with us
            self._is_back(statement, line)
