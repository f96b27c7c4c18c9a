"""How a request ended, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Outcome(IntEnum):
    """How a request ended. A number, so that counting finds its place in a list."""

    OK = 0
    REFUSED = 1
    """A mutation whose payload has refusals: a rule of the desk forbids the change."""
    DENIED = 2
    """No valid token, or no permission."""
    INVALID = 3
    """The request, the document or an argument is not valid."""
    OVERLOADED = 4
    """A queue was full or a time limit was reached."""
    UNAVAILABLE = 5
    """The database, the store of pictures or the time cannot be relied on."""
    FAILED = 6
    """A bug."""


BY_CODE: Final[Mapping[str, Outcome]] = {
    "UNAUTHENTICATED": Outcome.DENIED,
    "FORBIDDEN": Outcome.DENIED,
    "DOCUMENT_NOT_TRUSTED": Outcome.DENIED,
    "OVERLOADED": Outcome.OVERLOADED,
    "UNAVAILABLE": Outcome.UNAVAILABLE,
    "INTERNAL": Outcome.FAILED,
}
"""The outcome of an answer by the code of its first error; any other code is of a client's."""

BY_STATUS: Final[Mapping[int, Outcome]] = {
    401: Outcome.DENIED,
    403: Outcome.DENIED,
    500: Outcome.FAILED,
    503: Outcome.UNAVAILABLE,
}
"""The outcome of an answer without a code, such as a picture's."""

ERROR: Final = 400


def outcome_of(status: int, code: str | None) -> Outcome:
    """The outcome of an answer with this status and, if it has errors, the code of the first."""
    if code is not None:
        return BY_CODE.get(code, Outcome.INVALID)
    if status < ERROR:
        return Outcome.OK
    return BY_STATUS.get(status, Outcome.INVALID)
