"""Statements that arrive while others run are sent to the database as one batch.

With no batch in flight, a statement runs immediately. Statements that arrive meanwhile wait until
it returns, or until it has taken ``SLOW_STATEMENT_S``, and then run together.
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
from database.distribution import Distribution
from database.driver_connection import DriverConnection
from database.drivers import SLOW_STATEMENT_S
from watching.histogram import Histogram
from watching.metrics import BATCH_BOUNDS
from watching.tracing import TRACING, summary_of, traced

MAX_BATCH: Final = 64
"""How many requests one batch statement serves."""
MAX_MIXED_BATCH: Final = 8
"""How many statements a mixed batch runs, one after the other."""

_log = logging.getLogger("aftersales.database")


def _future() -> asyncio.Future[Sequence[Row] | None]:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, eq=False)
class _Request:
    statement: Statement
    parameters: Mapping[str, Any]
    rows: asyncio.Future[Sequence[Row] | None] = field(default_factory=_future)
    """None if the request must retry alone."""

    def resolve(self, rows: Sequence[Row] | None) -> None:
        if not self.rows.done():  # done already if the caller was cancelled
            self.rows.set_result(rows)

    def fail(self, error: Exception) -> None:
        if not self.rows.done():
            self.rows.set_exception(error)


@dataclass(slots=True, eq=False)
class _Queue:
    """Requests that can share a batch. It exists while any of them is in flight."""

    in_flight: int = 0
    """The number of batches, not of requests."""
    waiting: list[_Request] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


Connect = Callable[[int], AbstractAsyncContextManager[DriverConnection]]
"""Opens a connection for a batch of that many requests."""


class Batcher:
    """Runs statements on connections of its own.

    With ``mixes``, a batch holds different statements; otherwise only those of one text. Where
    tables are distributed nothing is batched: a batch would ask for rows on several machines.
    """

    def __init__(
        self, connect: Connect, *, mixes: bool, distribution: Distribution | None = None
    ) -> None:
        self.connect = connect
        self._distribution = distribution or Distribution()
        self._mixes = mixes
        self._max_batch = MAX_MIXED_BATCH if mixes else MAX_BATCH
        self._queues: dict[Statement | None, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.sizes = Histogram(BATCH_BOUNDS)
        """How many statements went to the database together."""

    def accepts(self, statement: Statement) -> bool:
        """Whether the statement can share a batch."""
        if self._distribution.is_distributed:
            return False
        return self._mixes or isinstance(statement, BatchableStatement)

    async def run(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Row]:
        """The rows of a statement. Raises Overloaded or Unreachable."""
        key = None if self._mixes else statement
        queue = self._queues.get(key)
        if queue is not None:
            request = _Request(statement, parameters)
            self._enqueue(key, queue, request)
            tracer = TRACING.tracer
            if tracer is None:
                rows = await request.rows
            else:  # the statement's own span belongs to the request with which its batch began
                rows = await traced(tracer, f"batched {summary_of(statement.text)}", request.rows)
            return await self._run_alone(statement, parameters) if rows is None else rows
        queue = self._queues[key] = _Queue(in_flight=1)
        try:
            return await self._run_alone(statement, parameters)
        finally:
            self._landed(key, queue)

    async def _run_alone(
        self, statement: Statement, parameters: Mapping[str, Any]
    ) -> Sequence[Row]:
        self.sizes.observe(1)
        async with self.connect(1) as connection:
            return await connection.run(statement, parameters)

    def _enqueue(self, key: Statement | None, queue: _Queue, request: _Request) -> None:
        queue.waiting.append(request)
        if queue.timer is None:
            loop = asyncio.get_running_loop()
            queue.timer = loop.call_later(SLOW_STATEMENT_S, self._start_batch, key, queue)
        elif len(queue.waiting) >= MAX_BATCH:
            self._start_batch(key, queue)

    def _landed(self, key: Statement | None, queue: _Queue) -> None:
        queue.in_flight -= 1
        if queue.waiting:
            self._start_batch(key, queue)
        elif not queue.in_flight:
            del self._queues[key]

    def _start_batch(self, key: Statement | None, queue: _Queue) -> None:
        """Send the requests that have waited longest."""
        if queue.timer is not None:
            queue.timer.cancel()
            queue.timer = None
        limit = self._max_batch
        batch, queue.waiting = queue.waiting[:limit], queue.waiting[limit:]
        if queue.waiting:
            loop = asyncio.get_running_loop()
            queue.timer = loop.call_later(SLOW_STATEMENT_S, self._start_batch, key, queue)
        queue.in_flight += 1
        self.sizes.observe(len(batch))
        task = asyncio.create_task(self._run_batch(key, queue, batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_batch(self, key: Statement | None, queue: _Queue, batch: list[_Request]) -> None:
        try:
            async with self.connect(len(batch)) as connection:
                # A request that was cancelled while it waited must not be carried out.
                batch = [request for request in batch if not request.rows.done()]
                calls = [(request.statement, request.parameters) for request in batch]
                results = await connection.run_batch(calls) if calls else ()
        except (Overloaded, Unreachable) as error:
            for request in batch:
                request.fail(type(error)(*error.args))
        except Exception as error:  # noqa: BLE001 - raised again by the statement that causes it
            _log.warning("a batch failed, its statements run alone: %s", type(error).__name__)
            for request in batch:
                request.resolve(None)
        else:
            for request, rows in zip(batch, results, strict=True):
                request.resolve(rows)
        finally:
            for request in batch:
                request.rows.cancel()  # unresolved only if this task was cancelled
            self._landed(key, queue)
