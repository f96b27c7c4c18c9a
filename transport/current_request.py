"""The id of the request that is being answered, for lines in the log that know nothing of HTTP."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from transport.headers import request_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

# Not the scope: a connection to the database remembers the context in which it was opened.
_ID: Final[ContextVar[str | None]] = ContextVar("aftersales.request_id", default=None)


def begin_request(scope: Scope) -> None:
    """Note the id of the request that the running task answers from here on."""
    _ID.set(request_id_of(scope))


def name_of_request() -> Mapping[str, str]:
    """The id of the request, as `requestId`; empty outside requests."""
    request_id = _ID.get()
    return {} if request_id is None else {"requestId": request_id}
