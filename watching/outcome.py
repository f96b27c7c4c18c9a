"""How a request ended, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    """A mutation whose payload has refusals: a rule of the desk forbids the change."""
    DENIED = "denied"
    """No valid token, or no permission."""
    INVALID = "invalid"
    """The request, the document or an argument is not valid."""
    OVERLOADED = "overloaded"
    """A queue was full or a time limit was reached."""
    UNAVAILABLE = "unavailable"
    """The database, the store of pictures or the time cannot be relied on."""
    FAILED = "failed"
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

_ERROR: Final = 400


def outcome_of(status: int, code: str | None) -> Outcome:
    """The outcome of an answer with this status and, if it has errors, the code of the first."""
    if code is not None:
        return BY_CODE.get(code, Outcome.INVALID)
    if status < _ERROR:
        return Outcome.OK
    return BY_STATUS.get(status, Outcome.INVALID)
