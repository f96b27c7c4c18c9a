"""The headers of a request, and the id that names it."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Scope

_HEADERS: Final = "aftersales.headers"
_REQUEST_ID: Final = "aftersales.request_id"
_REQUEST_ID_HEADER: Final = b"x-request-id"
_ACCEPTABLE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

# Ids must differ, but need not be secret. `uuid4` would make a system call for each.
_random = random.Random()  # noqa: S311 - see above


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """All headers by lower-case name, read once per request. Repeated headers become a list.

    Starlette's `Headers` searches all of them at each look-up.
    """
    headers: dict[bytes, bytes] | None = scope.get(_HEADERS)
    if headers is None:
        headers = dict(scope["headers"])
        if len(headers) < len(scope["headers"]):
            headers = {
                name: b", ".join(value for other, value in scope["headers"] if other == name)
                for name in headers
            }
        scope[_HEADERS] = headers
    return headers


def header(scope: Scope, name: bytes) -> str:
    """A header by its lower-case name; empty if the request does not have it."""
    return headers_of(scope).get(name, b"").decode("latin-1")


def with_headers(scope: Scope, headers: dict[bytes, bytes]) -> Scope:
    """A copy of the scope with other headers."""
    return {**scope, _HEADERS: headers, "headers": list(headers.items())}


def without_request_id(scope: Scope) -> Scope:
    """A copy of the scope, for one of several operations: each gets an id of its own."""
    return {name: value for name, value in scope.items() if name != _REQUEST_ID}


def request_id_of(scope: Scope) -> str:
    """Return the id that names this request in the logs, in `X-Request-Id` and in `INTERNAL`.

    The client's own id is kept if it is harmless, so that a trace can span services.
    """
    request_id: str | None = scope.get(_REQUEST_ID)
    if request_id is None:
        offered = header(scope, _REQUEST_ID_HEADER)
        request_id = offered if _ACCEPTABLE_REQUEST_ID.fullmatch(offered) else _new_id()
        scope[_REQUEST_ID] = request_id
    return request_id


def request_id_header(scope: Scope) -> tuple[bytes, bytes]:
    """The response header that carries the request id."""
    return _REQUEST_ID_HEADER, request_id_of(scope).encode()


def _new_id() -> str:
    return f"{_random.getrandbits(128):032x}"
