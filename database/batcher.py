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

from database.availability import Unreachable
from database.batch_statement import BatchableStatement
from database.compiled import Row, Statement
from database.connection_limiter import Overloaded
from database.driver_connection import SLOW_STATEMENT_S, DriverConnection

MAX_BATCH: Final = 64
"""How many go together as one statement."""
MAX_MIXED_BATCH: Final = 8
"""The same where they are run one after the other."""

_log = logging.getLogger("aftersales.database")


def _future() -> asyncio.Future[Sequence[Row] | None]:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, eq=False)
class _Request:
    statement: Statement
    given: Mapping[str, Any]
    answer: asyncio.Future[Sequence[Row] | None] = field(default_factory=_future)
    """None for whoever has to ask alone."""

    def answered(self, found: Sequence[Row] | None) -> None:
        if not self.answer.done():  # it is, if whoever asked is gone
            self.answer.set_result(found)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(slots=True, eq=False)
class _Queue:
    """Those who may go together, while some of them are under way."""

    under_way: int = 0
    waiting: list[_Request] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


Connect = Callable[[int], AbstractAsyncContextManager[DriverConnection]]
"""Opens a connection for so many who go together."""


class Batcher:
    """Asks by connections of its own.

    Where a database ``mixes``, different statements go together; elsewhere those of one text.
    """

    def __init__(self, connect: Connect, *, mixes: bool) -> None:
        self.connect = connect
        self._mixes = mixes
        self._most = MAX_MIXED_BATCH if mixes else MAX_BATCH
        self._lines: dict[Statement | None, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def takes(self, statement: Statement) -> bool:
        """Whether it may go together with others."""
        return self._mixes or isinstance(statement, BatchableStatement)

    async def ask(self, statement: Statement, given: Mapping[str, Any]) -> Sequence[Row]:
        """The rows of a statement. Raises Overloaded or Unreachable."""
        key = None if self._mixes else statement
        line = self._lines.get(key)
        if line is not None:
            asked = _Request(statement, given)
            self._line_up(key, line, asked)
            found = await asked.answer
            return await self._alone(statement, given) if found is None else found
        line = self._lines[key] = _Queue(under_way=1)
        try:
            return await self._alone(statement, given)
        finally:
            self._is_back(key, line)

    async def _alone(self, statement: Statement, given: Mapping[str, Any]) -> Sequence[Row]:
        async with self.connect(1) as rows:
            return await rows.run(statement, given)

    def _line_up(self, key: Statement | None, line: _Queue, asked: _Request) -> None:
        line.waiting.append(asked)
        if line.timer is None:
            loop = asyncio.get_running_loop()
            line.timer = loop.call_later(SLOW_STATEMENT_S, self._go, key, line)
        elif len(line.waiting) >= MAX_BATCH:
            self._go(key, line)

    def _is_back(self, key: Statement | None, line: _Queue) -> None:
        line.under_way -= 1
        if line.waiting:
            self._go(key, line)
        elif not line.under_way:
            del self._lines[key]

    def _go(self, key: Statement | None, line: _Queue) -> None:
        """Those who have waited longest go."""
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None
        asked, line.waiting = line.waiting[: self._most], line.waiting[self._most :]
        if line.waiting:
            loop = asyncio.get_running_loop()
            line.timer = loop.call_later(SLOW_STATEMENT_S, self._go, key, line)
        line.under_way += 1
        task = asyncio.create_task(self._answer(key, line, asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, key: Statement | None, line: _Queue, asked: list[_Request]) -> None:
        try:
            async with self.connect(len(asked)) as rows:
                # Whoever was told that nothing was done shall not find that it was after all.
                asked = [one for one in asked if not one.answer.done()]
                each = [(one.statement, one.given) for one in asked]
                found = await rows.run_each(each) if each else ()
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
            self._is_back(key, line)
