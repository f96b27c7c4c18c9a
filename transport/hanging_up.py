"""Stopping the work for a client that has hung up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.types import Receive


class WhileConnected:
    """For a block that is cancelled when the client hangs up; it then raises ClientDisconnect.

    The request's body must have been read. A server does not stop a request by itself whose client
    is gone: it only says so to whoever listens.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_gone = False

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - within a coroutine there is one
        self._task, self._cancelling = task, task.cancelling()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass  # an empty end of the body
        self._is_gone = True
        self._task.cancel()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._listening.cancel()
        # If somebody else cancels as well, it is theirs to say what that means.
        if (
            self._is_gone
            and self._task.uncancel() <= self._cancelling
            and kind is asyncio.CancelledError
        ):
            raise ClientDisconnect from error
