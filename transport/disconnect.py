"""Cancels the work for a client that has disconnected."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.types import Receive


class CancelledOnDisconnect:
    """A block that is cancelled when the client disconnects; it then raises ClientDisconnect.

    The request's body must have been read. An ASGI server does not cancel the request of a client
    that has disconnected: it only tells an application that calls ``receive``.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_disconnected = False

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - within a coroutine there is one
        self._task, self._cancelling_before = task, task.cancelling()
        self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass  # an empty end of the body
        self._is_disconnected = True
        self._task.cancel()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._listener.cancel()
        # If the task was cancelled for another reason too, the CancelledError must go on.
        if (
            self._is_disconnected
            and self._task.uncancel() <= self._cancelling_before
            and kind is asyncio.CancelledError
        ):
            raise ClientDisconnect from error
